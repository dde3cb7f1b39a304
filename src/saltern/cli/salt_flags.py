"""Flags of Salt's programs that have nothing to act on here, or that would mislead."""

from __future__ import annotations

import argparse
import sys

from saltern.cli.options import LEVELS
from saltern.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from saltern.cli.options import Parser

    class Group(Protocol):
        """What takes options: a parser, or a group of its options."""

        def add_argument(self, *flags: str, **settings: Any) -> Any: ...


def add_without_effect(group: Group, *flags: str, reason: str, value: str = "") -> None:
    """A flag of Salt's that has nothing to act on; whoever gives it is told so, with the reason."""

    class WithoutEffect(argparse.Action):
        def __call__(
            self, _: argparse.ArgumentParser, __: argparse.Namespace, ___: object, flag: str | None = None
        ) -> None:
            sys.stderr.write(f"saltern: {flag} has no effect: {reason}\n")

    settings: dict[str, Any] = {"metavar": value} if value else {"nargs": 0}
    group.add_argument(*flags, action=WithoutEffect, dest=argparse.SUPPRESS, help=f"no effect: {reason}", **settings)


def add_refused(group: Group, *flags: str, reason: str, hint: str = "", value: str = "") -> None:
    """A flag of Salt's that would mislead if it were passed over: whoever gives it gets an error with the reason."""

    class Refused(argparse.Action):
        def __call__(
            self, _: argparse.ArgumentParser, __: argparse.Namespace, ___: object, flag: str | None = None
        ) -> None:
            raise UserError(f"{flag}: {reason}", hint=hint)

    settings: dict[str, Any] = {"metavar": value} if value else {"nargs": 0}
    group.add_argument(*flags, action=Refused, dest=argparse.SUPPRESS, help=f"refused: {reason}", **settings)


def add_log_file(parser: Parser, *, kept: bool) -> None:
    """Salt's options about a log file; `kept` where the command keeps one."""
    group = parser.add_argument_group("log")
    if kept:
        group.add_argument("--log-file", metavar="FILE", help="log to this file, or the URL of a syslog")
        group.add_argument("--log-file-level", metavar="LEVEL", choices=LEVELS, help="how much to log there")
        return
    reason = "this command keeps no log; the master does"
    add_without_effect(group, "--log-file", value="FILE", reason=reason)
    add_without_effect(group, "--log-file-level", value="LEVEL", reason=reason)
