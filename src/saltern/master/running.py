"""What runs where, asked of those who know it."""

from __future__ import annotations

import asyncio
import logging

from saltern.errors import LinkClosed
from saltern.fleet.registry import Fleet
from saltern.master.connections import Connections
from saltern.master.live import LiveJobs
from saltern.model.job import State
from saltern.transport.frames import Refresh

log = logging.getLogger(__name__)

_PATIENCE = 1.0
"""Seconds that minions have to say what runs on them; of those that do not, the record's word is taken."""
_LOOK = 0.02


class RunningJobs:
    """The jobs that minions work on: what the record says, with the process ids that the minions give."""

    def __init__(self, live: LiveJobs, connections: Connections, fleet: Fleet) -> None:
        self._live = live
        self._connections = connections
        self._fleet = fleet

    async def now(self) -> dict[str, dict[str, int]]:
        """Jid to minion to process id; the id is 0 where the minion did not say it in time."""
        await self._hear_from({minion for minions in self._on_record().values() for minion in minions})
        record = self._on_record()
        return {
            jid: {minion: self._fleet.running(minion).get(jid, 0) for minion in minions}
            for jid, minions in record.items()
        }

    def _on_record(self) -> dict[str, list[str]]:
        found = {}
        for live in self._live.all():
            if running := [minion for minion, state in live.open.items() if state is State.RUNNING]:
                found[live.job.jid] = running
        return found

    async def _hear_from(self, minions: set[str]) -> None:
        """Ask for a heartbeat out of turn, and wait for it."""
        before = {minion: self._fleet.beats(minion) for minion in minions if self._ask(minion)}
        end = asyncio.get_running_loop().time() + _PATIENCE
        while before and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(_LOOK)
            before = {minion: beats for minion, beats in before.items() if self._fleet.beats(minion) == beats}

    def _ask(self, minion: str) -> bool:
        link = self._connections.get(minion)
        if link is None:
            return False
        try:
            link.send(Refresh("heartbeat"))
        except LinkClosed:
            log.debug("minion %s left before it was asked what runs", minion)
            return False
        return True
