"""Histories into the tables of a store in bulk: each row once, as it is in the end.

The store writes an outcome twice, when the job is published and when it ends. The rows are those that it would have
written for jobs that come and end one after the other; `tests/contracts/test_histories.py` compares the tables.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.history import Sums, Written
from saltern.jobs.backends.mysql import MysqlSession, open_mysql
from saltern.jobs.backends.postgresql import PostgresqlSession, open_postgresql
from saltern.jobs.backends.sqlite.partition import Extent, Partition, create_file, write_extent
from saltern.jobs.backends.sqlite.store import PARTITION_BYTES
from saltern.jobs.matching import target_text
from saltern.jobs.rows import STATES, Write, note_of, write_of
from saltern.jobs.server.address import ServerAddress
from saltern.jobs.server.session import Row, Session
from saltern.jobs.transition import OUTCOME_BYTES, microseconds
from saltern.model.job import Job

_SERVERS = {"postgresql": (open_postgresql, PostgresqlSession), "mysql": (open_mysql, MysqlSession)}
_JOBS = 2_000
"""In one transaction."""
_JOB = ("id", "jid", "created", "fun", "tgt", "usr", "tagged", "bytes", "data", *map(str, STATES))
_OUTCOME = (
    "job", "minion", "state", "seq", "changed", "started", "retcode", "success", "size", "note", "body",
)  # fmt: skip


async def load_tables(address: ServerAddress, jobs: Iterable[Written]) -> Sums:
    """Make the tables and fill them; nothing may be in them yet."""
    open_store, connect = _SERVERS[address.kind]
    await (await open_store(address)).close()
    session: Session = await connect.connect(address, None)
    rows = _Rows()
    jobs = iter(jobs)
    while some := list(itertools.islice(jobs, _JOBS)):
        await _write(session, rows, some)
    await session.execute(
        "UPDATE saltern_meta SET seq = %s, last_job = %s, last_minion = %s, jobs = %s, bytes = %s",
        (rows.seq, rows.job, len(rows.minions), rows.job, rows.bytes),
    )
    await session.close()
    return rows.sums


async def _write(session: Session, rows: _Rows, some: Sequence[Written]) -> None:
    await session.begin()
    jobs, outcomes, bodies, names = rows.of(some)
    if names:
        await session.insert("saltern_minion", ("id", "name"), names)
    await session.insert("saltern_job", _JOB, jobs)
    await session.insert("saltern_outcome", _OUTCOME, outcomes)
    await session.insert("saltern_body", ("id", "part", "data"), bodies)
    await session.commit()


class _End(NamedTuple):
    """The last row of an outcome; `seq` is the number of its body too."""

    minion: str
    seq: int
    write: Write
    body: bytes | None


class _Made(NamedTuple):
    """What the store knows of a job when it is over."""

    load: bytes
    bytes: int
    counts: list[int]
    ends: list[_End]


def _made(one: Written, seq: int) -> _Made:
    """`seq` is the last cursor before the job: a first one is given to each outcome when it is queued."""
    counts = [0] * len(STATES)
    load = msgspec.msgpack.encode(one.job)
    size = len(load) + OUTCOME_BYTES * len(one.minions)
    ends = []
    for number, change in enumerate(one.changes, seq + len(one.minions) + 1):
        write = write_of(0, change, note_of(change))
        counts[write.state] += 1
        size += write.size
        ends.append(_End(change.minion, number, write, change.body.data if change.body is not None else None))
    return _Made(load, size, counts, ends)


class _Rows:
    """Rows for the tables of a server."""

    def __init__(self) -> None:
        self.seq = self.job = self.bytes = 0
        self.minions: dict[str, int] = {}
        self.sums = Sums()

    def of(self, some: Sequence[Written]) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
        jobs: list[Row] = []
        outcomes: list[Row] = []
        bodies: list[Row] = []
        names: list[Row] = []
        for one in some:
            self.sums.add(one)
            self.job += 1
            names += self._learn(one.minions)
            made = _made(one, self.seq)
            self.seq += 2 * len(made.ends)
            self.bytes += made.bytes
            jobs.append(_job_row(self.job, one.job, made))
            outcomes += [self._outcome(end) for end in made.ends]
            bodies += [(end.seq, 0, end.body) for end in made.ends if end.body is not None]
        return jobs, outcomes, bodies, names

    def _learn(self, minions: Sequence[str]) -> Iterator[Row]:
        for name in sorted(name for name in minions if name not in self.minions):
            self.minions[name] = len(self.minions) + 1
            yield self.minions[name], name

    def _outcome(self, end: _End) -> Row:
        write = end.write
        return (
            self.job, self.minions[end.minion], write.state, end.seq, write.changed, write.started, write.retcode,
            write.success, write.size, write.note or None, end.seq if write.kept else None,
        )  # fmt: skip


def _job_row(number: int, job: Job, made: _Made) -> Row:
    texts = (job.jid, job.created, job.fun_text, target_text(job), job.user)
    return (number, *texts, 0, made.bytes, made.load, *made.counts)


# --- SQLite -------------------------------------------------------------------------------------------------------


def load_files(directory: Path, jobs: Iterable[Written], *, seconds: float, size: int = PARTITION_BYTES) -> Sums:
    """Make the partitions of a job cache; nothing may be in the directory yet. A partition ends as in the store."""
    directory.mkdir(mode=0o700, parents=True)
    sums = Sums()
    seq, number = 0, 0
    jobs = iter(jobs)
    first = next(jobs, None)
    while first is not None:
        number += 1
        partition = Partition(directory, number, extent=Extent(seq=seq, born=first.job.created))
        with closing(create_file(partition)) as connection:
            first = _fill(connection, partition, itertools.chain([first], jobs), sums, seconds=seconds, size=size)
        seq = partition.extent.seq
    return sums


def _fill(
    connection: sqlite3.Connection,
    partition: Partition,
    jobs: Iterator[Written],
    sums: Sums,
    *,
    seconds: float,
    size: int,
) -> Written | None:
    """Write into a partition until it is complete; the job that was too much."""
    minions: dict[str, int] = {}
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    left = None
    for one in jobs:
        extent = partition.extent
        if extent.jobs and (extent.bytes >= size or one.job.created - extent.born >= seconds):
            left = one
            break
        sums.add(one)
        partition.extent = _insert(connection, extent, one, minions)
    write_extent(connection, partition.extent)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return left


def _insert(connection: sqlite3.Connection, extent: Extent, one: Written, minions: dict[str, int]) -> Extent:
    job, made, number = one.job, _made(one, extent.seq), extent.jobs + 1
    for name in one.minions:
        if name not in minions:
            minions[name] = len(minions) + 1
            connection.execute("INSERT INTO minion (id, name) VALUES (?, ?)", (minions[name], name))
    connection.execute(
        "INSERT INTO job (id, jid, created, fun, tgt, user, tagged, bytes, counts) VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)",
        (number, job.jid, job.created, job.fun_text, target_text(job), job.user, made.bytes,
         msgspec.json.encode(made.counts).decode()),
    )  # fmt: skip
    connection.execute("INSERT INTO load (job, data) VALUES (?, ?)", (number, made.load))
    connection.executemany(
        "INSERT INTO outcome (job, minion, state, seq, changed, started, retcode, success, size, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (number, minions[end.minion], end.write.state, end.seq, end.write.changed, end.write.started,
             end.write.retcode, end.write.success, end.write.size, end.write.note or None)
            for end in made.ends
        ],
    )  # fmt: skip
    connection.executemany(
        "INSERT INTO body (id, data) VALUES (?, ?)", [(end.seq, end.body) for end in made.ends if end.body is not None]
    )
    return _grown(extent, job, made)


def _grown(extent: Extent, job: Job, made: _Made) -> Extent:
    return msgspec.structs.replace(
        extent,
        seq=extent.seq + 2 * len(made.ends),
        jobs=extent.jobs + 1,
        bytes=extent.bytes + made.bytes,
        low=extent.low or job.jid,
        high=job.jid,
        oldest=extent.oldest if extent.jobs else job.created,
        newest=job.created,
        touched=max(extent.touched, microseconds(job.created), *(end.write.changed for end in made.ends)),
    )
