"""One run of states at a time on a minion: a lock that ends with the process that has it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def one_at_a_time(folder: Path, *, wait: bool, needed: bool = True) -> Iterator[bool]:
    """Whether the run may go on. With `wait` it waits for its turn; without `needed` it does not ask.

    A run within a run (a state that applies states) has the lock already.
    """
    if not needed or os.environ.get(_INSIDE) == str(os.getpid()):
        yield True
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "state.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        os.environ[_INSIDE] = str(os.getpid())
        try:
            yield True
        finally:
            os.environ.pop(_INSIDE, None)


_INSIDE = "SALTERN_RUNS_STATES"
"""The process that runs states, for what it calls in the same process."""
