"""Brings what waits for returners to them: in the order of the jobs, as often as it takes, in one process at a time."""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from saltern.export.pace import Pace
from saltern.minion.return_queue import ReturnQueue

log = logging.getLogger(__name__)

_LOOK = 0.1
"""Seconds between looks at the queue."""
_IDLE = 5.0
"""Seconds without anything to do after which the process ends, and its connections with it."""
_PATIENCE = 5
"""Failures of one return in a row after which the next one is tried in its stead."""


class Returners(Protocol):
    """The returners of a minion, with the connections that they keep."""

    def send(self, returner: str, ret: Mapping[str, Any]) -> None:
        """Give a return to a returner. `ReturnNotTaken` for what it will never take; other errors may pass."""


class ReturnNotTaken(Exception):
    """A returner will not take this return, now or ever."""


class ReturnDelivery:
    """`opened` gives the returners anew: after an error connections and pillar are not to be trusted."""

    def __init__(
        self,
        queue: ReturnQueue,
        opened: Callable[[], AbstractContextManager[Returners]],
        idle: float = _IDLE,
        pace: Callable[[], Pace] = Pace,
    ) -> None:
        self._queue = queue
        self._opened = opened
        self._idle = idle
        self._pace = pace
        self._paces: dict[str, Pace] = {}
        self._not_before: dict[str, float] = {}

    def run(self) -> None:
        """Deliver until nothing has waited for a while. Returns at once where another process does this already."""
        lock = self._queue.directory / "lock"
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with lock.open("wb") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self._queue.sweep()
            self._work()

    def _work(self) -> None:
        ends = time.monotonic() + self._idle
        while time.monotonic() < ends:
            with self._opened() as returners:
                while time.monotonic() < ends:
                    waiting = self._queue.waiting()
                    if waiting:
                        ends = time.monotonic() + self._idle
                    if not self._deliver_all(returners, waiting):
                        break
                    time.sleep(_LOOK)
            time.sleep(_LOOK)

    def _deliver_all(self, returners: Returners, waiting: Mapping[str, Sequence[str]]) -> bool:
        """False when something failed."""
        well = True
        for returner, keys in waiting.items():
            if time.monotonic() >= self._not_before.get(returner, 0.0):
                well = self._deliver_to(returners, returner, keys) and well
        return well

    def _deliver_to(self, returners: Returners, returner: str, keys: Sequence[str]) -> bool:
        pace = self._paces.setdefault(returner, self._pace())
        for place, key in enumerate(keys):
            error = self._try(returners, returner, key)
            if error is None:
                pace.succeeded()
                continue
            log.error("The return failed for job %s: returner %s: %s", key, returner, error)
            self._not_before[returner] = time.monotonic() + pace.failed()
            if pace.failures > _PATIENCE and len(keys) > place + 1:
                self._doubt(returners, returner, key, keys[place + 1])
            return False
        return True

    def _doubt(self, returners: Returners, returner: str, key: str, other: str) -> None:
        """Whether it is this return that is not taken, or the returner that is not well."""
        if self._try(returners, returner, other) is not None:
            return
        error = self._try(returners, returner, key)
        if error is not None:
            self._refuse(returner, key, str(error))
        self._paces[returner].succeeded()
        self._not_before.pop(returner, None)

    def _try(self, returners: Returners, returner: str, key: str) -> Exception | None:
        """Deliver one; what was wrong, unless it is put aside for that."""
        try:
            returners.send(returner, self._queue.get(returner, key))
        except ReturnNotTaken as error:
            self._refuse(returner, key, str(error))
        except FileNotFoundError:
            log.debug("the return of %s for %s was dropped meanwhile", key, returner)
        except Exception as error:  # the boundary to a plugin
            log.debug("a returner failed", exc_info=True)
            return error
        else:
            self._queue.drop(returner, key)
        return None

    def _refuse(self, returner: str, key: str, reason: str) -> None:
        path = self._queue.refuse(returner, key, reason)
        log.error("The return failed for job %s: returner %s will not take it; kept as %s: %s",
                  key, returner, path, reason)  # fmt: skip
