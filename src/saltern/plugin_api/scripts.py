"""A script as a file that can be run."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from saltern.plugin_api import command, process

_STARTS = (b"#!", b"\x7fE")
"""Of what the kernel runs by itself: a line that names the interpreter, and ELF."""


def interpreter(content: bytes, shell: str | None) -> list[str]:
    """The words in front of a script's path: a script that does not name its interpreter is one of the shell."""
    return [] if content[:2] in _STARTS else [command.shell_program(shell)]


@contextlib.contextmanager
def script_file(content: bytes, options: command.Options, suffix: str = "", *, keep: bool = False) -> Iterator[str]:
    """The content in a file that only the one who runs it may read; in `cwd` if there is one, for a `/tmp` that forbids
    programs. It is removed afterwards, unless it is to be kept for a command in the background."""
    identity = process.identity_of(options.runas, options.group)
    directory = command.directory_of(options, identity) if options.cwd else None
    handle, path = tempfile.mkstemp(prefix="__salt.tmp.", suffix=suffix, dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(handle, 0o500)
            if identity and os.geteuid() == 0:
                os.fchown(handle, identity.uid, identity.gid)
        yield path
    finally:
        if not keep:
            Path(path).unlink(missing_ok=True)
