"""Mail aliases in `/etc/aliases`, or the file that the option `aliases.file` names (aliases(5))."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from saltern.plugin_api import Functions, SaltInvocationError, process
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions

_LINE = re.compile(r"^([^:#\s][^:#]*):([^#]*)(#.*)?$")


def list_aliases() -> dict[str, str]:
    """The aliases of the file, each with its targets.

    CLI Example::

        saltern run '*' aliases.list_aliases
    """
    return {alias: target for alias, target, _ in _lines() if alias}


def get_target(alias: str) -> str:
    """The targets of an alias; empty where there is none.

    CLI Example::

        saltern run '*' aliases.get_target root
    """
    return list_aliases().get(alias, "")


def has_target(alias: str, target: str | Sequence[str]) -> bool:
    """Whether an alias has these targets, and no others.

    CLI Example::

        saltern run '*' aliases.has_target root me@example.com
    """
    return get_target(alias) == _text(target)


def set_target(alias: str, target: str | Sequence[str]) -> bool:
    """Give an alias these targets and no others.

    CLI Example::

        saltern run '*' aliases.set_target root me@example.com
    """
    if alias == "":
        raise SaltInvocationError("alias can not be an empty string")
    text = _text(target)
    if get_target(alias) == text:
        return True
    lines = _lines()
    kept = [(one, text if one == alias else was, behind) for one, was, behind in lines]
    _write(kept if any(one == alias for one, _, _ in lines) else [*lines, (alias, text, "")])
    return True


def rm_alias(alias: str) -> bool:
    """Take an alias out of the file.

    CLI Example::

        saltern run '*' aliases.rm_alias webmaster
    """
    lines = _lines()
    kept = [line for line in lines if line[0] != alias]
    if kept != lines:
        _write(kept)
    return True


def _text(target: str | Sequence[str]) -> str:
    text = target if isinstance(target, str) else ", ".join(target)
    if text == "":
        raise SaltInvocationError("target can not be an empty string")
    return text


def _place() -> Path:
    return Path(str(__salt__["config.option"]("aliases.file", default="/etc/aliases")))


def _lines() -> list[tuple[str, str, str]]:
    """The lines of the file: alias, targets, comment; a line of another kind whole in the third place."""
    found: list[tuple[str, str, str]] = []
    for line in read_whole(_place()).splitlines():
        match = _LINE.match(line)
        if match:
            found.append((match[1].strip(), match[2].strip(), match[3] or ""))
        elif line[:1] in (" ", "\t") and line.strip() and found and found[-1][0]:
            # a line that goes on
            alias, target, behind = found[-1]
            found[-1] = (alias, f"{target.rstrip(', ')}, {line.strip()}".lstrip(", "), behind)
        else:
            found.append(("", "", line))
    return found


def _write(lines: Sequence[tuple[str, str, str]]) -> None:
    text = ""
    for alias, target, behind in lines:
        line = f"{alias}: {target}{' ' if behind else ''}{behind}" if alias else behind
        text += f"{line}\n"
    write_whole(_place(), text)
    if process.find_program("newaliases"):
        __salt__["cmd.run_all"](["newaliases"], python_shell=False, ignore_retcode=True)
