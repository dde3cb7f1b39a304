"""Appends returns and events to a file, one JSON document a line."""

from __future__ import annotations

from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.job_loads import to_json, without_secrets
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts

_DEFAULTS = {"filename": "/var/log/salt/events"}


def returner(ret: dict[str, Any]) -> None:
    """Append one return."""
    _append([without_secrets(ret)], ret)


def event_return(events: list[dict[str, Any]]) -> None:
    """Append events, each a document with tag and data."""
    _append(events)


def _append(documents: list[dict[str, Any]], ret: dict[str, Any] | None = None) -> None:
    path = Path(returner_options("rawfile_json", _DEFAULTS, ret, __salt__, __opts__)["filename"])
    text = "".join(f"{to_json(document)}\n" for document in documents)
    try:
        # One write, so that lines of several processes do not mix.
        with path.open("ab", buffering=0) as file:
            file.write(text.encode())
    except OSError as error:
        raise CommandExecutionError(f"The returner rawfile_json cannot write {path}: {error.strerror}") from error
