"""What the commands' parsers have in common: the options every command takes, and errors with the right exit code."""

from __future__ import annotations

import argparse
import os

from saltern.cli import exitcodes
from saltern.errors import UserError
from saltern.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

LEVELS = ("all", "garbage", "trace", "debug", "profile", "info", "warning", "error", "critical", "quiet")

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WIDEST_HELP = 110
_EXAMPLES = "examples:"


class IncompleteCommand(UserError):
    """Incomplete options passed."""

    exit_code = exitcodes.INCOMPLETE


class Parser(argparse.ArgumentParser):
    """A parser that raises its errors, so that `main` prints all errors alike."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message, hint=f"See {self.prog} --help.")

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Options and words in any order, as Salt's users type them; what follows `--` are words."""
        options, rest = self.parse_known_intermixed_args(list(argv))
        if rest:
            self._refuse(rest[0])
        return options

    def _refuse(self, word: str) -> NoReturn:
        if word[:1] != "-":
            self.error(f"{word!r} is a word too many")
        from difflib import get_close_matches

        option = word.partition("=")[0]
        near = get_close_matches(option, self._option_string_actions, 1)
        mean = f"Did you mean {near[0]}? " if near else ""
        raise UserError(f"there is no option {option}", hint=f"{mean}See {self.prog} --help.")


class _Formatter(argparse.HelpFormatter):
    """Wraps all but the examples, which are there to be copied."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=help_width())

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """`-t, --timeout SECONDS`: the value once, and of several long spellings the first."""
        if not action.option_strings:
            return super()._format_action_invocation(action)
        short = [flag for flag in action.option_strings if not flag.startswith("--")]
        flags = ", ".join(short + [flag for flag in action.option_strings if flag.startswith("--")][:1])
        return flags if action.nargs == 0 else f"{flags} {self._format_args(action, str(action.metavar))}"

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(_EXAMPLES) else super()._fill_text(text, width, indent)


def make_parser(
    command: str, summary: str, *, usage: str, examples: Sequence[str], level_flags: Sequence[str] = ("-l",)
) -> Parser:
    """A parser with the options that every command has. `usage` is what follows the command's name."""
    lines = "\n".join(f"  {example}" for example in examples)
    parser = Parser(
        prog=f"saltern {command}",
        usage=f"saltern {command} {usage}",
        description=summary,
        epilog=f"{_EXAMPLES}\n{lines}",
        formatter_class=_Formatter,
        allow_abbrev=False,
        add_help=False,
    )
    common = parser.add_argument_group("common options")
    common.add_argument("-h", "--help", action="help", help="show this and exit")
    common.add_argument("--version", action="version", version=f"saltern {VERSION}", help="show the version and exit")
    common.add_argument("-c", "--config-dir", metavar="DIR", help="where the configuration files are")
    common.add_argument(
        *level_flags,
        "--log-level",
        metavar="LEVEL",
        choices=LEVELS,
        help="how much to log; debug tells where errors arose",
    )
    return parser


def add_output(parser: Parser, *, states: bool = False) -> None:
    """The options about the form of the output; `states` adds those that concern the results of states."""
    group = parser.add_argument_group("output")
    group.add_argument("--out", "--output", metavar="FORMAT", help="nested, json, yaml, txt, raw, quiet, ...")
    group.add_argument("--out-indent", "--output-indent", metavar="N", type=int, help="spaces; below 0: one line")
    group.add_argument("--out-file", "--output-file", metavar="FILE", help="write the output to a file")
    group.add_argument("--out-file-append", "--output-file-append", action="store_true", help="add to that file")
    group.add_argument("--no-color", "--no-colour", action="store_true", help="no colours")
    group.add_argument("--force-color", "--force-colour", action="store_true", help="colours even into a pipe")
    if states:
        group.add_argument("--state-output", metavar="MODE", help="full, terse, mixed, changes, filter")
        group.add_argument("--state-verbose", metavar="BOOL", help="False leaves out states without changes")
        group.add_argument("--output-diff", action="store_true", help="of changed states show only the differences")


def add_login(parser: Parser, *flags: str) -> None:
    """The options of who asks; `flags` are the short ones that are free in this command (`-a`, `-T`)."""
    group = parser.add_argument_group("log in")
    short = [flag for flag in flags if flag == "-a"]
    group.add_argument(*short, "--eauth", "--auth", metavar="NAME", default="", help="log in by pam, ldap, file, ...")
    keep = [flag for flag in flags if flag == "-T"]
    group.add_argument(*keep, "--make-token", action="store_true", help="keep the token for later commands")
    group.add_argument("--username", metavar="NAME", default="", help="the name; without it you are asked")
    group.add_argument("--password", metavar="TEXT", default="", help="all users of this host see it; be asked for it")


def seconds(text: str) -> float:
    """`90`, `90s`, `10m`, `2h`, `1d`, `1h30m` as seconds."""
    total, number, bare = 0.0, "", True
    for letter in text.strip().lower():
        if letter in _UNITS:
            total += _number(number, text) * _UNITS[letter]
            number, bare = "", False
        else:
            number += letter
    return total + _number(number, text) if number or bare else total


def count(text: str) -> int:
    """A number that is not below zero."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no count")
    return int(text)


def _number(digits: str, text: str) -> float:
    if not digits or not set(digits) <= set("0123456789.") or digits.count(".") > 1 or digits == ".":
        raise argparse.ArgumentTypeError(f"{text!r} is no duration such as 90, 10m, 2h or 1h30m")
    return float(digits)


def help_width() -> int:
    """Columns for a help text: those of the terminal, 80 where there is none."""
    return max(40, min(terminal_width(), _WIDEST_HELP) - 2)


def terminal_width() -> int:
    """Columns for what has to be broken into lines: those of the terminal, 80 where there is none."""
    return terminal_columns() or 80


def terminal_columns() -> int:
    """Columns of the terminal that standard output is, 0 if it is none; `COLUMNS` has the last word."""
    named = os.environ.get("COLUMNS", "")
    if named.isdigit() and int(named) > 0:
        return int(named)
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 0
