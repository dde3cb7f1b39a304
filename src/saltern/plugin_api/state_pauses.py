"""Where runs of states are to pause or to end: `<cachedir>/state_pause/<jid>`, a MessagePack dictionary of Salt's form.

Its keys are ids of states, or `__all__`; its values `{}` (until it is resumed), `{"duration": SECONDS}` or
`{"kill": True}`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from saltern.plugin_api.errors import SaltInvocationError
from saltern.plugin_api.file_cache import replacing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Pauses = dict[str, dict[str, Any]]

EVERY = "__all__"
"""Stands for the id of each state."""
_LOOK = 0.2
"""Seconds between looks at whether a run may go on."""


class StatePauses:
    """The pauses of one minion: a run and those who pause it are processes of their own, a lock parts their writes."""

    def __init__(self, cachedir: str) -> None:
        self._folder = Path(cachedir, "state_pause")
        self._places: dict[str, Path] = {}

    def of(self, jid: str) -> Pauses:
        """The pauses of a job, none when its file is missing or damaged."""
        place = self._place(jid)
        if not os.path.exists(place):  # noqa: PTH110  (asked before every state: twice as fast)
            return {}
        import msgspec

        try:
            found: Pauses = msgspec.msgpack.decode(place.read_bytes())
            return found
        except (FileNotFoundError, msgspec.DecodeError):
            return {}

    def jids(self) -> list[str]:
        """The jobs that have pauses."""
        if not self._folder.is_dir():
            return []
        return sorted(path.name for path in self._folder.iterdir() if not path.name.startswith("."))

    def set(self, jid: str, state_id: str | None, pause: dict[str, Any]) -> None:
        with self._changing(jid) as pauses:
            pauses[state_id or EVERY] = pause

    def end(self, jid: str, state_id: str | None = None) -> None:
        """Forget the pause at a state, or all of a job."""
        with self._changing(jid) as pauses:
            if state_id:
                pauses.pop(state_id, None)
            else:
                pauses.clear()

    def wait(self, jid: str, state_id: str) -> bool:
        """Wait while a job has to pause before a state; whether it may go on, or has to end.

        A pause whose `duration` is over is forgotten: it does not hold the states that follow.
        """
        began = time.monotonic()
        while True:
            pauses = self.of(jid)
            key = state_id if state_id in pauses else EVERY
            pause = pauses.get(key)
            if pause is None:
                return True
            if pause.get("kill"):
                return False
            if "duration" in pause and time.monotonic() - began >= pause["duration"]:
                self.end(jid, key)
            else:
                time.sleep(_LOOK)

    @contextlib.contextmanager
    def _changing(self, jid: str) -> Iterator[Pauses]:
        """The pauses of a job, kept as they are left; without any the file is removed."""
        import msgspec

        place = self._place(jid)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pauses = self.of(jid)
            yield pauses
            if not pauses:
                place.unlink(missing_ok=True)
                return
            with replacing(place, 0o600) as file:
                file.write(msgspec.msgpack.encode(pauses))

    def _place(self, jid: str) -> Path:
        if jid in self._places:
            return self._places[jid]
        if not re.fullmatch(r"[\w-]+", jid):
            raise SaltInvocationError(f"'{jid}' is no jid: a number of 20 digits that saltern jobs list shows")
        return self._places.setdefault(jid, self._folder / jid)
