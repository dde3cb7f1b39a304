"""The tree that Augeas makes of configuration files, through its C library (Debian: libaugeas0)."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from saltern.plugin_api.errors import CommandExecutionError

_LIBRARY = "libaugeas.so.0"
_NO_LOAD, _NO_MODULES = 1 << 5, 1 << 6
_SIGNATURES: dict[str, tuple[Any, Sequence[Any]]] = {
    "aug_init": (ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)),
    "aug_close": (None, (ctypes.c_void_p,)),
    "aug_load": (ctypes.c_int, (ctypes.c_void_p,)),
    "aug_load_file": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p)),
    "aug_save": (ctypes.c_int, (ctypes.c_void_p,)),
    "aug_transform": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int)),
    "aug_get": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p))),
    "aug_set": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)),
    "aug_setm": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p)),
    "aug_rm": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p)),
    "aug_mv": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)),
    "aug_insert": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int)),
    "aug_match": (
        ctypes.c_int,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p))),
    ),
}


class AugeasError(Exception):
    """What Augeas refused, in a sentence."""


@functools.cache
def library() -> ctypes.CDLL | None:
    """Augeas's library with the types of its functions; None where it is not installed."""
    try:
        found = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


class Tree:
    """The files below `root` as one tree, whose paths begin with `/files`.

    With `lens` that lens alone reads the one file `file`. Else the files are read in which the nodes `paths` lie, and
    where that cannot be told every file that Augeas knows. `load_path` holds more directories with lenses, with colons
    between them. Raises `CommandExecutionError` without the library.
    """

    def __init__(
        self,
        load_path: str | None = None,
        *,
        root: str = "/",
        lens: str = "",
        file: str = "",
        paths: Sequence[str] = (),
    ) -> None:
        found = library()
        if found is None:
            raise CommandExecutionError(f"Augeas is not installed: there is no {_LIBRARY}")
        self._c = found
        flags = _NO_LOAD | (_NO_MODULES if lens else 0)
        self._handle = found.aug_init(root.encode(), load_path.encode() if load_path else None, flags)
        if not self._handle:
            raise CommandExecutionError("Augeas cannot be started")
        if lens:
            found.aug_transform(self._handle, lens.encode(), file.encode(), 0)
        files = [] if lens else [_file_at(path, root) for path in paths]
        if files and all(files):
            for one in dict.fromkeys(files):
                found.aug_load_file(self._handle, one.encode())
        else:
            found.aug_load(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._c.aug_close(self._handle)

    def get(self, path: str) -> str | None:
        """The value of a node; None for one that has none, and where not exactly one is meant."""
        value = ctypes.c_char_p()
        self._c.aug_get(self._handle, path.encode(), ctypes.byref(value))
        return None if value.value is None else value.value.decode(errors="replace")

    def match(self, path: str) -> list[str]:
        """The paths of the nodes that an expression means, in the order of the file."""
        found = ctypes.POINTER(ctypes.c_void_p)()
        count = self._c.aug_match(self._handle, path.encode(), ctypes.byref(found))
        if count < 0:
            raise AugeasError("Error during match procedure!")
        libc = ctypes.CDLL(None)
        libc.free.argtypes = (ctypes.c_void_p,)
        paths = []
        for index in range(count):
            paths.append(ctypes.string_at(found[index] or 0).decode(errors="replace"))
            libc.free(found[index])
        libc.free(ctypes.cast(found, ctypes.c_void_p))
        return paths

    def set(self, path: str, value: str | None) -> None:
        if self._c.aug_set(self._handle, path.encode(), _bytes(value)) < 0:
            raise AugeasError("Unable to set value to path!")

    def set_many(self, base: str, below: str, value: str | None) -> None:
        """Set a node below each that `base` means."""
        if self._c.aug_setm(self._handle, base.encode(), below.encode(), _bytes(value)) < 0:
            raise AugeasError("Unable to set value to path!")

    def move(self, source: str, target: str) -> None:
        if self._c.aug_mv(self._handle, source.encode(), target.encode()) < 0:
            raise AugeasError("Unable to move src to dst!")

    def insert(self, label: str, place: str, *, before: bool) -> None:
        """Make an empty node beside another."""
        if self._c.aug_insert(self._handle, place.encode(), label.encode(), int(before)) < 0:
            raise AugeasError("Unable to insert label!")

    def remove(self, path: str) -> int:
        """Remove nodes with all below them; how many, or -1 for an expression that is none."""
        return int(self._c.aug_rm(self._handle, path.encode()))

    def save(self) -> None:
        """Write the files that changed."""
        if self._c.aug_save(self._handle) < 0:
            raise AugeasError("\n".join(["Unable to save to file!", *self._refused()]))

    def saved(self) -> list[str]:
        """The files that were written."""
        return [str(self.get(path)).removeprefix("/files") for path in self.match("/augeas/events/saved")]

    def _refused(self) -> list[str]:
        """The files that could not be written, with the reason that Augeas tells."""
        places = [path.removesuffix("/error") for path in self.match("/augeas//error[message][. = 'put_failed']")]
        return [f"{one.removeprefix('/augeas/files')}: {self.get(f'{one}/error/message')}" for one in places]


def children(tree: Tree, path: str) -> list[str]:
    """The paths of the nodes right below one."""
    return tree.match(f"{path.rstrip('/')}/*")


def _file_at(path: str, root: str) -> str:
    """The file that a node lies in; empty where no file is there."""
    place = PurePosixPath(path.removeprefix("/files")) if path.startswith("/files/") else PurePosixPath("/")
    found = (one for one in (place, *place.parents) if Path(root, str(one).lstrip("/")).is_file())
    return str(next(found, ""))


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else value.encode()
