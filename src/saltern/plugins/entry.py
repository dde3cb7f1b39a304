"""One file that may be a plugin, and what its source says of it without being run."""

from __future__ import annotations

import msgspec


class PluginFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A plugin's file.

    `stem` is its file name without suffix, `path` the file to execute (`__init__.py` of a package), `names` the module
    names that it may answer to, `computed` whether it may answer to others too, and `instant` the functions that it
    says are safe to run in the resident process.
    """

    stem: str
    path: str
    package: bool = False
    names: tuple[str, ...] = ()
    computed: bool = False
    instant: tuple[str, ...] = ()
