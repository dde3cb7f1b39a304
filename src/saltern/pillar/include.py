"""The include declaration of a pillar SLS file (behaviour PIL-03).

::

    include:
      - web
      - .common
      - users:
          key: access:users
          defaults:
            shell: /bin/sh
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from saltern.render.sls_names import SlsFile


class Include(NamedTuple):
    """An SLS file that is wanted: under which key its data goes, and the variables of its template."""

    name: str
    key: str = ""
    defaults: Mapping[str, Any] = {}
    place: str = ""
    """Where it is wanted, for errors."""


def includes_of(declaration: list[Any], file: SlsFile) -> Iterator[tuple[int, Include]]:
    """What a file includes, by absolute names, and its place in the list; an item that names nothing is left out."""
    for at, item in enumerate(declaration):
        if isinstance(item, Mapping):
            name, options = next(iter(item.items()), ("", None))
        else:
            name, options = item, None
        if not isinstance(name, str) or not name:
            continue
        told = options if isinstance(options, Mapping) else {}
        defaults = told.get("defaults")
        include = Include(
            absolute(name, file), str(told.get("key") or ""), defaults if isinstance(defaults, Mapping) else {}
        )
        yield at, include


def absolute(name: str, file: SlsFile) -> str:
    """The name without its leading dots: one dot is the directory of the file, each further one that above.

    A name that leads out of the tree stays as it is, and is found nowhere.
    """
    levels = len(name) - len(name.lstrip("."))
    package = file.package
    if not levels or levels - 1 > len(package):
        return name
    return ".".join([*package[: len(package) - (levels - 1)], name.lstrip(".")])
