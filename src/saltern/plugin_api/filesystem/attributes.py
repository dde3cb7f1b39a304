"""The attributes of files on Linux file systems, by the programs `lsattr` and `chattr`."""

from __future__ import annotations

import os
from collections.abc import Sequence

from saltern.plugin_api import process
from saltern.plugin_api.errors import SaltInvocationError

_KNOWN = frozenset("aAcCdDeijPsStTu")
_CHANGEABLE = frozenset("aAcCdDijPsStTu")


def listed(path: str) -> dict[str, list[str]]:
    """The attributes of a file, or of the files in a directory; empty where the file system has none."""
    if not os.path.exists(path):
        raise SaltInvocationError(f"File or directory does not exist: {path}")
    program = process.find_program("lsattr")
    if program is None:
        return {}
    done = process.run([program, path])
    found = {}
    for line in process.text_of(done.stdout).splitlines():
        letters, _, name = line.partition(" ")
        if name and not line.startswith("lsattr"):
            found[name] = [letter for letter in letters if letter in _KNOWN]
    return found


def of_file(path: str) -> str | None:
    """The letters of one file's attributes; None where the file system has none."""
    program = process.find_program("lsattr")
    if program is None:
        return None
    done = process.run([program, "-d", path])
    if done.retcode:
        return None
    letters = process.text_of(done.stdout).partition(" ")[0]
    return "".join(letter for letter in letters if letter in _KNOWN)


def change(
    files: Sequence[str], operator: str | None, attributes: str | None, version: str | None, flags: Sequence[str]
) -> bool:
    """Add or remove attributes; False where `chattr` fails or is not there."""
    if operator not in ("add", "remove"):
        raise SaltInvocationError("Need an operator: 'add' or 'remove' to modify attributes.")
    if not attributes:
        raise SaltInvocationError(f"Need attributes: [{''.join(sorted(_CHANGEABLE))}]")
    program = process.find_program("chattr")
    if program is None:
        return False
    argv = [program]
    attributes = str(attributes).strip("+-")
    argv += [f"-{flag}" for flag in flags]
    if version is not None:
        argv += ["-v", str(version)]
    argv += [f"{'+' if operator == 'add' else '-'}{attributes}", "--", *files]
    return process.run(argv).retcode == 0
