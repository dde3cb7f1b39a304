"""The fleet as a master sees it: which minions it knows, who is connected, what runs where."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import msgspec

from saltern.errors import ProtocolError, SalternError
from saltern.fleet.contract import FleetStore, MinionRecord
from saltern.transport.frames import Hello

_log = logging.getLogger(__name__)
_decode_map = msgspec.msgpack.Decoder(dict[str, Any]).decode
_AT_ONCE = 500
"""Records that are handed to the store in one go: enough for one sync of the disk, few enough not to hold up others."""
_NOTHING: Mapping[str, int] = {}


class _Minion(msgspec.Struct):
    """`heard` is when it last said it is alive, `beats` how often it has said so since it connected."""

    record: MinionRecord
    connected: bool = False
    address: str = ""
    heard: float = 0.0
    beats: int = 0
    running: Mapping[str, int] = _NOTHING
    pillar: bytes = b""


class Fleet:
    """Kept in memory and saved behind: what is lost in a crash, minions tell again when they come back.

    Lives in one event loop. Times are seconds since 1970, UTC. `changed` hears of a minion whose grains or pillar are
    not what they were.
    """

    def __init__(self, store: FleetStore, changed: Callable[[str], None] = lambda _: None) -> None:
        self._store = store
        self._changed = changed
        self._minions = {record.id: _Minion(record) for record in store.load()}
        self._unsaved: set[str] = set()
        self._saving: asyncio.Task[None] | None = None

    # --- what minions tell ------------------------------------------------------------------------------------------

    def connected(self, minion: str, address: str, hello: Hello, now: float) -> bool:
        """A minion is there. Whether the grains that are kept of it are current."""
        entry = self._entry(minion)
        entry.connected, entry.address, entry.heard, entry.beats = True, address, now, 0
        entry.running = hello.running
        self._keep(entry, version=hello.software, seen=now, started=hello.started)
        return bool(hello.digest) and entry.record.digest == hello.digest

    def beat(self, minion: str, running: Mapping[str, int], now: float) -> None:
        """A minion is still there and works on these jobs (jid to process id)."""
        entry = self._minions.get(minion)
        if entry is not None:
            entry.heard, entry.running = now, running or _NOTHING
            entry.beats += 1

    def disconnected(self, minion: str, now: float) -> None:
        entry = self._minions.get(minion)
        if entry is not None:
            entry.connected, entry.running = False, _NOTHING
            self._keep(entry, seen=now)

    def take_grains(self, minion: str, digest: str, data: bytes) -> None:
        """Keep a minion's grains (MessagePack); `ProtocolError` when they are not what the digest says, or no map."""
        if hashlib.sha256(data).hexdigest() != digest:
            raise ProtocolError("the grains do not fit their digest")
        try:
            _decode_map(data)
        except (msgspec.DecodeError, RecursionError) as error:
            raise ProtocolError(f"the grains cannot be read: {error}") from error
        entry = self._entry(minion)
        is_new = entry.record.digest != digest
        self._keep(entry, digest=digest, grains=data)
        if is_new:
            self._changed(minion)

    def take_pillar(self, minion: str, pillar: bytes) -> None:
        """Keep the pillar (MessagePack) that a minion was given, for targets. It is never written down: there are
        secrets in it."""
        entry = self._minions.get(minion)
        if entry is not None and entry.pillar != pillar:
            entry.pillar = pillar
            self._changed(minion)

    def drop(self, minion: str, *, grains: bool = False, pillar: bool = False) -> bool:
        """Know a minion's grains or pillar no more, until it tells them again; whether there was anything to drop."""
        entry = self._minions.get(minion)
        if entry is None or not ((grains and entry.record.grains) or (pillar and entry.pillar)):
            return False
        if pillar:
            entry.pillar = b""
        if grains:
            self._keep(entry, digest="", grains=b"")
        return True

    # --- what is known ----------------------------------------------------------------------------------------------

    def is_connected(self, minion: str) -> bool:
        entry = self._minions.get(minion)
        return entry is not None and entry.connected

    @property
    def connected_count(self) -> int:
        return sum(entry.connected for entry in self._minions.values())

    def last_heard(self, minion: str) -> float:
        """When a minion last said that it is alive; 0 for one that never did."""
        entry = self._minions.get(minion)
        return entry.heard if entry is not None else 0.0

    def beats(self, minion: str) -> int:
        """How many heartbeats have come since the minion connected."""
        entry = self._minions.get(minion)
        return entry.beats if entry is not None else 0

    def started(self, minion: str) -> float:
        """When the minion's process started, as it last told; 0 when it never did."""
        entry = self._minions.get(minion)
        return entry.record.started if entry is not None else 0.0

    def running(self, minion: str) -> Mapping[str, int]:
        """The jobs that a connected minion works on: jid to process id."""
        entry = self._minions.get(minion)
        return entry.running if entry is not None else _NOTHING

    def grains(self, minion: str) -> dict[str, Any] | None:
        """A minion's grains, decoded anew at each call; None while they are not known."""
        entry = self._minions.get(minion)
        return _decode_map(entry.record.grains) if entry is not None and entry.record.grains else None

    def knows_pillar(self, minion: str) -> bool:
        """Whether the minion has been given its pillar since the master's start."""
        entry = self._minions.get(minion)
        return entry is not None and bool(entry.pillar)

    def encoded_grains(self, minion: str) -> bytes:
        """A minion's grains in MessagePack; empty while they are not known."""
        entry = self._minions.get(minion)
        return entry.record.grains if entry is not None else b""

    def pillar(self, minion: str) -> dict[str, Any] | None:
        """The pillar that a minion was given last, decoded anew at each call; None while it has not asked since the
        master's start."""
        entry = self._minions.get(minion)
        return _decode_map(entry.pillar) if entry is not None and entry.pillar else None

    def rows(self) -> dict[str, dict[str, Any]]:
        """Each minion as `client.contract.Fleet` shows it."""
        return {
            minion: {
                "connected": entry.connected,
                "version": entry.record.version,
                "seen": entry.heard if entry.connected else entry.record.seen,
                "address": entry.address,
                "running": dict(entry.running),
            }
            for minion, entry in self._minions.items()
        }

    # --- what is kept -----------------------------------------------------------------------------------------------

    async def forget(self, minion: str) -> None:
        """Know nothing of a minion any more: its key was deleted."""
        self._minions.pop(minion, None)
        # What is being saved at this moment would otherwise come after, and stay.
        await self.flush()
        await self._store.forget(minion)

    async def flush(self) -> None:
        """Return when all that is known by now is saved, or could not be, which is logged."""
        while self._unsaved or self._saving:
            self._save_behind()
            if self._saving is not None:
                await self._saving

    async def close(self) -> None:
        await self.flush()
        await self._store.close()

    def _entry(self, minion: str) -> _Minion:
        entry = self._minions.get(minion)
        if entry is None:
            entry = self._minions[minion] = _Minion(MinionRecord(id=minion))
        return entry

    def _keep(self, entry: _Minion, **changes: Any) -> None:
        entry.record = msgspec.structs.replace(entry.record, **changes)
        self._unsaved.add(entry.record.id)
        self._save_behind()

    def _save_behind(self) -> None:
        if self._saving is None and self._unsaved:
            self._saving = asyncio.get_running_loop().create_task(self._save())

    async def _save(self) -> None:
        try:
            while self._unsaved:
                minions = list(islice(self._unsaved, _AT_ONCE))
                self._unsaved.difference_update(minions)
                records = [self._minions[minion].record for minion in minions if minion in self._minions]
                results = await asyncio.gather(*map(self._store.save, records), return_exceptions=True)
                for error in {str(result): result for result in results if result is not None}.values():
                    _report(error)
        finally:
            self._saving = None


def _report(error: BaseException) -> None:
    # The next change of a minion, or its next connection, saves it again.
    if not isinstance(error, SalternError):
        raise error
    _log.error("minion data could not be saved: %s", error)
