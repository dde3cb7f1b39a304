"""Trees below configured roots (`file_roots`, `pillar_roots`) on the master's disk: list, find, read and write.

No path leads out of a root, neither by `..` nor by a link.
"""

from __future__ import annotations

import os
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    Roots = Mapping[str, Sequence[str]]

_TEXT_PROBE = 1024


def find(roots: Roots, path: str, saltenv: str) -> list[dict[str, str]]:
    """The files of this path, one a root: its place to `txt` or `bin`."""
    return [{str(place): "txt" if _is_text(place) else "bin"} for place in _places(roots, path, saltenv)]


def read(roots: Roots, path: str, saltenv: str) -> list[dict[str, str]]:
    """The contents of the text files of this path, one a root; those of other files are left out."""
    texts = [place for place in _places(roots, path, saltenv) if _is_text(place)]
    return [{str(place): place.read_text(encoding="utf-8", errors="replace")} for place in texts]


def list_env(roots: Roots, saltenv: str) -> dict[str, Any]:
    """The roots of an environment, each with its tree: names to `f`, or to the tree of a directory."""
    return {str(root): _tree(Path(root)) for root in roots.get(saltenv, ())}


def list_roots(roots: Roots) -> dict[str, list[dict[str, Any]]]:
    """All environments, each with its roots and their trees."""
    return {env: [{str(root): _tree(Path(root))} for root in paths] for env, paths in roots.items()}


def write(roots: Roots, data: str, path: str, saltenv: str, index: int) -> str:
    """Write a file below the root number `index` of an environment; what was done, or why not."""
    if saltenv not in roots:
        return f"Named environment {saltenv} is not present"
    if not 0 <= index < len(roots[saltenv]):
        return f"Specified index {index} in environment {saltenv} is not present"
    if os.path.isabs(path):  # noqa: PTH117
        return f"The path passed in {path} is not relative to the environment {saltenv}"
    place = _within(Path(roots[saltenv][index]), path)
    if place is None:
        return f"Invalid path: {path}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(data, encoding="utf-8")
    return f"Wrote data to file {place}"


def _places(roots: Roots, path: str, saltenv: str) -> list[Path]:
    found = (_within(Path(root), path) for root in roots.get(saltenv, ()))
    return [place for place in found if place is not None and place.is_file()]


def _within(root: Path, path: str) -> Path | None:
    """The place below the root; None where the path, or a link on its way, leads out of it."""
    place = root / path
    inside = place.resolve().is_relative_to(root.resolve())
    return place if inside and not os.path.isabs(path) and ".." not in Path(path).parts else None  # noqa: PTH117


def _is_text(place: Path) -> bool:
    with place.open("rb") as file:
        return b"\0" not in file.read(_TEXT_PROBE)


def _tree(directory: Path) -> dict[str, Any]:
    if not directory.is_dir():
        return {}
    found: dict[str, Any] = {}
    for entry in sorted(directory.iterdir()):
        found[entry.name] = _tree(entry) if entry.is_dir() and not entry.is_symlink() else "f"
    return found
