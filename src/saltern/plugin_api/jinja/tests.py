"""Tests: what may stand after `is`."""

from __future__ import annotations

import re
from typing import Any


def match(text: Any, pattern: str, ignorecase: bool = False, multiline: bool = False) -> bool:
    """Whether a text begins with what a regular expression describes."""
    flags = (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)
    return re.match(pattern, text, flags) is not None


TESTS = {"match": match, "equalto": lambda one, other: one == other, "list": lambda value: isinstance(value, list)}
