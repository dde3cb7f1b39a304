"""Processes do not run."""

from __future__ import annotations

import os
import signal as signals
from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def absent(name: str, user: str | None = None, signal: int | str | None = None) -> dict[str, Any]:
    """No process has `name` in its command, or none of `user` has.

    Those that have it get a signal (a number or a name; SIGTERM), but for this one and those that it was started by.
    """
    number = _number_of(signal)
    if number is None:
        return result_of(name, False, f"There is no signal {signal}")
    own = _own_line()
    found = [pid for pid in __salt__["ps.pgrep"](name, user=user, full=True) or [] if pid not in own]
    if not found:
        return result_of(name, True, "No matching processes running")
    if __opts__["test"]:
        return result_of(name, None, f"{len(found)} processes will be killed", {"killed": found})
    killed = [pid for pid in found if __salt__["ps.kill_pid"](pid, signal=number)]
    left = [pid for pid in found if pid not in killed and __salt__["ps.proc_info"](pid)]
    if left:
        changes = {"killed": killed} if killed else {}
        return result_of(name, False, f"Could not send signal {number} to the processes {left}", changes)
    return result_of(name, True, f"Killed {len(killed)} processes", {"killed": killed})


def _number_of(signal: int | str | None) -> int | None:
    """The number of a signal; None when there is no such signal."""
    text = str(signal or signals.SIGTERM.value).upper()
    if text.isdigit():
        return int(text) if int(text) in signals.valid_signals() else None
    found = getattr(signals, f"SIG{text.removeprefix('SIG')}", None)
    return found.value if isinstance(found, signals.Signals) else None


def _own_line() -> set[int]:
    """This process and its ancestors, whose commands may hold the name because they ask for it."""
    import psutil

    return {os.getpid(), *(process.pid for process in psutil.Process().parents())}
