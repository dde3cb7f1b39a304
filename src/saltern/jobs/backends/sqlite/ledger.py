"""The writing side of one partition: what a transaction consists of."""

from __future__ import annotations

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import msgspec

from saltern.jobs.backends.sqlite.bodies import Incoming, sync_folder
from saltern.jobs.backends.sqlite.faults import fault
from saltern.jobs.backends.sqlite.partition import Partition, create_file, find_job, open_to_write, write_extent
from saltern.jobs.backends.sqlite.rows import INSERT_BODIES, UPDATE_OUTCOMES, pack_bodies, pack_writes
from saltern.jobs.matching import target_text
from saltern.jobs.rows import OPEN, STATES, Write
from saltern.jobs.transition import OUTCOME_BYTES, microseconds
from saltern.model.job import Job

log = logging.getLogger(__name__)

_BODIES_AT_ONCE = 64 << 20
"""Bytes of bodies that go into SQLite in one call."""

FIND_STATES = """
SELECT json_group_array(json_array(asked.value, outcome.state, outcome.seq, outcome.size))
FROM json_each(?) AS asked CROSS JOIN outcome
WHERE outcome.job = asked.value >> 32 AND outcome.minion = asked.value & 4294967295
"""


class Standing(NamedTuple):
    """Where an outcome stands in the file."""

    state: int
    seq: int
    size: int


class Entry(NamedTuple):
    """A change that is accepted: the row, the row that it replaces, and the body (bytes, or a file on its way in)."""

    write: Write
    old: Standing
    body: bytes | Incoming | None


