"""The order of a run: which chunks a requisite means, and what comes before what (behaviours REQ-01, STA-10)."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

from saltern.states.chunks import Chunk
from saltern.states.requisites import FORWARD, references

Links = list[dict[str, list[int]]]
"""For each chunk its requisites, as the places of the chunks that they mean."""


class Lookup:
    """Finds chunks by what requisites say of them. A name without wildcards is found without looking at all chunks."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._named: dict[tuple[str, str], list[int]] = {}
        self._of_sls: dict[str, list[int]] = {}
        for place, chunk in enumerate(chunks):
            for name in dict.fromkeys((str(chunk["__id__"]), str(chunk["name"]))):
                self._named.setdefault((chunk["state"], name), []).append(place)
            self._named.setdefault(("", str(chunk["__id__"])), []).append(place)
            for sls in (chunk["__sls__"], *chunk.get("__sls_included_from__", ())):
                self._of_sls.setdefault(str(sls), []).append(place)

    def find(self, module: str, name: Any) -> list[int]:
        """The places of the chunks that `module: name` means; `sls: name` means all chunks of that file."""
        text = str(name)
        table: Mapping[Any, list[int]] = self._of_sls if module == "sls" else self._named
        exact = table.get(text if module == "sls" else ("" if module == "id" else module, text))
        if exact is not None or not any(mark in text for mark in "*?["):
            return exact or []
        if module == "sls":
            keys: list[Any] = [key for key in self._of_sls if fnmatch.fnmatchcase(key, text)]
        else:
            keys = [key for key in self._named if key[0] == module and fnmatch.fnmatchcase(key[1], text)]
        return sorted({place for key in keys for place in table[key]})


def link(chunks: Sequence[Chunk]) -> tuple[Links, list[str]]:
    """The requisites of all chunks, and those that mean nothing."""
    lookup = Lookup(chunks)
    links: Links = []
    errors = []
    for place, chunk in enumerate(chunks):
        found: dict[str, list[int]] = {}
        for word in FORWARD:
            for module, name in references(chunk.get(word) or ()):
                places = [one for one in lookup.find(module, name) if one != place]
                if places:
                    known = found.setdefault(word, [])
                    known += [one for one in places if one not in known]
                elif not lookup.find(module, name):
                    shown = f"{module or 'id'}: {name}"
                    errors.append(
                        f"Referenced state does not exist for requisite [{word}: ({shown})] in state"
                        f" [{chunk['__id__']}] in SLS [{chunk['__sls__']}]"
                    )
        links.append(found)
    return links, errors


def before(links: Links) -> list[set[int]]:
    """For each chunk those that must have run before it: its requisites, and those that have it as `prereq`."""
    needs: list[set[int]] = [set() for _ in links]
    for place, found in enumerate(links):
        for word, places in found.items():
            if word == "prereq":
                for one in places:
                    needs[one].add(place)
            elif word not in ("listen", "use"):
                needs[place].update(places)
    return needs


def arranged(needs: Sequence[set[int]]) -> tuple[list[int], list[int]]:
    """The places in the order of the run, each behind what it needs and else as they stand; and a circle, if any.

    What a chunk needs is drawn forward to just before it. The work is linear in chunks and requisites.
    """
    state = [0] * len(needs)  # 0: not seen, 1: on the way, 2: done
    order: list[int] = []
    for start in range(len(needs)):
        stack = [(start, iter(sorted(needs[start])))] if state[start] == 0 else []
        if stack:
            state[start] = 1
        while stack:
            place, waiting = stack[-1]
            following = next(waiting, None)
            if following is None:
                stack.pop()
                state[place] = 2
                order.append(place)
            elif state[following] == 1:
                way = [one for one, _ in stack]
                return order, way[way.index(following) :]
            elif state[following] == 0:
                state[following] = 1
                stack.append((following, iter(sorted(needs[following]))))
    return order, []
