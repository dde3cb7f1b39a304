"""What the commands' parsers have in common: the options every command takes, and errors with the right exit code."""

from __future__ import annotations

import argparse
import os
import sys

from saltern.cli import exitcodes
from saltern.errors import UserError
from saltern.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

LEVELS = ("all", "garbage", "trace", "debug", "profile", "info", "warning", "error", "critical", "quiet")

PROGRAMS = {
    "salt": "run",
    "salt-call": "call",
    "salt-cp": "cp",
    "salt-key": "key",
    "salt-run": "runner",
    "salt-master": "master",
    "salt-minion": "minion",
}
"""Salt's programs and the commands that take their command lines."""
_PROGRAM_OF = {command: program for program, command in PROGRAMS.items()}
_RARE = ("--help-all", "--versions-report", "--saltfile", "--log-file", "--log-file-level", "--hard-crash")
"""Common options that only the long help shows."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WIDEST_HELP = 110
_EXAMPLES = "examples:"


class IncompleteCommand(UserError):
    """Incomplete options passed."""

    exit_code = exitcodes.INCOMPLETE


ASK_PARSER = "--\0parser"
"""A last word that nobody can type: whoever gives it wants the command's parser, see `ParserAsked`."""


class ParserAsked(Exception):
    """The parser of a command whose line ends with `ASK_PARSER`."""

    def __init__(self, parser: Parser) -> None:
        super().__init__(parser.prog)
        self.parser = parser


class Parser(argparse.ArgumentParser):
    """A parser that raises its errors, so that `main` prints all errors alike.

    `brief` are the flags that the short help shows; without any it shows all but the rare ones. `program` is Salt's
    program whose command lines this one takes: a Saltfile has defaults for it.
    """

    brief: Sequence[str] = ()
    program = ""

    def error(self, message: str) -> NoReturn:
        raise UserError(message, hint=f"See {self.prog} --help.")

    def parse(self, argv: Sequence[str]) -> argparse.Namespace:
        """Options and words in any order, as Salt's users type them; what follows `--` are words."""
        words = list(argv)
        if words[-1:] == [ASK_PARSER]:
            raise ParserAsked(self)
        path, named = saltfile(words) if self.program else ("", False)
        if path:
            from saltern.cli.saltfile import default_words

            words = [*default_words(path, self.program, self.flags(), named=named), *words]
        options, rest = self.parse_known_intermixed_args(words)
        if rest:
            self._refuse(rest[0])
        return options

    def flags(self) -> dict[str, bool]:
        """The flags and whether each takes a value."""
        return {flag: action.nargs != 0 for flag, action in self._option_string_actions.items()}

    def brief_help(self) -> str:
        """The help that fits a screen: what is used most, and examples."""
        actions = [action for action in self._actions if action.option_strings]
        shown = [action for action in actions if self._is_brief(action)]
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        formatter.start_section("options")
        formatter.add_arguments(shown)
        formatter.end_section()
        formatter.add_text(self.epilog)
        return f"{formatter.format_help()}\n{self.prog} --help-all shows all {len(actions)} options.\n"

    def _is_brief(self, action: argparse.Action) -> bool:
        if self.brief:
            return any(flag in self.brief for flag in action.option_strings)
        return not any(flag in _RARE for flag in action.option_strings)

    def _refuse(self, word: str) -> NoReturn:
        if word[:1] != "-":
            self.error(f"{word!r} is a word too many")
        from difflib import get_close_matches

        option = word.partition("=")[0]
        near = get_close_matches(option, self._option_string_actions, 1)
        mean = f"Did you mean {near[0]}? " if near else ""
        raise UserError(f"there is no option {option}", hint=f"{mean}See {self.prog} --help.")


class _BriefHelp(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        assert isinstance(parser, Parser)
        print(parser.brief_help(), end="")
        parser.exit()


class _VersionsReport(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from saltern.builtin.modules.test import versions_report

        print(versions_report())
        parser.exit()


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
    command: str,
    summary: str,
    *,
    usage: str,
    examples: Sequence[str],
    level_flags: Sequence[str] = ("-l",),
    brief: Sequence[str] = (),
) -> Parser:
    """A parser with the options that every command has.

    `usage` is what follows the command's name, `brief` the flags that the short help shows (all if there are none).
    """
    name = f"saltern {command}"
    prog = shim_name(command) or name
    lines = "\n".join(f"  {example.replace(name, prog)}" for example in examples)
    parser = Parser(
        prog=prog,
        usage=f"{prog} {usage}",
        description=summary,
        epilog=f"{_EXAMPLES}\n{lines}",
        formatter_class=_Formatter,
        allow_abbrev=False,
        add_help=False,
    )
    parser.brief = brief
    parser.program = _PROGRAM_OF.get(command, "")
    common = parser.add_argument_group("common options")
    common.add_argument("-h", "--help", nargs=0, action=_BriefHelp, help="show the options used most and exit")
    common.add_argument("--help-all", action="help", help="show all options and exit")
    version = f"{prog} {VERSION}" if prog != name else f"saltern {VERSION}"
    common.add_argument("--version", action="version", version=version, help="show the version and exit")
    common.add_argument(
        "-V", "--versions-report", nargs=0, action=_VersionsReport, help="the same with all that it uses"
    )
    common.add_argument("-c", "--config-dir", metavar="DIR", help="where the configuration files are")
    common.add_argument(
        *level_flags,
        "--log-level",
        metavar="LEVEL",
        choices=LEVELS,
        help="how much to log; debug tells where errors arose",
    )
    common.add_argument("--hard-crash", action="store_true", help="show where in the code an error arose")
    if parser.program:
        common.add_argument("--saltfile", metavar="FILE", help="defaults of options, instead of ./Saltfile")
    return parser


def shim_name(command: str) -> str:
    """The name of Salt's program, when it was by that name that the command was called; see `saltern.cli.shims`."""
    called = sys.argv[0].rpartition("/")[2]
    return called if PROGRAMS.get(called) == command else ""


def saltfile(words: Sequence[str]) -> tuple[str, bool]:
    """The path of the Saltfile, empty where there is none, and whether it was named (behaviour CFG-08).

    It is the file of `--saltfile`, else of `SALT_SALTFILE`, else `Saltfile` here, else `~/.salt/Saltfile`.
    """
    for number, word in enumerate(words):
        option, _, path = word.partition("=")
        if option == "--saltfile":
            return path or "".join(words[number + 1 : number + 2]), True
    if path := os.environ.get("SALT_SALTFILE", ""):
        return path, True
    places = (os.path.abspath("Saltfile"), os.path.expanduser("~/.salt/Saltfile"))  # noqa: PTH100, PTH111
    return next((place for place in places if os.path.exists(place)), ""), False  # noqa: PTH110


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
        modes = "full, terse, mixed, changes, filter"
        group.add_argument("--state-output", "--state_output", metavar="MODE", help=modes)
        group.add_argument(
            "--state-verbose", "--state_verbose", metavar="BOOL", help="False leaves out states without changes"
        )
        group.add_argument("--output-diff", action="store_true", help="of changed states show only the differences")


def add_login(parser: Parser, *flags: str) -> None:
    """The options of who asks; `flags` are the short ones that are free in this command (`-a`, `-T`)."""
    group = parser.add_argument_group("log in")
    short = [flag for flag in flags if flag == "-a"]
    group.add_argument(
        *short,
        "--eauth",
        "--auth",
        "--external-auth",
        metavar="NAME",
        default="",
        help="log in by pam, ldap, file, ...",
    )
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
