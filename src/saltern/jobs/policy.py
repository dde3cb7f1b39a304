"""Which functions leave no trace in the job cache."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

NOISE = ("saltutil.find_job", "mine.update")
"""Functions that machinery calls by itself and often: by default never stored."""


def is_noise(fun: str | Sequence[str], patterns: Sequence[str] = NOISE) -> bool:
    """True when a job of this function (or of these, all of them) is not to be stored. `patterns` are globs."""
    names = [fun] if isinstance(fun, str) else list(fun)
    return bool(names) and all(any(fnmatchcase(name, pattern) for pattern in patterns) for name in names)
