"""What needs what in a run, as a graph: for telling circles, and for drawing (behaviours STA-20, REQ-14)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from saltern.states.chunks import Chunk, tag_of
from saltern.states.graph import Links
from saltern.states.plan import Plan

_WORDS = (
    "require", "require_any", "watch", "watch_any", "prereq", "onfail", "onfail_any", "onfail_all", "onchanges",
    "onchanges_any",
)  # fmt: skip
"""The requisites in the order in which Salt looks at them."""
_TRIAL = "__prereq_test__"


class Need(NamedTuple):
    """A step (`Plan`) that comes behind another one by the requisite `word`."""

    step: int
    word: str
    needed: int


class Needs:
    """The needs of all steps, of each step those of others in the order in which Salt comes upon them."""

    def __init__(self, plan: Plan, links: Links) -> None:
        self._plan = plan
        self.trials: list[int] = []
        self._of: dict[int, dict[int, list[str]]] = {}
        self._seen: dict[int, list[Need]] = {}
        """Of chunks that have been looked at what they need, for a trial that comes later."""
        for place in range(plan.size):
            for word in _WORDS:
                for needed in links[place].get(word, ()):
                    if word == "prereq":
                        self._add_trial(place, needed)
                    else:
                        self._add_need(Need(place, word, needed))

    def _add_need(self, need: Need) -> None:
        trial = self._plan.trial_of(need.step)
        if trial in self.trials:
            self._add(need._replace(step=trial))
        self._seen.setdefault(need.step, []).append(need)
        self._add(need)

    def _add_trial(self, place: int, tried: int) -> None:
        """That a chunk comes behind the trial of another one, and that one behind it."""
        trial = self._plan.trial_of(tried)
        if trial not in self.trials:
            self.trials.append(trial)
            for need in self._seen.get(tried, ()):
                self._add(need._replace(step=trial))
        self._add(Need(place, "prereq", trial))
        if self._plan.trial_of(place) in self.trials:
            self._add(Need(self._plan.trial_of(place), "prereq", trial))
        self._add(Need(tried, "require", place))

    def _add(self, need: Need) -> None:
        words = self._of.setdefault(need.needed, {}).setdefault(need.step, [])
        if need.word not in words:
            words.append(need.word)

    def __iter__(self) -> Iterator[Need]:
        for needed in self._steps():
            for step, words in self._of.get(needed, {}).items():
                yield from (Need(step, word, needed) for word in words)

    def _steps(self) -> list[int]:
        return [*range(self._plan.size), *self.trials]

    def circle(self) -> list[Need]:
        """The circle that is come upon first when needs are followed from what is needed; empty where there is none."""
        over: set[int] = set()
        for start in self._steps():
            if start not in over:
                found = self._circle_from(start, over)
                if found:
                    return found
        return []

    def _circle_from(self, start: int, over: set[int]) -> list[Need]:
        way, at = [start], {start: 0}
        following = [iter(self._of.get(start, {}))]
        while way:
            step = next(following[-1], None)
            if step is None:
                following.pop()
                left = way.pop()
                del at[left]
                over.add(left)
            elif step in at:
                circle = [*way[at[step] :], step]
                return [self._need(one, after) for one, after in itertools.pairwise(circle)]
            elif step not in over:
                at[step] = len(way)
                way.append(step)
                following.append(iter(self._of.get(step, {})))
        return []

    def _need(self, needed: int, step: int) -> Need:
        return Need(step, self._of[needed][step][0], needed)


def drawn(chunks: Sequence[Chunk], needs: Needs, plan: Plan) -> str:
    """The graph in the language of Graphviz: an arrow leads from what is needed to what needs it."""

    def name(step: int) -> str:
        tag = tag_of(chunks[plan.place_of(step)])
        return f"{tag}_|-{_TRIAL}" if plan.is_trial(step) else tag

    nodes = [
        f'  "{_quoted(name(step))}" [label="{_label(chunks[plan.place_of(step)])}"];'
        for step in [*range(plan.size), *needs.trials]
    ]
    arrows = [
        f'  "{_quoted(name(need.needed))}" -> "{_quoted(name(need.step))}" [label="{need.word}"];' for need in needs
    ]
    return "\n".join(["digraph G {", *nodes, *arrows, "}"])


def _label(chunk: Chunk) -> str:
    parts = [f"{chunk['state']}.{chunk['fun']}", str(chunk["__id__"])]
    if chunk["name"] != chunk["__id__"]:
        parts.append(f"({chunk['name']})")
    return "\\n".join(_quoted(part) for part in parts)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
