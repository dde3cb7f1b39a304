"""The one thread that writes: it takes all that is waiting, commits it together and answers everybody at once."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from saltern.errors import JobExists, StoreCorrupt, StoreError
from saltern.jobs.backends.sqlite.answers import Answers, Ask
from saltern.jobs.backends.sqlite.bodies import Incoming
from saltern.jobs.backends.sqlite.catalog import Catalog
from saltern.jobs.backends.sqlite.faults import fault, is_damage
from saltern.jobs.backends.sqlite.ledger import Entry, Ledger, Standing
from saltern.jobs.backends.sqlite.partition import Extent, Partition, find_job, index_by_seq, open_to_read
from saltern.jobs.backends.sqlite.rescue import rescue
from saltern.jobs.backends.sqlite.rows import key_of
from saltern.jobs.backends.sqlite.sealing import UNSEALED, Sealer
from saltern.jobs.rows import NUMBER, STATES, Write, write_of
from saltern.jobs.transition import judge
from saltern.model.job import Change, Job, Verdict

log = logging.getLogger(__name__)

_BATCH_ROWS = 20_000
_BATCH_BYTES = 32 << 20
_KNOWN_JOBS = 10_000
_OPEN_LEDGERS = 8


class Create(Ask[None]):
    """Write a job; `load` is its MessagePack."""

    def __init__(self, job: Job, load: bytes, minions: Sequence[str]) -> None:
        super().__init__()
        self.job = job
        self.load = load
        self.minions = minions
        self.rows = len(minions) + 1
        self.bytes = len(load)


class Item(NamedTuple):
    """A change made ready on the caller's side: its note encoded, a large body already a file."""

    change: Change
    note: bytes
    incoming: Incoming | None


class Record(Ask[list[Verdict]]):
    """Apply changes."""

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__()
        self.items = items
        self.verdicts: list[Verdict] = [Verdict.UNKNOWN_JOB] * len(items)
        self.rows = len(items)
        self.bytes = sum(len(body.data) for item in items if (body := item.change.body) and body.data)


class Damage(NamedTuple):
    """A reader met a damaged page."""

    partition: Partition
    reason: Exception


