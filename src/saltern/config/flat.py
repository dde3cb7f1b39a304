"""Reads the simplest configuration files without a YAML library, whose import costs more than a whole command should.

A flat file holds comments and `key: value` lines, nothing else, and its values are plain words, texts in quotes without
escapes, decimal numbers or `True` and `False`. For such a file the answer equals YAML's; for any other file there is
none, and the caller reads it as YAML. The rules are stricter than YAML's plain scalars: whatever YAML 1.1 might read as
something else than it looks like (`0123`, `1_000`, `12:30`, `~`, `1.5`) is left to YAML.
"""

from __future__ import annotations

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_DIGITS = frozenset("0123456789")
_QUOTES = ('"', "'")
_KEY = _LETTERS | _DIGITS | frozenset("-.")
_VALUE = _KEY | frozenset("/:+=,@%")
_TRUE = frozenset(f(word) for word in ("true", "yes", "on") for f in (str.lower, str.title, str.upper))
_FALSE = frozenset(f(word) for word in ("false", "no", "off") for f in (str.lower, str.title, str.upper))
_RESOLVED = _TRUE | _FALSE | {"null", "Null", "NULL"}


def read_flat(path: str) -> dict[str, str | int | bool] | None:
    """The keys and values of a flat file, or None when the file is anything else; `OSError` when it cannot be read."""
    with open(path, "rb") as file:  # noqa: PTH123  (pathlib costs several ms to import)
        data = file.read()
    return parse_flat(data.decode("ascii")) if data.isascii() else None


def parse_flat(text: str) -> dict[str, str | int | bool] | None:
    """The keys and values of a flat text, or None."""
    found: dict[str, str | int | bool] = {}
    for line in text.split("\n"):
        if _is_comment(line):
            continue
        entry = _entry(line)
        if entry is None or entry[0] in found:
            return None
        found[entry[0]] = entry[1]
    return found


def _is_comment(line: str) -> bool:
    stripped = line.lstrip(" ")
    return not stripped or (stripped[0] == "#" and stripped.isprintable())


def _entry(line: str) -> tuple[str, str | int | bool] | None:
    key, colon, rest = line.partition(": ")
    text, comment_mark, comment = rest.strip(" ").partition(" #")
    text = text.rstrip(" ")
    if not colon or not _is_key(key) or (comment_mark and not comment.isprintable()):
        return None
    value = _value(text)
    return None if value is None else (key, value)


def _is_key(text: str) -> bool:
    return bool(text) and text[0] in _LETTERS and _KEY.issuperset(text) and text not in _RESOLVED


def _value(text: str) -> str | int | bool | None:
    if text[:1] in _QUOTES:
        return _unquoted(text)
    if not text or not _VALUE.issuperset(text) or text[-1] == ":":
        return None
    if text in _RESOLVED:
        return None if text not in _TRUE | _FALSE else text in _TRUE
    if _DIGITS.issuperset(text):
        return int(text) if text == "0" or text[0] != "0" else None
    if text[0] in _LETTERS or text[0] == "/" or _starts_with_ipv4(text):
        return text
    return None


def _unquoted(text: str) -> str | None:
    quote, inner = text[0], text[1:-1]
    plain = len(text) > 1 and text[-1] == quote and inner.isprintable() and quote not in inner and "\\" not in inner
    return inner if plain else None


def _starts_with_ipv4(text: str) -> bool:
    """Whether it is `127.0.0.1` or `127.0.0.1:4510`, neither of which YAML takes for a number or a time."""
    parts = text.partition(":")[0].split(".")
    return len(parts) == 4 and all(part and _DIGITS.issuperset(part) for part in parts)
