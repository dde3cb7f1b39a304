"""The Saltfile: defaults of options, for each of Salt's programs (behaviour CFG-08).

Which file it is, `saltern.cli.options` knows. What the command line says wins.
"""

# ruff: noqa: PTH110, PTH116  (pathlib costs several ms to import)

from __future__ import annotations

import os
import sys

from saltern.errors import ConfigError, UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_OTHER_NAMES = {
    "auth_timeout": "timeout",
    "grains_run": "grains",
    "key_logfile": "log_file",
    "log_level_logfile": "log_file_level",
    "print_metadata": "metadata",
    "selected_output_option": "output",
}
"""Names that Salt's own parsers give to options, where they are not the flag's."""
_OTHERS_MAY_WRITE = 0o022


def default_words(path: str, program: str, flags: Mapping[str, bool], *, named: bool) -> list[str]:
    """What the Saltfile at `path` says for a program, as words of its command line.

    `named`: somebody asked for this file. `flags` tells of each flag of the command whether it takes a value.
    `ConfigError` names file and line of what cannot be used.
    """
    if named and not os.path.exists(path):
        raise UserError(f"'{path}' file does not exist.", hint="It was named as the Saltfile.")
    if not named and not _is_ours(path):
        # Whoever may write it would choose where this user's plugins come from.
        _note(f"{path} is not read: it belongs to someone else, or others may write it; --saltfile names it")
        return []
    return [word for name, setting in _section(path, program).items() for word in _words(name, setting, flags)]


def _is_ours(path: str) -> bool:
    found = os.stat(path)
    return found.st_uid in (0, os.geteuid()) and not found.st_mode & _OTHERS_MAY_WRITE


def _section(path: str, program: str) -> dict[str, Any]:
    """The options of one program: name to (value, `FILE:LINE:COLUMN`)."""
    from pathlib import Path

    from saltern.config.read import read_sections

    return read_sections(Path(path)).get(program, {})


def _words(name: str, setting: Any, flags: Mapping[str, bool]) -> list[str]:
    flag = "--" + _OTHER_NAMES.get(name, name).replace("_", "-")
    if flag not in flags:
        flag = flag.replace("-", "_").replace("__", "--", 1)
    value, where = setting.value, setting.origin
    if flag not in flags:
        raise ConfigError(f"{where}: there is no option {name}", hint=_near(name, flags))
    if not flags[flag]:
        if not isinstance(value, bool):
            raise ConfigError(f"{where}: {name} is true or false, not {value!r}")
        return [flag] * value
    if isinstance(value, dict):
        import json

        value = json.dumps(value)
    return [f"{flag}={one}" for one in (value if isinstance(value, list) else [value])]


def _near(name: str, flags: Mapping[str, bool]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(f"--{name.replace('_', '-')}", flags, 1)
    return (
        f"Did you mean {near[0].lstrip('-').replace('-', '_')}?" if near else "Options have the names of their flags."
    )


def _note(text: str) -> None:
    sys.stderr.write(f"saltern: {text}\n")
