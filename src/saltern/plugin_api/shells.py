"""What is known of shells and script languages: which are for logins, and which version a program is of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from saltern.plugin_api import process
from saltern.plugin_api.errors import CommandExecutionError

# How a program says its version: its arguments, and the pattern in what it prints.
_VERSIONS = {
    "bash": (("--version",), r"version (\d\S*?)(?:\(|\s)"),
    "fish": (("--version",), r"version (\d\S*)"),
    "ksh": (("-c", "echo ${.sh.version}"), r"(\d\S*)"),
    "lua": (("-v",), r"Lua (\d\S*)"),
    "node": (("--version",), r"v(\d\S*)"),
    "perl": (("-v",), r"\(v(\d[^)]*)\)"),
    "php": (("-v",), r"PHP (\d\S*)"),
    "python": (("--version",), r"Python (\d\S*)"),
    "python3": (("--version",), r"Python (\d\S*)"),
    "ruby": (("--version",), r"ruby (\d\S*?)(?:p|\s)"),
    "tcsh": (("--version",), r"tcsh (\d\S*)"),
    "zsh": (("--version",), r"zsh (\d\S*)"),
}
_SECONDS = 10.0


def login_shells() -> list[str]:
    """The paths in `/etc/shells`; `CommandExecutionError` when it cannot be read."""
    try:
        text = Path("/etc/shells").read_text(encoding="utf-8")
    except OSError as error:
        raise CommandExecutionError(f"The list of shells cannot be read: {error}") from error
    return [line for line in map(str.strip, text.splitlines()) if line.startswith("/")]


def describe(shell: str) -> dict[str, Any]:
    """`installed`, `path`, `version`, its parts and `version_raw`; `error` and `installed` None when not known."""
    path = process.find_program(shell) if shell else None
    name = Path(shell).name
    if name not in _VERSIONS:
        return {"installed": None, "error": f"Salt does not know how to get the version number for {shell}"}
    if path is None:
        return {"installed": False}
    version = _version(path, *_VERSIONS[name])
    if version is None:
        return {"installed": None, "path": path, "error": f"The version of {shell} cannot be found"}
    return {"installed": True, "path": path, "version": version, "version_raw": version, **_parts(version)}


def _version(path: str, arguments: tuple[str, ...], pattern: str) -> str | None:
    done = process.run([path, *arguments], timeout=_SECONDS, merge_stderr=True)
    found = re.search(pattern, process.text_of(done.stdout) + "\n")
    return found[1] if found else None


def _parts(version: str) -> dict[str, int]:
    numbers = map(int, re.findall(r"\d+", version)[:3])
    return dict(zip(("version_major", "version_minor", "version_patch"), numbers, strict=False))
