"""What can stand at the end of a command line that is being typed."""

from __future__ import annotations

from itertools import pairwise

from saltern.cli.main import COMMANDS
from saltern.cli.options import PROGRAMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from saltern.cli.options import Parser

_KINDS = {"run": "modules", "call": "modules", "runner": "runners", "wheel": "wheel"}
"""Commands that take a function, and of which kind."""
_PLACE = {"run": 1, "call": 0, "runner": 0, "wheel": 0}
"""How many words stand before the function."""
_KEYS_OF = {"-a": "minions_pre", "--accept": "minions_pre", "-r": "minions_pre", "--reject": "minions_pre"}
_KEY_FLAGS = (*_KEYS_OF, "-d", "--delete", "-f", "--finger", "-p", "--print")
_PATIENCE = 1.0
"""Seconds: a shell that waits longer for a master is worse than one that completes nothing."""


def completions(words: Sequence[str]) -> list[str]:
    """The words that may be meant by the last one, which may be empty; `words` begins with the program's name."""
    if not words:
        return []
    program = words[0].rpartition("/")[2]
    # Some shells take the "=" of `--out=json` for a word of its own.
    typed = [word for word in words[1:-1] if word != "="] + [words[-1].removeprefix("=") if words[1:] else ""]
    if program in PROGRAMS:
        return _of_command(PROGRAMS[program], typed)
    if len(typed) == 1:
        return _beginning(typed[0], [*COMMANDS, "help"])
    return _of_command(typed[0], typed[1:])


def _of_command(command: str, typed: Sequence[str]) -> list[str]:
    """For what follows a command's name."""
    if command not in COMMANDS:
        return []
    *before, last = typed
    if last.startswith("-"):
        return _beginning(last, _flags(command, before))
    flags = _flags_with_values(command)
    if before and flags.get(before[-1]):
        return _values(command, before[-1], last, before)
    plain = _without_options(before, flags)
    if command in _KINDS and len(plain) == _PLACE[command]:
        return _functions(_KINDS[command], last)
    if command in ("run", "cp") and not plain:
        return _beginning(last, _minions(before))
    return _beginning(last, _verbs(command)) if not plain else []


def _values(command: str, flag: str, last: str, before: Sequence[str]) -> list[str]:
    """For the value of an option; none where the shell knows better (files)."""
    if command == "key" and flag in _KEY_FLAGS:
        return _beginning(last, _keys(_KEYS_OF.get(flag, ""), before))
    if flag in ("--out", "--output"):
        return _beginning(last, _outputters())
    parser = _parser_of(command)
    action = parser._option_string_actions.get(flag) if parser else None
    return _beginning(last, [str(one) for one in (action.choices if action and action.choices else ())])


def _functions(kind: str, typed: str) -> list[str]:
    """Modules (`file.`) until a dot is typed, then the functions of that module; also behind a comma."""
    from saltern.cli.function_names import FunctionNames

    done, comma, last = typed.rpartition(",")
    names = FunctionNames(kind)
    module, dot, _ = last.partition(".")
    found = names.of(module) if dot else [f"{name}." for name in names.modules()]
    return [f"{done}{comma}{name}" for name in _beginning(last, found)]


def _minions(before: Sequence[str]) -> list[str]:
    def ask() -> list[str]:
        from saltern.cli.place import find_place

        master = find_place(_directory(before)).master()
        return list(master.ask({"verb": "fleet"}, timeout=_PATIENCE)["minions"])

    return _or_nothing(ask)


def _keys(state: str, before: Sequence[str]) -> list[str]:
    def ask() -> list[str]:
        from saltern.cli.place import find_place

        master = find_place(_directory(before)).master()
        keys = master.ask({"verb": "keys", "action": "list"}, timeout=_PATIENCE)["keys"]
        return [minion for name, ids in keys.items() if state in ("", name) for minion in ids]

    return _or_nothing(ask)


def _or_nothing(ask: Callable[[], list[str]]) -> list[str]:
    """What cannot be asked now completes nothing: a prompt is no place for errors."""
    from saltern.errors import SalternError

    try:
        return ask()
    except (SalternError, OSError):
        return []


def _directory(before: Sequence[str]) -> str | None:
    for flag, value in pairwise(before):
        if flag in ("-c", "--config-dir"):
            return value
    return None


def _outputters() -> list[str]:
    from saltern.cli.function_names import FunctionNames

    # `json_out.py` is named so that it does not hide the library.
    return [name.removesuffix("_out") for name in FunctionNames("outputters").modules()]


def _verbs(command: str) -> list[str]:
    """`list`, `show`, ... of `jobs`: from its help, which lists them; `token` of `key`."""
    if command == "key":
        return ["token"]
    if command in ("doctor", "completion"):
        return ["master", "minion"] if command == "doctor" else ["bash", "zsh", "fish"]
    _, _, listed = _help_of(command).partition("\nverbs:\n")
    return [line.split()[0] for line in listed.partition("\n\n")[0].splitlines() if line.strip()]


def _flags(command: str, before: Sequence[str]) -> list[str]:
    parser = _parser_of(command, before)
    return [flag for flag in parser.flags() if flag.startswith("--")] if parser else []


def _flags_with_values(command: str) -> dict[str, bool]:
    parser = _parser_of(command)
    return parser.flags() if parser else {}


def _parser_of(command: str, before: Sequence[str] = ()) -> Parser | None:
    """The parser of a command, or of the verb that was typed behind it; None where a verb is missing."""
    from saltern.cli.main import command_main
    from saltern.cli.options import ASK_PARSER, ParserAsked
    from saltern.errors import UserError

    verb = [word for word in before[:1] if not word.startswith("-")]
    try:
        command_main(command)([*verb, ASK_PARSER])
    except ParserAsked as asked:
        return asked.parser
    except UserError:
        return None
    return None


def _help_of(command: str) -> str:
    import contextlib
    import io

    from saltern.cli.main import main

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        main([command, "--help"])
    return printed.getvalue()


def _beginning(typed: str, names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(typed)})


def _without_options(words: Sequence[str], flags: dict[str, bool]) -> list[str]:
    """The words that are neither options nor their values."""
    plain, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = bool(flags.get(word))
        else:
            plain.append(word)
    return plain
