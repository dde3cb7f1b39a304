"""Calling a program that administers something, and reading what it says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, CommandNotFoundError


class Answer(NamedTuple):
    """What a program that ended has printed, without the white space around it."""

    retcode: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """All that it printed."""
        return "\n".join(part for part in (self.stdout, self.stderr) if part)

    @property
    def reason(self) -> str:
        """Why it failed, in its own words."""
        return self.stderr or self.stdout or f"exit code {self.retcode}"


def path_of(name: str) -> str:
    """The path of a program; `CommandNotFoundError` when it is not installed."""
    from saltern.plugin_api import process

    found = process.find_program(name)
    if found is None:
        raise CommandNotFoundError(f"{name} is not installed")
    return found


def ask(
    argv: Sequence[str],
    *,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    timeout: float | None = None,
) -> Answer:
    """Run a program to its end, in the locale C; it reads `stdin` or nothing.

    `env` is laid over this process's variables. `timeout` is in seconds. Raises `CommandNotFoundError` for a program
    that is not installed, `CommandExecutionError` for one that cannot be started or takes too long.
    """
    from saltern.plugin_api import process  # it costs more than most modules that may call a program

    argv = [path_of(argv[0]), *argv[1:]]
    identity = process.identity_of(user)
    around = process.Surroundings(cwd="/", env={**os.environ, "LC_ALL": "C", **(env or {})}, identity=identity)
    given = None if stdin is None else stdin.encode()
    try:
        done = process.run(argv, around, stdin=given, timeout=timeout)
    except OSError as error:
        raise CommandExecutionError(f"{argv[0]} cannot be run: {error.strerror}") from error
    if done.timed_out:
        raise CommandExecutionError(f"{argv[0]} did not end within {timeout:g} seconds")
    return Answer(done.retcode, process.text_of(done.stdout).strip(), process.text_of(done.stderr).strip())


def ask_well(argv: Sequence[str], **options: object) -> str:
    """What a program prints to standard output; `CommandExecutionError` with its words when it fails."""
    answer = ask(argv, **options)  # type: ignore[arg-type]
    if answer.retcode:
        raise CommandExecutionError(f"{' '.join(argv)}: {answer.reason}")
    return answer.stdout