class Chore(Ask[Any]):
    """Something else to be done between two batches."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self.work = work


_Request = Create | Record | Chore | Damage


@dataclass
class _Share:
    """What a batch asks of one partition."""

    partition: Partition
    creations: list[Create] = field(default_factory=list)
    changes: list[tuple[Record, int, str]] = field(default_factory=list)
    """The question, the place of the change in it, and the jid."""

    def asks(self) -> list[Create | Record]:
        return list(dict.fromkeys([*self.creations, *(record for record, _, _ in self.changes)]))

    def part_of(self, ask: Create | Record) -> _Share:
        return _Share(
            self.partition,
            [creation for creation in self.creations if creation is ask],
            [change for change in self.changes if change[0] is ask],
        )


class Writer:
    """Owns the ledgers. Each method but `ask` and `stop` runs in its thread."""

    def __init__(self, catalog: Catalog, *, seconds: float, size: int, now: Callable[[], float] = time.time) -> None:
        self.seconds = seconds
        self.size = size
        self._catalog = catalog
        self._now = now
        self._queue: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._answers = Answers()
        self._ledgers: dict[int, Ledger] = {}
        self._known: dict[str, tuple[Partition, int]] = {}
        self._sealer = Sealer()
        self._sealer.seal(reversed(catalog.partitions[:-UNSEALED]))
        self._thread = threading.Thread(target=self._run, name="saltern-jobs-writer", daemon=True)
        self._thread.start()

    def ask(self, ask: _Request) -> None:
        self._queue.put(ask)

    def stop(self) -> None:
        """Finish what is waiting; the connections are closed when this returns."""
        self._queue.put(None)
        self._thread.join()
        self._sealer.stop()

    # --- for chores ---------------------------------------------------------------------------------------------

    def ledger(self, partition: Partition) -> Ledger:
        """The ledger of a partition; `StoreCorrupt` for one that is set aside."""
        if partition.damaged:
            raise _damaged(partition)
        ledger = self._ledgers.pop(partition.number, None)
        if ledger is None:
            while len(self._ledgers) >= _OPEN_LEDGERS:
                self._ledgers.pop(next(iter(self._ledgers))).close()
            try:
                ledger = Ledger(partition)
            except sqlite3.Error as error:
                raise fault(error, partition.path) from error
        self._ledgers[partition.number] = ledger
        return ledger

    def begin_partition(self) -> Partition:
        """Start a new file; jobs go there from now on."""
        for number in list(self._ledgers):
            self._ledgers.pop(number).close()  # which also writes its log back and frees the space of it
        partition = self._catalog.fresh(Extent(seq=self._catalog.seq, born=self._now()))
        self._ledgers[partition.number] = Ledger(partition, begin=True)
        if self._catalog.by_seq:
            index_by_seq(partition)
        self._catalog.add(partition)
        self._sealer.seal(self._catalog.partitions[-UNSEALED - 1 : -UNSEALED])
        return partition

    def forget(self, partition: Partition) -> None:
        """Close a partition, and forget which jobs are in it."""
        self._sealer.leave(partition)
        if ledger := self._ledgers.pop(partition.number, None):
            ledger.close()
        self.forget_jobs()

    def forget_jobs(self) -> None:
        self._known.clear()

    def set_aside(self, partition: Partition, reason: Exception) -> None:
        if not partition.damaged and partition in self._catalog.partitions:
            self.forget(partition)
            self._catalog.set_aside(partition, reason)

    # --- the thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (ask := self._queue.get()) is not None:
            batch, after = self._gather(ask)
            self._work(batch)
            if isinstance(after, Damage):
                self.set_aside(*after)
            elif after is not None:
                self._do(after)
            self._answers.hand_over()
        for ledger in self._ledgers.values():
            ledger.close()

    def _gather(self, first: _Request) -> tuple[list[Create | Record], Chore | Damage | None]:
        """What is waiting, as far as one commit can hold it; and what came behind it and is no part of a batch."""
        batch: list[Create | Record] = []
        rows = size = 0
        ask: _Request | None = first
        while isinstance(ask, (Create, Record)):
            batch.append(ask)
            rows, size = rows + ask.rows, size + ask.bytes
            if rows >= _BATCH_ROWS or size >= _BATCH_BYTES or self._queue.empty():
                return batch, None
            ask = self._queue.get()
        if ask is None:
            self._queue.put(None)  # the end comes after this batch
        return batch, ask

    def _do(self, chore: Chore) -> None:
        try:
            chore.result = chore.work()
        except Exception as error:  # the one who asked is told
            chore.error = error
        self._answers.add(chore)

    def _work(self, batch: Sequence[Create | Record]) -> None:
        shares: dict[int, _Share] = {}
        new_jobs: dict[str, Partition] = {}
        for ask in batch:
            try:
                if isinstance(ask, Create):
                    self._plan_creation(ask, shares, new_jobs)
                else:
                    self._plan_changes(ask, shares, new_jobs)
            except Exception as error:  # the one who asked is told
                ask.error = error
        # In the order of their numbers, as cursors are given out: a reader that looks at the newest partition first
        # never sees a cursor and misses a lower one.
        for number in sorted(shares):
            self._commit(shares[number])
        for ask in batch:
            self._finish(ask)

    def _plan_creation(self, ask: Create, shares: dict[int, _Share], new_jobs: dict[str, Partition]) -> None:
        jid = ask.job.jid
        if jid in new_jobs or self._locate(jid):
            raise JobExists(f"There is a job {jid} already")
        partition = self._current()
        shares.setdefault(partition.number, _Share(partition)).creations.append(ask)
        new_jobs[jid] = partition

    def _plan_changes(self, ask: Record, shares: dict[int, _Share], new_jobs: dict[str, Partition]) -> None:
        for place, item in enumerate(ask.items):
            jid = item.change.jid
            partition = new_jobs.get(jid)
            if partition is None:
                located = self._locate(jid)
                if located is None or (partition := self._writable(located[0], jid)) is None:
                    continue
            shares.setdefault(partition.number, _Share(partition)).changes.append((ask, place, jid))

    def _writable(self, partition: Partition, jid: str) -> Partition | None:
        """Where to write to a job; one in a damaged file moves to the newest. None when too little of it is left."""
        if not partition.damaged:
            return partition
        current = self._current()
        try:
            number = rescue(partition, jid, self.ledger(current), self._catalog.seq, self._catalog.incoming)
        except sqlite3.DatabaseError as error:
            log.error("job %s is lost: it cannot be read from %s: %s", jid, partition.path, error)
            return None
        log.warning("job %s was moved from %s to %s, as far as it could be read", jid, partition.path, current.path)
        self._known[jid] = (current, number)
        return current

    def _current(self) -> Partition:
        last = self._catalog.partitions[-1] if self._catalog.partitions else None
        if last is None or last.damaged or self._is_complete(last.extent):
            return self.begin_partition()
        return last

    def _is_complete(self, extent: Extent) -> bool:
        return extent.jobs > 0 and (extent.bytes >= self.size or abs(self._now() - extent.born) >= self.seconds)

    def _locate(self, jid: str) -> tuple[Partition, int] | None:
        if known := self._known.get(jid):
            return known
        for partition in self._catalog.newest_first():
            if not partition.may_hold(jid) or (number := self._number_in(partition, jid)) is None:
                continue
            if len(self._known) >= _KNOWN_JOBS:
                self._known.clear()
            self._known[jid] = (partition, number)
            return self._known[jid]
        return None

    def _number_in(self, partition: Partition, jid: str) -> int | None:
        try:
            if partition.damaged:
                with closing(open_to_read(partition)) as connection:
                    return find_job(connection, jid)
            return self.ledger(partition).find(jid)
        except sqlite3.Error as error:
            if not is_damage(error):
                raise fault(error, partition.path) from error
            self.set_aside(partition, error)
            return None

    def _commit(self, share: _Share) -> None:
        """Write a share; one that fails is tried again question by question, so that each fails for itself."""
        try:
            self._write(share)
        except StoreCorrupt as error:
            self.set_aside(share.partition, error)
            self._refuse(share)
        except Exception as error:  # nothing was written, and those who asked are told
            asks = share.asks()
            if len(asks) == 1:
                asks[0].error = error
                return
            for ask in asks:
                self._commit(share.part_of(ask))

    def _refuse(self, share: _Share) -> None:
        """Of what a damaged file was to take, new jobs go to a fresh one; changes have nowhere else to go."""
        for ask, _, _ in share.changes:
            ask.error = _damaged(share.partition)
        for creation in share.creations:
            try:
                self._write(_Share(self._current(), [creation]))
            except StoreError as error:
                creation.error = error

    def _write(self, share: _Share) -> None:
        ledger = self.ledger(share.partition)
        numbers: dict[str, int] = {}
        with ledger.transaction():
            seq = self._catalog.seq
            for new in share.creations:
                numbers[new.job.jid] = ledger.create(new.job, new.load, new.minions, seq)
                seq += len(new.minions)
            verdicts, entries = self._judge(ledger, share.changes, numbers)
            if entries:
                ledger.write(entries, seq + 1)
        self._known.update({jid: (share.partition, number) for jid, number in numbers.items()})
        for (ask, place, _), verdict in zip(share.changes, verdicts, strict=True):
            ask.verdicts[place] = verdict

    def _judge(
        self, ledger: Ledger, changes: Sequence[tuple[Record, int, str]], new: dict[str, int]
    ) -> tuple[list[Verdict], list[Entry]]:
        """A verdict for each change, and one entry for each outcome that moves: the last of its accepted changes."""
        keys = [self._key(ledger, ask.items[place].change, new) for ask, place, _ in changes]
        standings = ledger.standings({key for key in keys if key is not None}) if keys else {}
        now = {key: standing.state for key, standing in standings.items()}
        accepted: dict[int, tuple[Item, Write]] = {}
        verdicts = []
        for key, (ask, place, _) in zip(keys, changes, strict=True):
            item = ask.items[place]
            if key is None or key not in now:
                verdicts.append(Verdict.NOT_TARGETED)
                continue
            verdict = judge(STATES[now[key]], item.change.state)
            verdicts.append(verdict)
            if verdict is Verdict.STORED:
                write = write_of(key, item.change, item.note)
                if (before := accepted.pop(key, None)) and write.started is None:
                    write = write._replace(started=before[1].started)
                accepted[key] = (item, write)
                now[key] = NUMBER[item.change.state]
        return verdicts, [_entry(item, write, standings[key]) for key, (item, write) in accepted.items()]

    def _key(self, ledger: Ledger, change: Change, new: dict[str, int]) -> int | None:
        job = new.get(change.jid)
        if job is None:
            known = self._locate(change.jid)
            if known is None:
                return None
            job = known[1]
        minion = ledger.minion(change.minion)
        return None if minion is None else key_of(job, minion)

    def _finish(self, ask: Create | Record) -> None:
        if isinstance(ask, Record):
            ask.result = ask.verdicts
            for item, verdict in zip(ask.items, ask.verdicts, strict=True):
                if item.incoming is None:
                    continue
                if ask.error is None:
                    item.incoming.taken()
                elif verdict is not Verdict.STORED:
                    item.incoming.drop()
        self._answers.add(ask)


def _damaged(partition: Partition) -> StoreCorrupt:
    return StoreCorrupt(f"The job cache file {partition.path} is damaged; it is read and no longer written")


def _entry(item: Item, write: Write, old: Standing) -> Entry:
    body = item.change.body
    if not write.kept or body is None:
        return Entry(write, old, None)
    return Entry(write, old, item.incoming if item.incoming is not None else body.data)
