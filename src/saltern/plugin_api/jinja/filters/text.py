"""Texts: quoting, regular expressions, numbers in them, other ways of writing names."""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Iterable
from typing import Any


def regex_search(text: str, pattern: str, ignorecase: bool = False, multiline: bool = False) -> tuple[Any, ...] | None:
    """The groups of the first place that matches (all of it, when there are no groups), or None."""
    return _groups(re.search(pattern, text, _flags(ignorecase, multiline)))


def regex_match(text: str, pattern: str, ignorecase: bool = False, multiline: bool = False) -> tuple[Any, ...] | None:
    """As `regex_search`, at the beginning of the text alone."""
    return _groups(re.match(pattern, text, _flags(ignorecase, multiline)))


def regex_replace(text: str, pattern: str, new: str, ignorecase: bool = False, multiline: bool = False) -> str:
    return re.sub(pattern, new, text, flags=_flags(ignorecase, multiline))


def _flags(ignorecase: bool, multiline: bool) -> int:
    return (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)


def _groups(found: re.Match[str] | None) -> tuple[Any, ...] | None:
    return None if found is None else found.groups() or (found.group(),)


def contains_whitespace(text: str) -> bool:
    return any(character.isspace() for character in text)


def substring_in_list(text: str, texts: Iterable[str]) -> bool:
    """Whether one of the texts contains this one."""
    return any(text in other for other in texts)


def check_whitelist_blacklist(value: Any, whitelist: Any = None, blacklist: Any = None) -> bool:
    """Whether a value may pass: no expression of the blacklist fits it, and one of the whitelist does, if there is one.

    An expression is a glob or a regular expression for the whole.
    """
    if blacklist and any(_fits(value, expression) for expression in _listed(blacklist, "blacklist")):
        return False
    return not whitelist or any(_fits(value, expression) for expression in _listed(whitelist, "whitelist"))


def _listed(given: Any, name: str) -> list[str]:
    if isinstance(given, str):
        return given.split(",")
    if not isinstance(given, Iterable):
        raise TypeError(f"Expecting iterable {name}, but got {type(given).__name__} ({given})")
    return list(given)


def _fits(value: Any, expression: Any) -> bool:
    if not isinstance(value, str) or not isinstance(expression, str):
        return False
    if fnmatch.fnmatchcase(value, expression):
        return True
    try:
        return re.fullmatch(expression, value) is not None
    except re.error:
        return False


def to_bytes(text: Any, encoding: str | None = None, errors: str = "strict") -> bytes:
    if isinstance(text, str):
        return text.encode(encoding or "utf-8", errors)
    if isinstance(text, bytes | bytearray):
        return bytes(text)
    raise TypeError(f"expected str, bytes, or bytearray not {type(text)}")


def bytes_within(value: Any) -> Any:
    """The value with every text in it, keys too, as UTF-8."""
    if isinstance(value, dict):
        return {bytes_within(key): bytes_within(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [bytes_within(item) for item in value]
    return value.encode() if isinstance(value, str) else value


def to_num(text: Any) -> Any:
    """A whole number or a float, where the text is one; else the text."""
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def to_snake_case(text: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=.)(?=[A-Z][a-z])", "_", text).lower()


def to_camelcase(text: str, uppercamel: bool = False) -> str:
    first, *others = text.split("_")
    return "".join([first.capitalize() if uppercamel else first, *(word.capitalize() for word in others)])


_SIZE = re.compile(r"\s*([0-9]*\.?[0-9]+|[0-9]+\.)\s*([a-zA-Z]*)\s*")
_POWERS = "bkmgtpezy"


def human_to_bytes(size: Any, default_unit: str = "B", handle_metric: bool = False) -> int:
    """The bytes that a size such as `32 GB` means; 0 for what is no size.

    Units are powers of 1024; with `handle_metric`, KB, MB, ... (but not K or KiB) are powers of 1000.
    """
    found = _SIZE.fullmatch(str(size))
    if found is None:
        return 0
    unit = (found[2] or default_unit).lower()
    if not re.fullmatch(rf"[{_POWERS}]|[{_POWERS[1:]}]i?b", unit):
        return 0
    base = 1000 if handle_metric and len(unit) == 2 else 1024
    return int(float(found[1]) * base ** _POWERS.index(unit[0]))


FILTERS = {
    "quote": shlex.quote,
    "regex_search": regex_search,
    "regex_match": regex_match,
    "regex_replace": regex_replace,
    "regex_escape": lambda text: re.escape(text),
    "contains_whitespace": contains_whitespace,
    "substring_in_list": substring_in_list,
    "check_whitelist_blacklist": check_whitelist_blacklist,
    "to_bytes": to_bytes,
    "json_decode_list": bytes_within,
    "json_decode_dict": bytes_within,
    "json_encode_list": bytes_within,
    "json_encode_dict": bytes_within,
    "to_num": to_num,
    "str_to_num": to_num,
    "to_snake_case": to_snake_case,
    "to_camelcase": to_camelcase,
    "human_to_bytes": human_to_bytes,
}
