"""What may be done with paths."""

from __future__ import annotations

import os


def is_writeable(path: str, check_parent: bool = False) -> bool:
    """Whether a path can be written; with `check_parent` also whether it could be made."""
    if os.path.exists(path):
        return os.access(path, os.W_OK)
    return check_parent and os.access(os.path.dirname(path) or ".", os.W_OK)


def is_readable(path: str) -> bool:
    return os.access(path, os.R_OK)


def is_executable(path: str) -> bool:
    return os.access(path, os.X_OK)
