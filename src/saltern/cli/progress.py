"""A line on the terminal that says how far a job is."""

from __future__ import annotations

import sys
import time

from saltern.cli.options import terminal_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_REDRAW = 0.1
"""Seconds between two drawings: a thousand returns a second need not become a thousand writes to the terminal."""
_ERASE = "\r\x1b[2K"


class ProgressLine:
    """One line on standard error, drawn over itself, and gone before anything else is printed."""

    def __init__(self, *, wanted: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._enabled = wanted or sys.stderr.isatty()
        self._clock = clock
        self._shown = False
        self._next = 0.0

    def draw(self, text: Callable[[], str]) -> None:
        """Show a text, at most ten times a second; it is only made when it is shown."""
        if not self._enabled or self._clock() < self._next:
            return
        self._next = self._clock() + _REDRAW
        sys.stderr.write(_ERASE + text()[: terminal_width() - 1])
        sys.stderr.flush()
        self._shown = True

    def clear(self) -> None:
        """Give the line back."""
        if self._shown:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()
            self._shown = False
            self._next = 0.0
