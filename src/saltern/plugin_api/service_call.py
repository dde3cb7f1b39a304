"""Running what starts and stops services."""

from __future__ import annotations

import fnmatch
import logging
import os
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any

from saltern.plugin_api import process
from saltern.plugin_api.errors import CommandExecutionError

log = logging.getLogger(__name__)


def call(argv: Sequence[str], context: MutableMapping[str, Any] | None = None) -> process.Finished:
    """Run a command that may start a daemon, which then outlives the job.

    An exit code that is not 0 is noted in `context` as the job's, if one is given.
    """
    around = process.Surroundings(cwd="/", env={**os.environ, "LC_ALL": "C"})
    try:
        done = process.run(argv, around, starts_daemon=True)
    except OSError as error:
        raise CommandExecutionError(f"{' '.join(argv)} cannot be run: {error}") from error
    if done.retcode:
        log.info("%s ended with %s: %s", " ".join(argv), done.retcode, said(done))
        if context is not None:
            context["retcode"] = done.retcode
    return done


def said(done: process.Finished) -> str:
    """What a command that failed has said."""
    text = process.text_of(done.stderr) or process.text_of(done.stdout)
    return text.strip()


def status_of(name: str, names: Callable[[], Iterable[str]], is_running: Callable[[str], Any]) -> Any:
    """The status of a service, or of all that a glob matches by name."""
    if any(mark in name for mark in "*?["):
        return {one: is_running(one) for one in names() if fnmatch.fnmatchcase(one, name)}
    return is_running(name)
