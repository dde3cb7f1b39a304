"""docs/reference/commands.md, from the help texts of the commands."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
from unittest import mock

from saltern.cli import exitcodes
from saltern.cli.main import COMMANDS, main

_SUBCOMMANDS = {"key": ["token"]}
"""Words after a command that its help does not list as verbs."""
_VERB = re.compile(r"^  (\w[\w-]*)  ", re.MULTILINE)
_INTRODUCTION = """
# Commands

`saltern COMMAND --help-all` shows the same on a terminal, `--help` what is used most.
"""

_ENVIRONMENT = (
    "| `SALTERN_CONFIG_DIR`, `SALT_CONFIG_DIR` | the configuration directory, where `-c` names none |",
    "| `SALTERN_MASTER_CONFIG`, `SALT_MASTER_CONFIG` | the master's main file |",
    "| `SALTERN_MINION_CONFIG`, `SALT_MINION_CONFIG` | the minion's main file |",
    "| `SALT_SALTFILE` | the Saltfile, where `--saltfile` names none |",
    "| `SALTERN_PASSWORD` | the password of `--username`, for programs |",
    "| `NO_COLOR` | set: no colours |",
    "| `COLUMNS` | the width of help texts and tables |",
)


def page() -> str:
    parts = [_INTRODUCTION.lstrip()]
    for command, summary in COMMANDS.items():
        parts.append(f"## saltern {command}\n\n{summary[0].upper()}{summary[1:]}.\n")
        parts += [_block(words) for words in _calls(command)]
    parts += ["## Environment\n", "| variable | what it says |", "|---|---|", *_ENVIRONMENT, ""]
    return "\n".join([*parts, "## Exit codes\n", "| code | meaning |", "|---|---|", *_codes(), ""])


def absent() -> list[str]:
    """Modules of commands that `saltern --help` lists and that are not there."""
    modules = [f"saltern.cli.{command}" for command in COMMANDS]
    return [module for module in modules if importlib.util.find_spec(module) is None]


def _calls(command: str) -> list[list[str]]:
    """The command, and each of its verbs."""
    if f"saltern.cli.{command}" in absent():
        return []
    _, _, verbs = help_of([command]).partition("\nverbs:\n")
    listed = _VERB.findall(verbs.partition("\n\n")[0])
    return [[command], *([command, verb] for verb in (*listed, *_SUBCOMMANDS.get(command, ())))]


def _block(words: list[str]) -> str:
    return f"```\n{help_of(words).rstrip()}\n```\n"


def help_of(words: list[str]) -> str:
    """What a command prints for `--help-all` on a terminal of 100 columns."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), mock.patch.dict(os.environ, COLUMNS="100"):
        code = main([*words, "--help-all"])
    if code != exitcodes.OK:
        raise RuntimeError(f"saltern {' '.join(words)} --help-all ends with {code}")
    return printed.getvalue()


def _codes() -> list[str]:
    return [f"| {code} | {meaning} |" for code, meaning in exitcodes.TABLE]
