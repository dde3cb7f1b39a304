"""Taking a job out of a damaged file, as far as it can be read, so that its returns still have a place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from saltern.jobs.backends.sqlite.bodies import Incoming, settle
from saltern.jobs.backends.sqlite.faults import is_damage
from saltern.jobs.backends.sqlite.ledger import Entry, Ledger, Standing
from saltern.jobs.backends.sqlite.partition import Partition, find_job, open_to_read
from saltern.jobs.backends.sqlite.rows import key_of
from saltern.jobs.rows import Write
from saltern.model.job import Body, Job

_OUTCOMES = """
SELECT minion.name, outcome.state, outcome.changed, outcome.started, outcome.retcode, outcome.success, outcome.size,
    coalesce(outcome.note, x''), outcome.seq
FROM outcome JOIN minion ON minion.id = outcome.minion WHERE outcome.job = ?
"""


class _Rescued(NamedTuple):
    minion: str
    write: Write
    body: bytes | Incoming | None


def rescue(damaged: Partition, jid: str, into: Ledger, seq: int, incoming: Path) -> int:
    """Write the job anew into `into`, its outcomes after the cursor `seq`; the job's number there.

    `sqlite3.DatabaseError` when the job itself cannot be read. Outcomes behind the damage are lost, and so are bodies
    that were in it.
    """
    with closing(open_to_read(damaged)) as connection:
        number = find_job(connection, jid)
        (load,) = connection.execute("SELECT data FROM load WHERE job = ?", (number,)).fetchone()
        outcomes = list(_outcomes(connection, damaged, number or 0, incoming))
    with into.transaction():
        job = msgspec.msgpack.decode(load, type=Job)
        new = into.create(job, load, [outcome.minion for outcome in outcomes], seq)
        entries = [_entry(into, new, outcome) for outcome in outcomes if outcome.write.state]
        if entries:
            into.write(entries, seq + len(outcomes) + 1)
    return new


def _outcomes(connection: sqlite3.Connection, damaged: Partition, job: int, incoming: Path) -> Iterator[_Rescued]:
    try:
        for name, state, changed, started, retcode, success, size, note, seq in connection.execute(_OUTCOMES, (job,)):
            body = _body(connection, damaged, seq, incoming) if state > 2 else None
            kept = body is not None
            write = Write(0, state, changed, started, retcode, success, size if kept else 0, note, kept)
            yield _Rescued(name, write, body)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise


def _body(connection: sqlite3.Connection, damaged: Partition, seq: int, incoming: Path) -> bytes | Incoming | None:
    try:
        row = connection.execute("SELECT data FROM body WHERE id = ?", (seq,)).fetchone()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return None
    if row is None:
        return None
    if row[0] is not None:
        return bytes(row[0])
    # A second name for the same file: the damaged partition goes on reading its own.
    return settle(Body(path=damaged.body_file(seq)), incoming)


def _entry(into: Ledger, job: int, outcome: _Rescued) -> Entry:
    minion = into.minion(outcome.minion)
    assert minion is not None
    return Entry(outcome.write._replace(key=key_of(job, minion)), Standing(0, 0, 0), outcome.body)
