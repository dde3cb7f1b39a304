"""A function's value as MessagePack, whatever it holds.

MessagePack as every reader of a return understands it: nil, booleans, 64-bit integers, floats, text, bytes, lists and
maps. All else becomes one of these:

=====================================================  ==================================================
tuples, sets, ranges, views of dictionaries             lists (sets sorted where they can be)
subclasses of dict, str, int, …; members of an enum     their plain form; their value
dates, times, durations, decimals, UUIDs, paths, …      their text (`str`)
integers beyond 64 bits                                 their digits as text
text with lone surrogates (undecodable file names)      text with U+FFFD in their place
keys that are not text, numbers, bytes, booleans, nil   their text
any other object, and a container inside itself         its `repr`
=====================================================  ==================================================

The last three lose something, and so are told of as warnings.
"""

from __future__ import annotations

import itertools
import struct

import msgspec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

_PIECE_BYTES = 1 << 20
_SMALL_WEIGHT = 1 << 18
_RUN = 256
"""Items that are encoded at a time when a container is too large to be encoded at once."""
_MAX_DEPTH = 100
_LEAVES = frozenset({bool, float, type(None), bytes})
_LEAST, _MOST = -(1 << 63), (1 << 64) - 1
_CONTAINERS = (dict, list, tuple, set, frozenset)
_SCALARS = (int, float, str, bytes)
_TEXT_MODULES = frozenset({"datetime", "decimal", "uuid", "pathlib", "ipaddress", "fractions"})
_encoder = msgspec.msgpack.Encoder()


def encode(value: Any, warn: Callable[[str], None] | None = None) -> bytes:
    """The value as MessagePack; `warn` is told, at most once each, what could not be kept as it was."""
    return _encoder.encode(plain(value, warn))


def write(value: Any, file: BinaryIO, warn: Callable[[str], None] | None = None) -> int:
    """Write the value as MessagePack piece by piece, so that the whole is never in memory twice; the bytes written."""
    return sum(file.write(piece) for piece in pieces(plain(value, warn)))


def plain(value: Any, warn: Callable[[str], None] | None = None) -> Any:
    """The value with everything replaced that MessagePack has no form for; the very value where nothing has to be."""
    told: set[str] = set()

    def warn_once(text: str) -> None:
        if warn is not None and text not in told:
            told.add(text)
            warn(text)

    return _Plain(warn_once).of(value)


def pieces(value: Any) -> Iterator[bytes]:
    """MessagePack of a plain value in pieces of bounded size."""
    if _weight(value, _SMALL_WEIGHT) <= _SMALL_WEIGHT:
        yield _encoder.encode(value)
    elif isinstance(value, dict):
        yield _header(len(value), 0x80, 0xDE)
        yield from _pairs(value)
    elif isinstance(value, list):
        yield _header(len(value), 0x90, 0xDC)
        yield from _items(value)
    elif isinstance(value, str):
        yield from _long_text(value)
    else:
        yield struct.pack(">BI", 0xC6, len(value))
        for start in range(0, len(value), _PIECE_BYTES):
            yield value[start : start + _PIECE_BYTES]


def _items(value: list[Any]) -> Iterator[bytes]:
    for start in range(0, len(value), _RUN):
        run = value[start : start + _RUN]
        if _weight(run, _SMALL_WEIGHT) <= _SMALL_WEIGHT:
            yield _without_header(run)
        else:
            for item in run:
                yield from pieces(item)


def _pairs(value: dict[Any, Any]) -> Iterator[bytes]:
    rest = iter(value.items())
    while run := dict(itertools.islice(rest, _RUN)):
        if _weight(run, _SMALL_WEIGHT) <= _SMALL_WEIGHT:
            yield _without_header(run)
        else:
            for key, item in run.items():
                yield _encoder.encode(key)
                yield from pieces(item)


def _without_header(run: Any) -> bytes:
    return _encoder.encode(run)[len(_header(len(run), 0, 0)) :]


def _header(size: int, fixed: int, sixteen: int) -> bytes:
    """The first bytes of a map or list; format: MessagePack's fixmap/map16/map32 and fixarray/array16/array32."""
    if size < 16:
        return bytes((fixed | size,))
    return struct.pack(">BH", sixteen, size) if size < 1 << 16 else struct.pack(">BI", sixteen + 1, size)


