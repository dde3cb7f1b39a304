"""Which chunks the requisites of a chunk mean (behaviour REQ-01)."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from saltern.states.chunks import Chunk
from saltern.states.faults import Fault, Likely, Spot
from saltern.states.requisites import FORWARD, references

Links = list[dict[str, list[int]]]
"""For each chunk its requisites, as the places of the chunks that they mean."""


class Lookup:
    """Finds chunks by what requisites say of them. A name without wildcards is found without looking at all chunks."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks
        self._named: dict[tuple[str, str], list[int]] = {}
        self._of_sls: dict[str, list[int]] = {}
        self._likely = Likely()
        for place, chunk in enumerate(chunks):
            for name in dict.fromkeys((str(chunk["__id__"]), str(chunk["name"]))):
                self._named.setdefault((chunk["state"], name), []).append(place)
                self._named.setdefault(("", name), []).append(place)
            for sls in (chunk["__sls__"], *chunk.get("__sls_included_from__", ())):
                self._of_sls.setdefault(str(sls), []).append(place)

    def find(self, module: str, name: Any) -> list[int]:
        """The places of the chunks that `module: name` means; `sls: name` means all chunks of that file.

        `id`, or no module at all, means states of any module.
        """
        text = str(name)
        if module == "sls":
            return self._found(self._of_sls, text, [text], lambda key: bool(fnmatch.fnmatchcase(key, text)))
        kind = "" if module == "id" else module
        return self._found(
            self._named, text, [(kind, text)], lambda key: bool(key[0] == kind and fnmatch.fnmatchcase(key[1], text))
        )

    def hint(self, module: str, name: str) -> str:
        """What may have been meant by a reference that finds nothing."""
        if module == "sls":
            likely = self._likely.question(name, self._of_sls, "sls")
            return likely or "Include the SLS file: only one that takes part can be required."
        others = self._named.get(("", name))
        if others:
            return f"That is a state of another module: write '{self._chunks[others[0]]['state']}: {name}'."
        kind = "" if module == "id" else module
        close = self._likely.question(name, (known for other, known in self._named if other == kind), kind)
        return close or "A requisite names the id or name of a state; include the SLS file that holds it."

    def _found(
        self, table: Mapping[Any, list[int]], text: str, exact: list[Any], matches: Callable[[Any], bool]
    ) -> list[int]:
        keys = exact if exact[0] in table or not any(mark in text for mark in "*?[") else [*filter(matches, table)]
        return sorted({place for key in keys for place in table.get(key, ())})


def link(chunks: Sequence[Chunk], *, without: AbstractSet[str] = frozenset()) -> tuple[Links, list[str]]:
    """The requisites of all chunks but those of the words `without`, and of each chunk the first that means nothing.

    Who listens to what is not there learns it at the end of the run, and `use` takes what there is.
    """
    lookup = Lookup(chunks)
    links: Links = []
    words = [word for word in FORWARD if word not in without]
    errors: list[str] = []
    for chunk in chunks:
        found: dict[str, dict[int, None]] = {}
        missing = ""
        for word in words:
            if not chunk.get(word):
                continue
            for module, name in _each_once(references(chunk[word])):
                places = lookup.find(module, name) if isinstance(name, str) else []
                if places:
                    found.setdefault(word, {}).update(dict.fromkeys(places))
                elif word not in ("listen", "use"):
                    missing = missing or _nothing_meant(lookup, word, module, name, chunk)
        errors += [missing] if missing else []
        links.append({word: [*places] for word, places in found.items()})
    return links, errors


def _each_once(wanted: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """References without those that stand there twice, as a requisite in reverse writes them."""
    seen: set[tuple[str, str]] = set()
    for module, name in wanted:
        if not isinstance(name, str) or (module, name) not in seen:
            yield module, name
        if isinstance(name, str):
            seen.add((module, name))


def _nothing_meant(lookup: Lookup, word: str, module: str, name: Any, chunk: Chunk) -> Fault:
    spot = spot_of(chunk, word)
    if not isinstance(name, str):
        told = (
            f"Requisite [{word}: {module}] in state [{chunk['name']}] in SLS [{chunk['__sls__']}] must have a string as"
            " the value"
        )
        return Fault(told, spot, "Put the name in quotes.")
    told = (
        f"Referenced state does not exist for requisite [{word}: ({module or 'id'}: {name})] in state"
        f" [{chunk['name']}] in SLS [{chunk['__sls__']}]"
    )
    return Fault(told, spot, lookup.hint(module, name))


def spot_of(chunk: Chunk, *way: Any) -> Spot:
    """Where a chunk stands, or something of it."""
    return Spot(str(chunk["__sls__"]), str(chunk["__env__"]), (chunk["__id__"], chunk["state"], *way))
