"""Systems to test against: real masters and minions as processes, in directories with short paths.

Unix sockets allow no more than 107 bytes, hence no `tmp_path`.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import SALTERN, Lab, until

from saltern.client.blocking import unpack

FAST = {"heartbeat_interval": 2, "reconnect_window": 0.1, "timeout": 2}
"""Options of a master that make waiting short."""


@contextlib.contextmanager
def short_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="sa-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class Site(Lab):
    """A laboratory that outlives one test.

    It has the minions `web1`, `web2` and `db1`, with the grain `role`, and `gone1`, which is accepted and away.
    """

    def jid_of(self, *words: str) -> str:
        """Start a job without waiting for it."""
        return self.run("run", "--async", *words).stdout.split()[-1]

    def events(self, match: str, count: int, *, within: float = 15.0) -> list[tuple[str, dict[str, Any]]]:
        """The first events whose tags match, from the start of the log on: tag and data."""
        return read_events(self, match, count, within=within)

    def outcomes(self, jid: str) -> dict[str, dict[str, Any]]:
        return {row["minion"]: row for row in self.ask("outcomes", query={"jid": jid})["outcomes"]}

    def state(self, jid: str, minion: str) -> str:
        return str(self.outcomes(jid)[minion]["state"])

    def until_state(self, jid: str, minion: str, state: str, seconds: float = 15.0) -> None:
        until(lambda: self.state(jid, minion) == state, seconds, lambda: self._story(jid, minion, state))

    def _story(self, jid: str, minion: str, state: str) -> str:
        logs = "\n".join(f"--- {name}\n{self.log(name)[-1500:]}" for name in ("master", minion))
        return f"{minion} is not {state}: {self.outcomes(jid)}\n{logs}"

    def call(self, minion: str, *words: str) -> Any:
        """`saltern call` on a minion's machine."""
        config = str(self.minion_directory(minion))
        return plain("call", "-c", config, *words)


def plain(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of `saltern` with nothing added to it."""
    settings = {"capture_output": True, "text": True, "timeout": 60, "stdin": subprocess.DEVNULL, **options}
    return subprocess.run([*SALTERN, *words], check=False, **settings)


def read_events(lab: Lab, match: str, count: int, *, within: float = 15.0) -> list[tuple[str, dict[str, Any]]]:
    request = {"verb": "events", "match": match, "after": 0, "count": count}
    with lab.socket.stream(request, timeout=within) as events:
        return [(event["tag"], unpack(event["data"])) for event in events]


def documents(text: str) -> dict[str, Any]:
    """What `--out json` printed, one document a minion, as one."""
    decoder, found, place = json.JSONDecoder(), {}, 0
    while text[place:].strip():
        place += len(text[place:]) - len(text[place:].lstrip())
        document, place = decoder.raw_decode(text, place)
        found.update(document)
    return found


def part(whole: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What a map says under the names of another."""
    return {name: whole.get(name) for name in wanted}