class Ledger:
    """The open connection of a partition that is written to, with the names of minions by number."""

    def __init__(self, partition: Partition, *, begin: bool = False) -> None:
        self.partition = partition
        self._connection = create_file(partition) if begin else open_to_write(partition)
        self._minions: dict[str, int] | None = None
        self._new = partition.extent
        self._placed: list[Incoming] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is durable at the end, or nothing is and a `StoreError` tells why."""
        self._new = self.partition.extent
        self._placed = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            write_extent(self._connection, self._new)
            if self._placed:
                sync_folder(self.partition.bodies)
            self._connection.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            if isinstance(error, (sqlite3.Error, OSError)):
                raise fault(error, self.partition.path) from error
            raise
        self.partition.extent = self._new

    def find(self, jid: str) -> int | None:
        """The number of a job."""
        return find_job(self._connection, jid)

    def minion(self, name: str) -> int | None:
        """The number of a minion, None when no job of this partition concerns it."""
        return self._names().get(name)

    def create(self, job: Job, load: bytes, minions: Sequence[str], seq: int) -> int:
        """Write a job; its outcomes get the cursors after `seq`. The job's number."""
        counts = [len(minions), *[0] * (len(STATES) - 1)]
        size = len(load) + OUTCOME_BYTES * len(minions)
        number = self._connection.execute(
            "INSERT INTO job (jid, created, fun, tgt, user, tagged, bytes, counts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (job.jid, job.created, job.fun_text, target_text(job), job.user, job.metadata is not None, size,
             msgspec.json.encode(counts).decode()),
        ).lastrowid  # fmt: skip
        assert number is not None
        self._connection.execute("INSERT INTO load (job, data) VALUES (?, ?)", (number, load))
        self._connection.execute(
            "INSERT INTO outcome (job, minion, state, seq, changed, size)"
            " SELECT ?, value, 0, ? + key + 1, ?, 0 FROM json_each(?)",
            (number, seq, microseconds(job.created), _json(sorted(self._numbers(minions)))),
        )
        self._count_in(job, size, len(minions), seq + len(minions))
        return number

    def standings(self, keys: Iterable[int]) -> dict[int, Standing]:
        """Where outcomes stand, by key; what is not in the result is not targeted."""
        (text,) = self._connection.execute(FIND_STATES, (_json(list(keys)),)).fetchone()
        return {key: Standing(state, seq, size) for key, state, seq, size in msgspec.json.decode(text)}

    def write(self, entries: Sequence[Entry], seq: int) -> None:
        """Write outcomes with their bodies; they get the cursors from `seq` on."""
        self._connection.execute(UPDATE_OUTCOMES, pack_writes([entry.write for entry in entries], seq))
        self._forget([entry.old.seq for entry in entries if entry.old.size])
        self._store_bodies(entries, seq)
        self._tally(entries)
        self._new = msgspec.structs.replace(
            self._new,
            seq=seq + len(entries) - 1,
            touched=max(self._new.touched, max(entry.write.changed for entry in entries)),
        )

    def oldest(self, limit: int) -> list[tuple[int, str, int, int]]:
        """(created in microseconds, jid, number, bytes) of the oldest jobs, oldest first."""
        (text,) = self._connection.execute(
            "SELECT json_group_array(json_array(CAST(round(created * 1e6) AS INTEGER), jid, id, bytes))"
            " FROM (SELECT created, jid, id, bytes FROM job ORDER BY created, jid LIMIT ?)",
            (limit,),
        ).fetchone()
        return sorted(map(tuple, msgspec.json.decode(text)))

    def drop(self, jobs: Sequence[int]) -> list[int]:
        """Delete jobs with all that belongs to them; the numbers of body files that are to go after the commit."""
        chosen = _json(list(jobs))
        gone = self._connection.execute(
            "SELECT count(*), coalesce(sum(bytes), 0),"
            " coalesce(sum((counts ->> 0) + (counts ->> 1) + (counts ->> 2)), 0)"
            " FROM job WHERE id IN (SELECT value FROM json_each(?))",
            (chosen,),
        ).fetchone()
        ends = "SELECT seq FROM outcome WHERE state > 2 AND job IN (SELECT value FROM json_each(?))"
        files = self._connection.execute(
            f"SELECT id FROM body WHERE data IS NULL AND id IN ({ends})",  # noqa: S608  (a constant)
            (chosen,),
        ).fetchall()
        self._connection.execute(f"DELETE FROM body WHERE id IN ({ends})", (chosen,))  # noqa: S608  (a constant)
        for table, column in (("outcome", "job"), ("load", "job"), ("job", "id")):
            self._connection.execute(
                f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))",  # noqa: S608  (constants)
                (chosen,),
            )
        self._count_out(*gone)
        return [number for (number,) in files]

    def close(self) -> None:
        """Write the log back into the file, as far as readers let it, and let go of both."""
        try:
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            log.warning("The log of %s stays for now: %s", self.partition.path, error)
        self._connection.close()

    def _names(self) -> dict[str, int]:
        if self._minions is None:
            (text,) = self._connection.execute("SELECT json_group_array(json_array(name, id)) FROM minion").fetchone()
            self._minions = dict(msgspec.json.decode(text))
        return self._minions

    def _numbers(self, minions: Sequence[str]) -> list[int]:
        names = self._names()
        new = [name for name in minions if name not in names]
        if new:
            first = max(names.values(), default=0) + 1
            self._insert_names(new, first)
            names.update(zip(new, range(first, first + len(new)), strict=True))
        return [names[name] for name in minions]

    def _insert_names(self, names: Sequence[str], first: int) -> None:
        if any("\0" in name for name in names):  # SQLite's JSON ends a text there
            self._connection.executemany(
                "INSERT INTO minion (id, name) VALUES (?, ?)", zip(range(first, first + len(names)), names, strict=True)
            )
        else:
            self._connection.execute(
                "INSERT INTO minion (id, name) SELECT ? + key, value FROM json_each(?)", (first, _json(names))
            )

    def _store_bodies(self, entries: Sequence[Entry], seq: int) -> None:
        batch: list[tuple[int, bytes]] = []
        size = 0
        for number, entry in enumerate(entries, seq):
            if isinstance(entry.body, Incoming):
                self._place(entry.body, number)
            elif entry.body is not None:
                batch.append((number, entry.body))
                size += len(entry.body)
                if size > _BODIES_AT_ONCE:
                    self._connection.execute(INSERT_BODIES, pack_bodies(batch))
                    batch, size = [], 0
        if batch:
            self._connection.execute(INSERT_BODIES, pack_bodies(batch))

    def _place(self, incoming: Incoming, number: int) -> None:
        if not self.partition.bodies.is_dir():
            self.partition.bodies.mkdir(mode=0o700)
            sync_folder(self.partition.directory)
        incoming.move_to(self.partition.body_file(number))
        self._placed.append(incoming)
        self._connection.execute("INSERT INTO body (id, data) VALUES (?, NULL)", (number,))

    def _forget(self, seqs: Sequence[int]) -> None:
        """Bodies of ends that a late return replaces; a file of theirs goes with the partition."""
        if seqs:
            self._connection.execute(
                "DELETE FROM body WHERE id IN (SELECT value FROM json_each(?))", (_json(list(seqs)),)
            )

    def _tally(self, entries: Sequence[Entry]) -> None:
        moves: defaultdict[int, list[int]] = defaultdict(lambda: [0] * (len(STATES) + 1))
        opened = 0
        for write, old, _ in entries:
            change = moves[write.key >> 32]
            change[old.state] -= 1
            change[write.state] += 1
            change[-1] += write.size - old.size
            opened += (write.state in OPEN) - (old.state in OPEN)
        (text,) = self._connection.execute(
            "SELECT json_group_array(json_array(id, json(counts), bytes)) FROM job"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (_json(list(moves)),),
        ).fetchone()
        rows = []
        for job, counts, size in msgspec.json.decode(text):
            *change, grown = moves[job]
            sums = [count + moved for count, moved in zip(counts, change, strict=True)]
            rows.append([job, msgspec.json.encode(sums).decode(), size + grown])
        self._connection.execute(
            "UPDATE job SET counts = new.value ->> 1, bytes = new.value ->> 2"
            " FROM json_each(?) AS new WHERE job.id = new.value ->> 0",
            (_json(rows),),
        )
        grown = sum(change[-1] for change in moves.values())
        self._new = msgspec.structs.replace(self._new, open=self._new.open + opened, bytes=self._new.bytes + grown)

    def _count_in(self, job: Job, size: int, minions: int, seq: int) -> None:
        old = self._new
        self._new = msgspec.structs.replace(
            old,
            seq=seq,
            jobs=old.jobs + 1,
            bytes=old.bytes + size,
            open=old.open + minions,
            low=min(old.low, job.jid) if old.jobs else job.jid,
            high=max(old.high, job.jid) if old.jobs else job.jid,
            oldest=min(old.oldest, job.created) if old.jobs else job.created,
            newest=max(old.newest, job.created) if old.jobs else job.created,
            touched=max(old.touched, microseconds(job.created)),
        )

    def _count_out(self, jobs: int, size: int, opened: int) -> None:
        low, high, oldest, newest = self._connection.execute(
            "SELECT coalesce((SELECT min(jid) FROM job), ''), coalesce((SELECT max(jid) FROM job), ''),"
            " coalesce((SELECT min(created) FROM job), 0.0), coalesce((SELECT max(created) FROM job), 0.0)"
        ).fetchone()
        old = self._new
        self._new = msgspec.structs.replace(
            old,
            jobs=old.jobs - jobs, bytes=old.bytes - size, open=old.open - opened,
            low=low, high=high, oldest=oldest, newest=newest,
        )  # fmt: skip

    def _roll_back(self) -> None:
        self._minions = None
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
