"""What a check found, and what to do about it."""

from __future__ import annotations

from typing import NamedTuple

GOOD, WARNING, BAD = "good", "warning", "bad"


class Finding(NamedTuple):
    """`area` is what was looked at (`clock`, `disk`, ...); `advice` is empty where all is well."""

    area: str
    state: str
    text: str
    advice: str = ""


def good(area: str, text: str) -> Finding:
    return Finding(area, GOOD, text)


def warning(area: str, text: str, advice: str) -> Finding:
    return Finding(area, WARNING, text, advice)


def bad(area: str, text: str, advice: str) -> Finding:
    return Finding(area, BAD, text, advice)
