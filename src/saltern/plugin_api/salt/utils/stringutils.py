"""Texts and bytes."""

from __future__ import annotations

import difflib
import random as _random
import re
import string
import unicodedata
from collections.abc import Iterable
from typing import Any

from saltern.plugin_api.jinja.filters.text import (
    check_whitelist_blacklist,
    contains_whitespace,
    human_to_bytes,
    to_bytes,
    to_camelcase,
    to_num,
    to_snake_case,
)
from saltern.plugin_api.jinja.filters.values import is_hex

camel_to_snake_case = to_snake_case
snake_to_camel_case = to_camelcase

__all__ = [
    "build_whitespace_split_regex", "camel_to_snake_case", "check_include_exclude", "check_whitelist_blacklist",
    "contains_whitespace", "dequote", "expr_match", "get_context", "get_diff", "human_to_bytes", "is_binary", "is_hex",
    "is_quoted", "random", "snake_to_camel_case", "to_bytes", "to_none", "to_num", "to_str", "to_unicode",
]  # fmt: skip


def to_unicode(s: Any, encoding: str | None = None, errors: str = "strict", normalize: bool = False) -> str:
    """Text of text or bytes; with `normalize` in Unicode's form NFC."""
    if isinstance(s, bytes | bytearray):
        s = bytes(s).decode(encoding or "utf-8", errors)
    if not isinstance(s, str):
        raise TypeError(f"expected str, bytes, or bytearray not {type(s)}")
    return unicodedata.normalize("NFC", s) if normalize else s


to_str = to_unicode


def to_none(text: Any) -> Any:
    """None for an empty text, else the text."""
    return text if str(text).strip() else None


def is_quoted(value: str) -> str:
    """The quote that a text stands in, or an empty text."""
    return value[0] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else ""


def dequote(value: str) -> str:
    return value[1:-1] if is_quoted(value) else value


def is_binary(data: str | bytes) -> bool:
    """Whether data has a zero byte, or more than three in ten bytes that text does not have."""
    if not data:
        return False
    raw = to_bytes(data, errors="surrogateescape")
    text = bytes(range(32, 127)) + b"\n\r\t\f\b"
    return 0 in raw or len(raw.translate(None, text)) / len(raw) > 0.3


def random(size: int = 32) -> str:
    """Letters and digits, for names and not for secrets."""
    return "".join(_random.choice(string.ascii_letters + string.digits) for _ in range(size))


def expr_match(line: str, expr: str) -> bool:
    """Whether a glob or a regular expression (from the start to the end) fits a text."""
    return check_whitelist_blacklist(line, whitelist=[expr])


def check_include_exclude(path_str: str, include_pat: str | None = None, exclude_pat: str | None = None) -> bool:
    """Whether a path is wanted: a pattern is a glob, or with `E@` in front a regular expression."""
    if include_pat and not _fits(path_str, include_pat):
        return False
    return not (exclude_pat and _fits(path_str, exclude_pat))


def _fits(path: str, pattern: str) -> bool:
    import fnmatch

    if pattern.startswith("E@"):
        return re.search(pattern[2:], path) is not None
    return fnmatch.fnmatch(path, pattern)


def build_whitespace_split_regex(text: str) -> str:
    """A regular expression for a text in which any white space may stand between its words."""
    words = [re.escape(word) for word in text.split()]
    gap = r"(?:[\s]+)?"
    return f"(?m)^{gap}{gap.join(words)}{gap}$"


def get_diff(a: str | Iterable[str], b: str | Iterable[str], *args: Any, **kwargs: Any) -> str:
    """A unified diff of two texts or lists of lines."""
    return "".join(difflib.unified_diff(_lines(a), _lines(b), *args, **kwargs))


def _lines(text: str | Iterable[str]) -> list[str]:
    return text.splitlines(keepends=True) if isinstance(text, str) else list(text)


def get_context(template: str, line: int, num_lines: int = 5, marker: str | None = None) -> str:
    """The lines of a text around one of them, which the marker ends."""
    lines = template.splitlines()
    if line > len(lines):
        return template
    shown = [f"{text}{marker or ''}" if number == line else text for number, text in enumerate(lines, 1)]
    first, last = max(0, line - num_lines - 1), line + num_lines
    before, after = (["[...]"] if first else []), (["[...]"] if last < len(lines) else [])
    return "\n".join(["---", *before, *shown[first:last], *after, "---"])
