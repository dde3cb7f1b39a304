"""The default job cache: SQLite files, one for each stretch of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from saltern.errors import StoreError
from saltern.jobs.backends.sqlite.bodies import is_large, settle
from saltern.jobs.backends.sqlite.catalog import Catalog
from saltern.jobs.backends.sqlite.expiry import expire_step
from saltern.jobs.backends.sqlite.partition import Partition
from saltern.jobs.backends.sqlite.reader import Reader, Readers
from saltern.jobs.backends.sqlite.writer import Chore, Create, Damage, Item, Record, Writer
from saltern.jobs.rows import note_of
from saltern.model.job import (
    Body,
    Change,
    Job,
    JobQuery,
    JobSummary,
    Outcome,
    OutcomeQuery,
    Retention,
    Verdict,
)  # fmt: skip

PARTITION_SECONDS = 3600.0
PARTITION_BYTES = 256 << 20
_PARTS = 24
"""Into how many partitions a retention is divided at least, so that each step of expiry frees a small part of it."""
_LEAST_BYTES = 1 << 20
_READERS = 2


class SqliteJobStore:
    """Keeps jobs in `directory`: database files for stretches of time, and a folder of large bodies beside each.

    One process at a time may write (`StoreError` for the second); with `read_only` any number may read beside it.
    With `by_seq` outcomes of all jobs together are found fast by their cursor.
    A partition ends after `partition_seconds` or `partition_bytes`; `now` is the clock that says so.
    """

    def __init__(
        self,
        directory: Path,
        *,
        read_only: bool = False,
        by_seq: bool = False,
        partition_seconds: float = PARTITION_SECONDS,
        partition_bytes: int = PARTITION_BYTES,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._bytes = partition_bytes
        self._seconds = partition_seconds
        self._catalog = Catalog(directory, read_only=read_only, by_seq=by_seq)
        self._closed = False
        self._writer = (
            None if read_only else Writer(self._catalog, seconds=partition_seconds, size=partition_bytes, now=now)
        )
        self._readers = Readers(
            1 if read_only else _READERS, lambda: Reader(self._catalog, self._report, refresh=read_only)
        )

    async def create(self, job: Job, minions: Sequence[str]) -> None:
        ids = list(dict.fromkeys(minions))
        # Encoded here, where what cannot be text fails for the one who asked.
        load = msgspec.msgpack.encode(job)
        "".join(ids).encode()
        ask = Create(job, load, ids)
        self._writing().ask(ask)
        await ask.future

    async def record(self, changes: Sequence[Change]) -> list[Verdict]:
        if not changes:
            return []
        writer = self._writing()
        items = [Item(change, note_of(change), None) for change in changes]
        if any(is_large(change.body) for change in changes):
            items = await asyncio.to_thread(self._settle, items)
        ask = Record(items)
        writer.ask(ask)
        return await ask.future

    async def job(self, jid: str) -> JobSummary | None:
        return await self._reading().ask(lambda reader: reader.job(jid))

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        return await self._reading().ask(lambda reader: reader.jobs(query))

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        return await self._reading().ask(lambda reader: reader.outcomes(query))

    async def body(self, jid: str, minion: str) -> Body | None:
        return await self._reading().ask(lambda reader: reader.body(jid, minion))

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        return await self._reading().ask(lambda reader: reader.bodies(jid, minions))

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        return await self._reading().ask(lambda reader: reader.bodies_of(outcomes))

    async def expire(self, keep: Retention, now: float) -> int:
        writer = self._writing()
        if keep.seconds:
            writer.seconds = max(self._seconds, keep.seconds / _PARTS)
        if keep.bytes:
            writer.size = min(self._bytes, max(_LEAST_BYTES, keep.bytes // _PARTS))
        dropped, more = 0, True
        while more:
            chore = Chore(partial(expire_step, self._catalog, writer, keep, now))
            writer.ask(chore)
            count, more = await chore.future
            dropped += count
        return dropped

    async def latest(self) -> str:
        self._reading()
        return max((partition.extent.high for partition in self._catalog.partitions), default="")

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._readers.stop()
        if self._writer is not None:
            self._writer.stop()
        self._catalog.unlock()

    def _writing(self) -> Writer:
        self._reading()
        if self._writer is None:
            raise StoreError(f"The job cache in {self._directory} is open for reading only")
        return self._writer

    def _reading(self) -> Readers:
        if self._closed:
            raise StoreError("The job cache is closed")
        return self._readers

    def _settle(self, items: Sequence[Item]) -> list[Item]:
        """Large bodies become durable files of the store; when one cannot, none does."""
        settled: list[Item] = []
        try:
            for item in items:
                body = item.change.body
                incoming = settle(body, self._catalog.incoming) if body is not None and is_large(body) else None
                settled.append(item._replace(incoming=incoming))
        except BaseException:
            for item in settled:
                if item.incoming is not None:
                    item.incoming.drop()
            raise
        return settled

    def _report(self, partition: Partition, error: Exception) -> None:
        if self._writer is not None:
            self._writer.ask(Damage(partition, error))
