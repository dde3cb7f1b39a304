"""From high data to low chunks: one for each call of a state function (behaviours STA-02, STA-05, STA-10)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Chunk = dict[str, Any]
"""`state`, `fun`, `name`, `__id__`, `__sls__`, `__env__`, `order`, and the state's arguments."""

_LAST = 1_000_000
_WORDS = ("first", "last")


class _Worded(NamedTuple):
    """An order that is a word, and how far behind it one of several names comes."""

    word: str
    behind: float = 0


def tag_of(chunk: Mapping[str, Any]) -> str:
    """The key of a chunk's result."""
    return f"{chunk['state']}_|-{chunk['__id__']}_|-{chunk['name']}_|-{chunk['fun']}"


def chunks_of(states: Mapping[Any, Any]) -> list[Chunk]:
    """The chunks of high data that has no errors, as they are written. `order` is a number in each."""
    found = [chunk for name, body in states.items() if not name.startswith("__") for chunk in _chunks_of_id(name, body)]
    _number(found)
    return found


def settle_watches(chunks: Iterable[Chunk], can_watch: Callable[[str], bool]) -> None:
    """Where the state module of a chunk has nothing to do when a watched state changes, `watch` becomes `require`."""
    for chunk in chunks:
        for watch, require in (("watch", "require"), ("watch_any", "require_any")):
            if watch in chunk and not can_watch(chunk["state"]):
                chunk[require] = [*chunk.get(require, ()), *chunk.pop(watch)]


def rank_of(chunk: Chunk) -> tuple[float, str]:
    """What chunks are sorted by: `order`, and those of one order by module, name and function."""
    return chunk["order"], f"{chunk['state']}{chunk['name']}{chunk['fun']}"


def _chunks_of_id(name: str, body: Mapping[str, Any]) -> Iterator[Chunk]:
    about = {key: value for key, value in body.items() if key.startswith("__")}
    for module, arguments in body.items():
        if module.startswith("_"):
            continue
        chunk: Chunk = {"state": module, "name": name, "__sls__": None, "__env__": "base", **about, "__id__": name}
        names: list[Any] = []
        for argument in arguments:
            if isinstance(argument, str):
                chunk["fun"] = argument
            elif isinstance(argument, Mapping):
                names += argument.get("names", ())
                chunk.update({key: value for key, value in argument.items() if key not in ("names", "state")})
        if not isinstance(chunk["name"], str):
            chunk["name"] = name
        yield from _named(chunk, _distinct(names)) if names else [chunk]


def _distinct(names: Iterable[Any]) -> Iterator[Any]:
    """The entries of `names` without those that say the same once more."""
    seen: set[Any] = set()
    for entry in names:
        if not isinstance(entry, Hashable):
            yield entry
        elif entry not in seen:
            seen.add(entry)
            yield entry


def _named(chunk: Chunk, names: Iterable[Any]) -> Iterable[Chunk]:
    """A chunk for each of `names`, of those of one name the last; an entry may bring arguments, but no function."""
    found: dict[str, Chunk] = {}
    for place, entry in enumerate(names, 1):
        own: dict[str, Any] = {}
        name = entry
        if isinstance(entry, Mapping):
            name, more = next(iter(entry.items()))
            for argument in more or ():
                own.update(argument if isinstance(argument, Mapping) else {})
        copy = {**chunk, "name": name, **own, "fun": chunk.get("fun")}
        if isinstance(copy.get("order"), int):
            copy["order"] = copy["order"] + place / 10_000
        elif isinstance(copy.get("order"), str):
            copy["order"] = _Worded(copy["order"], place / 10_000)
        found[tag_of(copy)] = copy
    return found.values()


def asked_orders(chunks: Sequence[Chunk]) -> list[float]:
    """The orders of chunks as they were asked for: one from the end is below 0, as it was written."""
    end = _cap(chunk["order"] for chunk in chunks if chunk["order"] < _LAST) + _LAST
    return [chunk["order"] - end if end > chunk["order"] >= _LAST else chunk["order"] for chunk in chunks]


def _number(chunks: list[Chunk]) -> None:
    """Turn `first`, `last` and negative orders into numbers among the others."""
    cap = _cap(chunk.get("order") for chunk in chunks)
    for chunk in chunks:
        order = chunk.get("order", cap)
        if order in _WORDS:
            order = _Worded(order)
        if isinstance(order, _Worded):
            chunk["order"] = {"last": cap + _LAST, "first": 0}.get(order.word, cap) + order.behind
        elif not isinstance(order, int | float):
            chunk["order"] = cap
        else:
            chunk["order"] = cap + _LAST + order if order < 0 else order


def _cap(orders: Iterable[Any]) -> int:
    """A number behind the orders that count from the beginning. As in Salt, broken numbers have no say in it."""
    cap = 1
    for order in orders:
        if isinstance(order, int) and order > max(cap - 1, 0):
            cap = order + 100
    return cap
