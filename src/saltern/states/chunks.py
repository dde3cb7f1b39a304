"""From high data to low chunks: one for each call of a state function (behaviours STA-02, STA-05, STA-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from saltern.states.requisites import NOT_SHARED, references

Chunk = dict[str, Any]
"""`state`, `fun`, `name`, `__id__`, `__sls__`, `__env__`, `order`, and the state's arguments."""

_LAST = 1_000_000


def tag_of(chunk: Mapping[str, Any]) -> str:
    """The key of a chunk's result."""
    return f"{chunk['state']}_|-{chunk['__id__']}_|-{chunk['name']}_|-{chunk['fun']}"


def chunks_of(states: Mapping[Any, Any]) -> list[Chunk]:
    """The chunks of high data that has no errors, by `order`, those of one order by module, name and function."""
    found = [chunk for name, body in states.items() for chunk in _chunks_of_id(name, body)]
    _use(found)
    _number(found)
    return sorted(found, key=lambda one: (one["order"], f"{one['state']}{one['name']}{one['fun']}"))


def _chunks_of_id(name: str, body: Mapping[str, Any]) -> Iterator[Chunk]:
    about = {key: value for key, value in body.items() if key.startswith("__")}
    for module, arguments in body.items():
        if module.startswith("__"):
            continue
        chunk: Chunk = {"state": module, "name": name, "__sls__": None, "__env__": "base", **about, "__id__": name}
        names: list[Any] = []
        for argument in arguments:
            if isinstance(argument, str):
                chunk["fun"] = argument
            elif isinstance(argument, Mapping):
                names += argument.get("names", ())
                chunk.update({key: value for key, value in argument.items() if key != "names"})
        yield from _named(chunk, names) if names else [chunk]


def _named(chunk: Chunk, names: list[Any]) -> Iterator[Chunk]:
    """A chunk for each of `names`; an entry may bring arguments of its own."""
    for place, entry in enumerate(names, 1):
        own: dict[str, Any] = {}
        name = entry
        if isinstance(entry, Mapping):
            name, more = next(iter(entry.items()))
            for argument in more or ():
                own.update(argument if isinstance(argument, Mapping) else {"fun": argument})
        copy = {**chunk, **own, "name": name}
        if isinstance(copy.get("order"), int):
            copy["order"] = copy["order"] + place / 10_000
        yield copy


def _number(chunks: list[Chunk]) -> None:
    """Turn `first`, `last` and negative orders into numbers among the others."""
    cap = 1
    for chunk in chunks:
        order = chunk.get("order")
        if isinstance(order, int | float) and not isinstance(order, bool) and order > cap - 1:
            cap = int(order) + 100
    for chunk in chunks:
        order = chunk.get("order", cap)
        if order == "last":
            chunk["order"] = cap + _LAST
        elif order == "first":
            chunk["order"] = 0
        elif not isinstance(order, int | float) or isinstance(order, bool):
            chunk["order"] = cap
        else:
            chunk["order"] = cap + _LAST + order if order < 0 else order


def _use(chunks: list[Chunk]) -> None:
    """`use`: take over the arguments of another state that are not set here."""
    for chunk in chunks:
        for module, name in references(chunk.get("use") or ()):
            for other in chunks:
                if other is not chunk and other["state"] == module and name in (other["__id__"], other["name"]):
                    for key, value in other.items():
                        if key not in NOT_SHARED and not key.startswith("__"):
                            chunk.setdefault(key, value)
