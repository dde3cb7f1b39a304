"""Run something inside a directory as root: the argument vector for it, and the file systems that it finds there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from saltern.plugin_api import process
from saltern.plugin_api.errors import CommandExecutionError

_FILESYSTEMS = ("/dev", "/proc", "/sys")
_CD = 'cd -- "$1" && shift && exec "$@"'


def argv_inside(
    root: str,
    words: Sequence[str],
    shell: str,
    cwd: str | None = None,
    user: str | None = None,
    group: str | None = None,
) -> list[str]:
    """The argument vector that runs `words` inside `root`. All names are of the inside."""
    who = [f"--userspec={user or ''}:{group or ''}"] if user or group else []
    within = [shell, "-c", _CD, shell, cwd, *words] if cwd else words
    return ["chroot", *who, root, *within]


def shell_inside(root: str, wanted: str | None) -> str:
    """The wanted shell, or that of this process if there is such a one inside `root`, or `/bin/sh`."""
    if wanted:
        return wanted
    usual = os.environ.get("SHELL") or "/bin/sh"
    return usual if os.path.lexists(root.rstrip("/") + usual) else "/bin/sh"


@contextlib.contextmanager
def mounted(root: str, binds: Iterable[str]) -> Iterator[None]:
    """Bind the kernel's file systems and `binds` into `root`, unless they are there, and take them away again."""
    done: list[str] = []
    try:
        for source in (*_FILESYSTEMS, *binds):
            target = Path(root, source.lstrip("/"))
            if target.is_mount() or Path(root).samefile("/"):
                continue
            target.mkdir(parents=True, exist_ok=True)
            _run("mount", "--bind", source, str(target))
            done.append(str(target))
        yield
    finally:
        for place in reversed(done):
            _run("umount", "--lazy", place)


def _run(*argv: str) -> None:
    done = process.run(argv)
    if done.retcode:
        raise CommandExecutionError(f"{' '.join(argv)}: {process.text_of(done.stderr, strip=True)}")
