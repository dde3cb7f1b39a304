"""Calling rabbitmqctl and rabbitmq-plugins, and what of their answers is shown."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saltern.model.secrets import masked
from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.process import find_program, identity_of
from saltern.plugin_api.program import Answer, ask

CTL, PLUGINS = "rabbitmqctl", "rabbitmq-plugins"
_DEBIAN = Path("/usr/lib/rabbitmq/bin")
_WRAPPERS = ("/usr/sbin/rabbitmqctl", "/sbin/rabbitmqctl")
_PROMPT = "Password:"
_BAD_DATA = 65
"""The exit code of rabbitmqctl for a login that is not right."""


def tell(words: Sequence[str], runas: str | None = None, stdin: str | None = None, program: str = CTL) -> str:
    """What a command says that it has done; `CommandExecutionError` with its words when it has not."""
    answer = _ask([program, *words], runas, stdin)
    if answer.retcode:
        raise _failure(answer)
    return "\n".join(line for line in answer.stdout.splitlines() if line.strip() != _PROMPT)


def rows(words: Sequence[str], runas: str | None = None) -> list[dict[str, Any]]:
    """The rows of a `list_...` command, by the names of its columns."""
    answer = _ask([CTL, "--quiet", "--formatter", "json", *words], runas)
    if answer.retcode:
        raise _failure(answer)
    try:
        found = json.loads(answer.stdout or "[]")
    except ValueError as error:
        raise CommandExecutionError(f"{CTL} {words[0]} gave no JSON: {error}: {answer.stdout[:200]}") from error
    return [dict(row) for row in found]


def tell_password(words: Sequence[str], password: str, runas: str | None = None) -> str:
    """As `tell`, of a command that reads a password from its standard input, where no other user sees it."""
    return tell(words, runas, stdin=_line(password))


def may_log_in(name: str, password: str, runas: str | None = None) -> bool:
    """Whether a user has this password; `CommandExecutionError` when the server cannot be asked."""
    answer = _ask([CTL, "--quiet", "authenticate_user", name], runas, _line(password))
    if answer.retcode not in (0, _BAD_DATA):
        raise _failure(answer)
    return answer.retcode == 0


def set_parameter(component: str, name: str, value: Mapping[str, Any], runas: str | None = None) -> None:
    """Set a runtime parameter of the virtual host `/`. It goes by standard input, for its URI may hold a password."""
    parameter = {"component": component, "name": name, "vhost": "/", "value": dict(value)}
    tell(["import_definitions", "--format", "json"], runas, stdin=json.dumps({"parameters": [parameter]}))


def definition_text(definition: Any) -> str:
    """What a policy or an upstream sets, as the JSON that rabbitmqctl prints."""
    return definition if isinstance(definition, str) else json.dumps(definition, separators=(",", ":"))


def upstream_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an upstream by RabbitMQ's names, without those that were not given."""
    return {key.replace("_", "-"): value for key, value in options.items() if value not in (None, "")}


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """What an upstream has, for changes: without the passwords of its URIs."""
    lists = {key: [masked({key: item})[key] for item in one] for key, one in values.items() if isinstance(one, list)}
    return {**masked(values), **lists}


def words_of_list(value: Any) -> list[str]:
    """A list, or a text of words between commas or spaces, as a list without what is empty."""
    parts = value.replace(",", " ").split() if isinstance(value, str) else value or []
    return [str(part) for part in parts if str(part)]


def _ask(argv: Sequence[str], runas: str | None, stdin: str | None = None) -> Answer:
    program, owner = _program(argv[0]) if runas is None and os.geteuid() == 0 else (argv[0], runas)
    identity = identity_of(owner)
    # The secret by which a program is let in to the server is a file in the home of the user who calls it.
    return ask([program, *argv[1:]], user=owner, stdin=stdin, env={"HOME": identity.home} if identity else None)


def _program(name: str) -> tuple[str, str | None]:
    """What root calls, and as whom.

    Debian's rabbitmqctl is a script that gives its arguments to a shell as the user rabbitmq, where `$` and backslashes
    in them mean something; it is left out.
    """
    behind = _DEBIAN / name
    if name == CTL and find_program(name) in _WRAPPERS and behind.exists():
        return str(behind), "rabbitmq"
    return name, None


def _failure(answer: Answer) -> CommandExecutionError:
    return CommandExecutionError(f"RabbitMQ command failed: {html.unescape(answer.reason)}")


def _line(password: str) -> str:
    """A password as a line that rabbitmqctl reads as it is; `SaltInvocationError` for one that it would shorten."""
    text = str(password)
    if text != text.strip() or len(text.splitlines()) != 1:
        raise SaltInvocationError(
            "A password for RabbitMQ may not be empty, hold a line break, or begin or end with white space: "
            "rabbitmqctl would read another one"
        )
    return f"{text}\n"
