"""Logging in to the master by a back end of `external_auth` (behaviours ACL-06 and ACL-07).

A password is asked for once: the command gets a token by it, and ends that token when it is done, unless `-T` keeps it
for later commands.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from saltern.cli.token_file import token_path, write_token
from saltern.errors import ArgumentError, UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from saltern.client.blocking import MasterSocket

    Visitor = Callable[[Mapping[str, str] | None], MasterSocket]
    """Gives the master, asked with these credentials or as this user of the system."""


@contextmanager
def logged_in(visitor: Visitor, values: Mapping[str, Any], options: argparse.Namespace) -> Iterator[MasterSocket]:
    """The master, asked by who logs in as the options say. `values` are the master's settings."""
    if not options.eauth:
        raise UserError("-T keeps a token, and needs to know where to log in", hint="Add -a pam, -a ldap, ...")
    stranger = visitor(None)
    token = stranger.ask({"verb": "login", "credentials": _credentials(options)})["token"]
    credentials = {"token": token}
    if options.make_token:
        write_token(token_path(values), token)
    try:
        yield visitor(credentials)
    finally:
        if not options.make_token:
            stranger.ask({"verb": "logout", "credentials": credentials})


def _credentials(options: argparse.Namespace) -> dict[str, Any]:
    username = options.username or _asked("username: ")
    password = options.password or os.environ.get("SALTERN_PASSWORD") or _asked_secretly(username)
    return {"eauth": options.eauth, "username": username, "password": password}


def _asked(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise ArgumentError("there is no terminal to ask for a name", hint="--username NAME gives it.")
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _asked_secretly(username: str) -> str:
    from getpass import getpass

    if not sys.stdin.isatty():
        raise ArgumentError(
            f"there is no terminal to ask for the password of {username}",
            hint="The environment variable SALTERN_PASSWORD gives it.",
        )
    return getpass("password: ")