def _long_text(text: str) -> Iterator[bytes]:
    size = len(text) if text.isascii() else sum(map(len, _encoded_parts(text)))
    yield struct.pack(">BI", 0xDB, size)
    yield from _encoded_parts(text)


def _encoded_parts(text: str) -> Iterator[bytes]:
    return (text[start : start + _PIECE_BYTES].encode() for start in range(0, len(text), _PIECE_BYTES))


def _weight(value: Any, limit: int) -> int:
    """About how many bytes the value takes, counted no further than `limit`."""
    kind = type(value)
    if kind is str or kind is bytes:
        return len(value) + 5
    if kind is dict:
        items: Any = (part for pair in value.items() for part in pair)
    elif kind is list:
        items = value
    else:
        return 9
    total = 5
    for item in items:
        total += _weight(item, limit - total)
        if total > limit:
            break
    return total


class _Plain:
    """One walk over a value. Containers are copied only from where something in them changes."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._above: set[int] = set()

    def of(self, value: Any) -> Any:
        kind = type(value)
        if kind is str:
            return value if value.isascii() else self._text(value)
        if kind in _LEAVES:
            return value
        if kind is int:
            return value if _LEAST <= value <= _MOST else str(value)
        if isinstance(value, _CONTAINERS):
            return self._container(value)
        return self._other(value)

    def _container(self, value: Any) -> Any:
        if id(value) in self._above or len(self._above) >= _MAX_DEPTH:
            return self._represented(value, "holds itself or is nested too deep")
        self._above.add(id(value))
        try:
            return self._map(value) if isinstance(value, dict) else self._list(value)
        finally:
            self._above.discard(id(value))

    def _map(self, value: dict[Any, Any]) -> dict[Any, Any]:
        copied: dict[Any, Any] = {}
        changed = type(value) is not dict
        for key, item in value.items():
            new_key, new_item = self._key(key), self.of(item)
            changed = changed or new_key is not key or new_item is not item
            copied[new_key] = new_item
        return copied if changed else value

    def _list(self, value: Any) -> list[Any]:
        items = _sorted(value) if isinstance(value, set | frozenset) else value
        copied = [self.of(item) for item in items]
        same = type(value) is list and all(new is old for new, old in zip(copied, value, strict=True))
        return value if same else copied

    def _key(self, key: Any) -> Any:
        if type(key) is str and key.isascii():
            return key
        return self.of(key) if key is None or isinstance(key, _SCALARS) else str(key)

    def _text(self, text: str) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            self._warn("text that is not Unicode was changed: a lone surrogate is now U+FFFD")
            return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        return text

    def _other(self, value: Any) -> Any:
        if isinstance(value, _SCALARS):
            return self.of(_base_form(value))
        if hasattr(type(value), "__members__"):
            return self.of(value.value)
        if isinstance(value, bytearray | memoryview):
            return bytes(value)
        if hasattr(type(value), "keys") and hasattr(type(value), "__getitem__"):
            return self._container({key: value[key] for key in value.keys()})  # noqa: SIM118  (any kind of mapping)
        if type(value).__module__.partition(".")[0] in _TEXT_MODULES:
            return self._text(str(value))
        if type(value).__name__ in ("dict_keys", "dict_values", "dict_items", "range", "deque"):
            return self._container(list(value))
        return self._represented(value, "has no form in a return")

    def _represented(self, value: Any, why: str) -> str:
        self._warn(f"a value of type {type(value).__name__} {why} and is given as text")
        try:
            return self._text(repr(value))
        except Exception as error:  # an object's own fault: the boundary to a plugin's classes
            return f"<{type(value).__name__} whose repr raised {type(error).__name__}>"


def _base_form(value: Any) -> Any:
    """A value of a subclass (an enum member too) as its built-in base."""
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    return str.__str__(value) if isinstance(value, str) else bytes(memoryview(value))


def _sorted(items: Any) -> list[Any]:
    try:
        return sorted(items)
    except TypeError:
        return list(items)
