"""What comes before what in a run (behaviour STA-10)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from saltern.states.chunks import Chunk, asked_orders, rank_of
from saltern.states.graph import Links

_BY_WEIGHT = (
    "onfail", "onfail_any", "onfail_all", "require", "require_any", "onchanges", "onchanges_any", "watch", "watch_any",
    "prereq",
)  # fmt: skip
"""Requisites that draw forward what they name. In Salt a lighter one does not where a heavier one already has."""

_WEIGHTS = {word: weight for weight, word in enumerate(_BY_WEIGHT)}


class Plan:
    """The steps of a run. A step is the place of a chunk, which runs then, or, behind those, its trial.

    A chunk that another one names in `prereq` is tried before that one runs, and runs after it.
    """

    def __init__(self, links: Links) -> None:
        self._links = links
        self.size = len(links)
        self.needs: list[set[int]] = [set() for _ in range(2 * self.size)]
        self.prerequiring: dict[int, list[int]] = {}
        for place, found in enumerate(links):
            for one in found.get("prereq", ()):
                self.prerequiring.setdefault(one, []).append(place)
        for place, found in enumerate(links):
            tried = {self.trial_of(one) for one in found.get("prereq", ())}
            needed = {one for word, places in found.items() if word in _WEIGHTS and word != "prereq" for one in places}
            self.needs[place] = needed | tried | {*self.prerequiring.get(place, ())}
            if place in self.prerequiring:
                self.needs[self.trial_of(place)] = needed | tried

    def trial_of(self, place: int) -> int:
        return place + self.size

    def is_trial(self, step: int) -> bool:
        return step >= self.size

    def place_of(self, step: int) -> int:
        return step - self.size if step >= self.size else step

    def as_they_stand(self) -> list[int]:
        """The steps of chunks that are in the order of a run already: each trial comes where it is first needed."""
        steps: list[int] = []
        tried: set[int] = set()
        for place in range(self.size):
            for one in sorted(self._links[place].get("prereq", ())):
                steps += self._trials(one, tried)
            steps.append(place)
        return steps

    def _trials(self, place: int, tried: set[int]) -> list[int]:
        """The trial of a chunk, behind those of the chunks that it names in `prereq` itself."""
        if place in tried:
            return []
        tried.add(place)
        before = [step for one in sorted(self._links[place].get("prereq", ())) for step in self._trials(one, tried)]
        return [*before, self.trial_of(place)]

    def arranged(self, chunks: Sequence[Chunk]) -> tuple[list[int], bool]:
        """The steps of chunks as they are written, brought into the order of the run; and whether that is all of them.

        Each step comes behind what it needs, and among those that are free the one with the lowest order is next.
        What a state needs counts by that state's order where its own is higher. The work is linear, but for the sort.
        """
        ranks = {place: rank for rank, place in enumerate(sorted(range(self.size), key=lambda p: rank_of(chunks[p])))}
        orders = self._effective_orders(chunks)
        left = [len(found) for found in self.needs]
        needed_by = self._needed_by()
        free = [(orders[step], ranks[self.place_of(step)], step) for step in self._all_steps() if not left[step]]
        heapq.heapify(free)
        steps = []
        while free:
            step = heapq.heappop(free)[2]
            steps.append(step)
            for other in needed_by[step]:
                left[other] -= 1
                if not left[other]:
                    heapq.heappush(free, (orders[other], ranks[self.place_of(other)], other))
        total = self.size + len(self.prerequiring)
        return steps, len(steps) == total

    def _all_steps(self) -> list[int]:
        return [*range(self.size), *(self.trial_of(place) for place in self.prerequiring)]

    def _needed_by(self) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in self.needs]
        for step in self._all_steps():
            for needed in self.needs[step]:
                found[needed].append(step)
        return found

    def _effective_orders(self, chunks: Sequence[Chunk]) -> list[float]:
        """The order that each step counts by. A requisite lighter than one that came before it changes nothing."""
        orders = [float(chunk["order"]) for chunk in chunks] * 2
        asked = asked_orders(chunks)
        heaviest = [-1] * len(orders)
        for step, word, needed in self._drawing():
            if _WEIGHTS[word] >= heaviest[needed]:
                heaviest[needed] = _WEIGHTS[word]
                orders[needed] = min(orders[needed], asked[step])
        return orders

    def _drawing(self) -> Iterator[tuple[int, str, int]]:
        """The requisites that draw a step forward: the place of the chunk that has it, its word, and the step."""
        for place, found in enumerate(self._links):
            for word, places in found.items():
                if word == "prereq":
                    for one in places:
                        yield place, word, self.trial_of(one)
                        yield one, "require", place
                elif word in _WEIGHTS:
                    yield from ((place, word, one) for one in places)
