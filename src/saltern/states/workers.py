"""A state in a process of its own beside the others: `parallel: True` (behaviour REQ-09)."""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable
from typing import Any

from saltern.states.results import Result, failed


class Beside:
    """Runs `work` in a forked process. The result comes back over a pipe: it is our own process that wrote it."""

    def __init__(self, work: Callable[[], Result], name: Any) -> None:
        self._name = name
        self._reader, writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _child(work, name, writer)
        os.close(writer)

    def result(self) -> Result:
        """Wait for the end of the process; one that dies without a result has failed."""
        with os.fdopen(self._reader, "rb") as file:
            data = file.read()
        _, status = os.waitpid(self._pid, 0)
        if not data:
            return failed(
                self._name, f"The process of this state ended with status {os.waitstatus_to_exitcode(status)}"
            )
        found: Result = pickle.loads(data)  # noqa: S301  (written by the process forked above)
        return found


def _child(work: Callable[[], Result], name: Any, writer: int) -> None:
    try:
        try:
            result = work()
            data = pickle.dumps(result)
        except Exception:  # the boundary of the process
            data = pickle.dumps(failed(name, f"An exception occurred in this state: {traceback.format_exc()}"))
        with os.fdopen(writer, "wb") as file:
            file.write(data)
    finally:
        os._exit(0)
