"""From the options of a command, in Salt's words, to what `process` takes: pure but for looking at the file system."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api import process
from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError

_LOCALE_VARIABLES = (
    "LC_CTYPE",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_COLLATE",
    "LC_MONETARY",
    "LC_MESSAGES",
    "LC_PAPER",
    "LC_NAME",
    "LC_ADDRESS",
    "LC_TELEPHONE",
    "LC_MEASUREMENT",
    "LC_IDENTIFICATION",
    "LANGUAGE",
)


class Options(NamedTuple):
    """The options that all of the functions have in common."""

    cwd: str | None = None
    stdin: Any = None
    runas: str | None = None
    group: str | None = None
    shell: str | None = None
    python_shell: bool | None = None
    env: Any = None
    clean_env: bool = False
    template: str | None = None
    rstrip: bool = True
    umask: str | int | None = None
    output_encoding: str | None = None
    output_loglevel: str = "debug"
    log_callback: Callable[[str], str] | None = None
    hide_output: bool = False
    timeout: float | None = None
    reset_system_locale: bool = True
    ignore_retcode: bool = False
    saltenv: str | None = None
    prepend_path: str | None = None
    success_retcodes: Any = None
    success_stdout: Any = None
    success_stderr: Any = None
    pillar: Mapping[str, Any] | None = None


class Prepared(NamedTuple):
    """A command that can be run: its argument vector and surroundings, and `shown`, as messages show it."""

    argv: list[str]
    around: process.Surroundings
    shown: Any


def prepare(cmd: Any, options: Options) -> Prepared:
    """Read the options of a command, a text or a list of words.

    Raises `CommandExecutionError` for a user, shell or directory that is not there, `SaltInvocationError` for an option
    that cannot be read.
    """
    identity = process.identity_of(options.runas, options.group)
    program = shell_program(options.shell)
    around = process.Surroundings(
        cwd=directory_of(options, identity),
        env=_environment(options, identity),
        identity=identity,
        umask=_umask(options.umask),
    )
    if not options.python_shell:
        words = words_of(cmd)
        return Prepared(words, around, words)
    if isinstance(cmd, list | tuple):
        return Prepared(process.shell_command(program, *words_of(cmd)), around, cmd)
    return Prepared(process.shell_command(program, text_of(cmd)), around, cmd)


def words_of(cmd: Any) -> list[str]:
    try:
        words = [text_of(word) for word in cmd] if isinstance(cmd, list | tuple) else shlex.split(text_of(cmd))
    except ValueError as error:
        raise CommandExecutionError(f"The command cannot be split into words: {error}") from error
    if not words:
        raise SaltInvocationError("No command was given")
    return words


def arguments_of(args: Any) -> list[str]:
    if not args:
        return []
    return [text_of(word) for word in args] if isinstance(args, list | tuple) else words_of(args)


def text_of(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, bytes) else str(value)


def program_name(cmd: Any) -> str:
    """The program of a command, which may be shown where its arguments may not: they can hold secrets.

    Of a variable that is set in front of the program only the name is shown, and nothing of what follows.
    """
    text = text_of(cmd[0]) if isinstance(cmd, list | tuple) and cmd else text_of(cmd)
    word = (text.split() or [""])[0]
    name, equals, _ = word.partition("=")
    return f"'{name}=…'" if equals and name.isidentifier() else f"'{word}'"


def public_part(source: str) -> str:
    """A URL or path without what may be a secret in it: the user's name and password, and the query."""
    scheme, mark, rest = source.partition("://")
    if not mark:
        return source
    place, slash, path = rest.partition("?")[0].partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


def seconds_of(timeout: Any) -> float | None:
    if timeout is None:
        return None
    try:
        return float(timeout)
    except (TypeError, ValueError):
        raise SaltInvocationError(f"Error: timeout {timeout} must be a number") from None


def input_of(stdin: Any) -> bytes | None:
    if stdin is None:
        return None
    return stdin if isinstance(stdin, bytes) else os.fsencode(str(stdin).replace("\\n", "\n"))


def numbers_of(value: Any) -> list[int]:
    if value is None:
        return []
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    try:
        return [int(part) for part in parts]
    except (TypeError, ValueError):
        raise SaltInvocationError("success_retcodes must be a list of integers") from None


def texts_of(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(text) for text in value] if isinstance(value, list | tuple) else [str(value)]


def shell_program(shell: str | None) -> str:
    program = shell or os.environ.get("SHELL") or "/bin/sh"
    if not (Path(program).is_file() and os.access(program, os.X_OK)):
        raise CommandExecutionError(f"The shell {program} is not available")
    return program


def directory_of(options: Options, identity: process.Identity | None) -> str:
    if options.cwd:
        if Path(options.cwd).is_absolute() and Path(options.cwd).is_dir():
            return str(options.cwd)
        raise CommandExecutionError(f"Specified cwd '{options.cwd}' either not absolute or does not exist")
    home = identity.home if identity and options.runas else str(Path.home())
    return home if Path(home).is_dir() and os.access(home, os.X_OK) else "/"


def _environment(options: Options, identity: process.Identity | None) -> dict[str, str]:
    """The minion's own variables, those a login gives, a locale of C, and over all of them what the caller gave."""
    environment = {} if options.clean_env else dict(os.environ)
    if identity and options.runas:
        login = {"HOME": identity.home, "SHELL": identity.shell, "USER": identity.name, "LOGNAME": identity.name}
        environment.update(login)
    if options.reset_system_locale:
        environment.update(dict.fromkeys(_LOCALE_VARIABLES, "C"))
    environment.update(_variables(options.env))
    if options.prepend_path:
        environment["PATH"] = os.pathsep.join(filter(None, (options.prepend_path, environment.get("PATH"))))
    return environment


def _variables(env: Any) -> dict[str, str]:
    if not env:
        return {}
    dicts = env if isinstance(env, list) else [env]
    if not all(isinstance(one, Mapping) for one in dicts):
        raise SaltInvocationError("env must be a dictionary or a list of dictionaries")
    return {text_of(name): "" if value is None else text_of(value) for one in dicts for name, value in one.items()}


def _umask(umask: str | int | None) -> int | None:
    if umask is None or umask == "":
        return None
    try:
        mask = int(str(umask), 8)
    except ValueError:
        raise CommandExecutionError(f"Invalid umask: '{umask}'") from None
    if mask == 0:
        raise CommandExecutionError("Zero umask is not allowed.")
    return mask
