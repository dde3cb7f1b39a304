"""A state that runs beside the others: `parallel: True` (behaviour REQ-09)."""

from __future__ import annotations

import os
import pickle
import select
import threading
import traceback
from collections.abc import Callable
from typing import Any

from saltern.states.results import Result, failed


class Alongside:
    """Runs `work` in a thread, for a process that must not fork. It does not keep the process from ending."""

    def __init__(self, work: Callable[[], Result], name: Any) -> None:
        self._result: Result = failed(name, "The thread of this state did not come to its end")
        self._thread = threading.Thread(target=self._run, args=(work, name), name=f"state {name}", daemon=True)
        self._thread.start()

    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def result(self) -> Result:
        """Wait for the end of the thread."""
        self._thread.join()
        return self._result

    def _run(self, work: Callable[[], Result], name: Any) -> None:
        try:
            self._result = work()
        except Exception:  # the boundary of the thread
            self._result = failed(name, f"An exception occurred in this state: {traceback.format_exc()}")


class Beside:
    """Runs `work` in a forked process. The result comes back over a pipe: it is our own process that wrote it."""

    def __init__(self, work: Callable[[], Result], name: Any) -> None:
        self._name = name
        self._reader, writer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _child(work, name, writer)
        os.close(writer)

    def is_over(self) -> bool:
        """Whether the result is there, or will never be."""
        return bool(select.select([self._reader], [], [], 0)[0])

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
