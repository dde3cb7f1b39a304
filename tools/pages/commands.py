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

`saltern COMMAND --help` shows the same on a terminal.
"""


def page() -> str:
    parts = [_INTRODUCTION.lstrip()]
    for command, summary in COMMANDS.items():
        parts.append(f"## saltern {command}\n\n{summary[0].upper()}{summary[1:]}.\n")
        parts += [_block(words) for words in _calls(command)]
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
    """What a command prints for `--help` on a terminal of 100 columns."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), mock.patch.dict(os.environ, COLUMNS="100"):
        code = main([*words, "--help"])
    if code != exitcodes.OK:
        raise RuntimeError(f"saltern {' '.join(words)} --help ends with {code}")
    return printed.getvalue()


def _codes() -> list[str]:
    return [f"| {code} | {meaning} |" for code, meaning in exitcodes.TABLE]
