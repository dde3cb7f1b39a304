"""The states that a minion applies when it starts: `startup_states` (behaviour STA-24)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from saltern.minion.whole_files import write_whole
from saltern.model.jid import own_jid


class StartupOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` is empty (nothing), `highstate`, `sls` (the files `sls`) or `top` (the top file `top`).

    `start` names this start of the minion, `mark` is the file that holds the last start whose states were begun: the
    process that begins them may itself be started several times.
    """

    kind: str = ""
    sls: Sequence[str] = ()
    top: str = ""
    start: str = ""
    mark: Path = Path()


class StartupStates:
    """Begins them once for each start of the minion; `take` has a job worked on, for a master of this name."""

    def __init__(self, id_: str, options: StartupOptions, take: Callable[[dict[str, Any], str], None]) -> None:
        self._id = id_
        self._options = options
        self._take = take

    def begin(self, master: str) -> None:
        """The minion is ready: it is connected to a master, or has none (an empty name)."""
        if not self._options.kind or self._are_begun():
            return
        write_whole(self._options.mark, self._options.start.encode())
        self._take(self._job(), master)

    def _are_begun(self) -> bool:
        try:
            return self._options.mark.read_bytes() == self._options.start.encode()
        except FileNotFoundError:
            return False

    def _job(self) -> dict[str, Any]:
        argument: dict[str, list[Any]] = {"sls": [list(self._options.sls)], "top": [self._options.top]}
        return {
            "jid": own_jid(self._id),
            "fun": f"state.{self._options.kind}", "arg": argument.get(self._options.kind, []), "tgt": self._id,
            "tgt_type": "glob", "ret": "", "user": "",
        }  # fmt: skip
