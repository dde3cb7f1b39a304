"""Which texts may be a path in a tree of files, or the name of an environment."""

from __future__ import annotations

_LONGEST = 4096


def is_inside(path: str) -> bool:
    """Whether a relative path stays where it starts: no `..`, no root, no NUL, no backslash."""
    if not path or len(path) > _LONGEST or path.startswith("/") or "\0" in path or "\\" in path:
        return False
    return not {"..", ".", ""} & set(path.split("/"))


def is_environment(name: str) -> bool:
    """Whether a name can be one directory, which `__env__` in a root is replaced by."""
    return is_inside(name) and "/" not in name


def is_below(path: str, prefix: str) -> bool:
    """Whether a path lies below a directory; all do below an empty one."""
    return not prefix or path.startswith(prefix.rstrip("/") + "/")


def parents(path: str) -> set[str]:
    """The directories above a path."""
    parts = path.split("/")
    return {"/".join(parts[:count]) for count in range(1, len(parts))}
