"""Requirements files where pip can read them: those of the file tree are brought here, with what they name."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.types import Functions

_NAMED = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]\s*(\S+)", re.MULTILINE)


class MissingFile(CommandExecutionError):
    """The file tree has no such requirements file."""


@contextmanager
def on_this_host(salt: Functions, requirements: Any, saltenv: str, user: str | None) -> Iterator[list[str]]:
    """The paths of requirements files (a list, or a text in which commas part them) for as long as they are used.

    Raises `MissingFile` where the tree has no such file.
    """
    if isinstance(requirements, str):
        requirements = [one.strip() for one in requirements.split(",")]
    given = [str(one) for one in requirements or ()]
    if not any("://" in one for one in given):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="requirements-"))
    try:
        paths = [_brought(salt, one, saltenv, folder) if "://" in one else one for one in given]
        if user:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, user)
        yield paths
    finally:
        shutil.rmtree(folder)


def _brought(salt: Functions, url: str, saltenv: str, folder: Path) -> str:
    """A file of the tree below `folder`, at its place in the tree, so that relative names in it hold."""
    parts = urlsplit(url)
    copy = folder / parts.netloc / parts.path.lstrip("/")
    if copy.exists():
        return str(copy)
    cached = salt["cp.cache_file"](url, saltenv)
    if not cached:
        raise MissingFile(f"pip requirements file '{url}' not found")
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(cached, copy)
    for name in _NAMED.findall(copy.read_text(encoding="utf-8")):
        if "://" not in name and not name.startswith("/"):
            _brought(salt, _beside(url, name), saltenv, folder)
    return str(copy)


def _beside(url: str, name: str) -> str:
    import posixpath

    scheme, _, path = url.partition("://")
    return f"{scheme}://{posixpath.normpath(posixpath.join(posixpath.dirname(path), name))}"
