"""From the words of a command line to the arguments of functions."""

from __future__ import annotations

import sys

from saltern.cli.options import IncompleteCommand
from saltern.errors import UserError
from saltern.salt_compat.arguments import parse_value, parse_words, publication_arguments

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from saltern.cli.salt_flags import Group


def parsed(words: Sequence[str], no_parse: Sequence[str] = ()) -> list[Any]:
    """Words as a job carries them (behaviour LDR-11): keyword arguments in a trailing dict flagged `__kwarg__`."""
    return publication_arguments(*parse_words(words, no_parse))


def mapping(text: str, option: str) -> dict[str, Any]:
    """The value of an option that wants a map, `{build: 17}` or JSON; nothing gives an empty one."""
    if not text:
        return {}
    value = parse_value(text)
    if not isinstance(value, dict):
        raise UserError(f"{option} needs a map such as '{{\"build\": 17}}', not {text!r}")
    return value


def add_executors(group: Group) -> None:
    """The options that say by which executors a function is called (behaviour LDR-10)."""
    group.add_argument("--module-executors", metavar="LIST", default="", help="executors to call it by, [splay, sudo]")
    group.add_argument("--executor-opts", metavar="MAP", default="", help="options for them, {splaytime: 10}")


def executors(options: argparse.Namespace) -> dict[str, Any]:
    """What these options say, under the names of a publication; empty for nothing."""
    found: dict[str, Any] = {}
    if options.module_executors:
        names = parse_value(options.module_executors)
        listed = names if isinstance(names, list) else str(names).split(",")
        found["module_executors"] = [str(name).strip() for name in listed if str(name).strip()]
    if options.executor_opts:
        found["executor_opts"] = mapping(options.executor_opts, "--executor-opts")
    return found


def split_compound(fun: str, words: Sequence[str], separator: str) -> tuple[str | list[str], list[list[str]]]:
    """`cmd.run,test.ping` with the words of each function (behaviour JOB-15).

    The separator stands alone between the words of two functions, or inside of words (`uptime,,x`). Functions that
    have no arguments at all need none. `IncompleteCommand` when functions and lists of arguments do not pair up.
    """
    if "," not in fun:
        return fun, [list(words)]
    names = [name for name in fun.split(",") if name]
    alone = words.count(separator) == len(names) - 1
    lists = _split_between(words, separator) if alone else _split_inside(words, separator)
    if not words:
        lists = [[] for _ in names]
    if len(lists) != len(names):
        raise IncompleteCommand(
            f"{len(names)} functions and arguments for {len(lists)}",
            hint=f"Put {separator!r} between the arguments of one function and the next.",
        )
    return names, lists


def stdin_words() -> list[str]:
    """The lines of standard input, each one word."""
    return [line.strip(" \r\n") for line in sys.stdin]


def _split_between(words: Sequence[str], separator: str) -> list[list[str]]:
    lists: list[list[str]] = [[]]
    for word in words:
        if word == separator:
            lists.append([])
        else:
            lists[-1].append(word)
    return lists


def _split_inside(words: Sequence[str], separator: str) -> list[list[str]]:
    lists: list[list[str]] = [[]]
    for word in words:
        first, *others = word.split(separator)
        if first:
            lists[-1].append(first)
        lists.extend([other] if other else [] for other in others)
    return lists
