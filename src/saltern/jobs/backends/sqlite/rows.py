"""How many rows travel to SQLite in one call, and back.

The `sqlite3` module gives up the interpreter lock at every row that it steps over, and gets it back only when the event
loop's thread lets go of it, which under load takes milliseconds. So no loop over rows is run from Python: a batch goes
in as one packed text of columns of fixed width, which SQL takes apart (`PACKED`), and rows come out as one JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from saltern.jobs.rows import Write, counts_in, outcome_of
from saltern.model.job import Outcome

_MINION_BITS = 32
_MASK = (1 << _MINION_BITS) - 1


def key_of(job: int, minion: int) -> int:
    """The two parts of an outcome's primary key as one number."""
    return job << _MINION_BITS | minion


_HAS_RETCODE, _HAS_SUCCESS, _SUCCESS = 16, 32, 64
_ROW = "%19d%3d%17d%17d%20d%12d%10d%10d"

UPDATE_OUTCOMES = """
WITH RECURSIVE place(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM place WHERE i + 1 < :count),
packed AS (
    SELECT i,
        CAST(substr(:rows, i * 108 + 1, 19) AS INTEGER) AS key,
        CAST(substr(:rows, i * 108 + 20, 3) AS INTEGER) AS flags,
        CAST(substr(:rows, i * 108 + 23, 17) AS INTEGER) AS changed,
        CAST(substr(:rows, i * 108 + 40, 17) AS INTEGER) AS started,
        CAST(substr(:rows, i * 108 + 57, 20) AS INTEGER) AS retcode,
        CAST(substr(:rows, i * 108 + 77, 12) AS INTEGER) AS size,
        CAST(substr(:rows, i * 108 + 89, 10) AS INTEGER) AS note_at,
        CAST(substr(:rows, i * 108 + 99, 10) AS INTEGER) AS note_length
    FROM place)
UPDATE outcome SET
    state = packed.flags & 15,
    seq = :seq + packed.i,
    changed = packed.changed,
    started = CASE WHEN packed.started < 0 THEN outcome.started ELSE packed.started END,
    retcode = CASE WHEN packed.flags & 16 THEN packed.retcode END,
    success = CASE WHEN packed.flags & 32 THEN packed.flags & 64 <> 0 END,
    size = packed.size,
    note = CASE WHEN packed.note_length THEN substr(:notes, packed.note_at, packed.note_length) END
FROM packed
WHERE outcome.job = packed.key >> 32 AND outcome.minion = packed.key & 4294967295
"""
"""The row at place i of the packed text gets the cursor `:seq` + i."""

INSERT_BODIES = """
WITH RECURSIVE place(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM place WHERE i + 1 < :count)
INSERT INTO body (id, data)
SELECT
    CAST(substr(:rows, i * 40 + 1, 19) AS INTEGER),
    coalesce(
        substr(:data, CAST(substr(:rows, i * 40 + 20, 11) AS INTEGER), CAST(substr(:rows, i * 40 + 31, 10) AS INTEGER)),
        x'')
FROM place
"""


def pack_writes(writes: Sequence[Write], seq: int) -> dict[str, Any]:
    """The parameters of `UPDATE_OUTCOMES`; the first row gets the cursor `seq`."""
    places: dict[bytes, int] = {}
    notes = bytearray()
    lines = []
    for write in writes:
        note = write.note
        if note and note not in places:
            places[note] = len(notes) + 1
            notes += note
        flags = write.state | (_HAS_RETCODE if write.retcode is not None else 0)
        if write.success is not None:
            flags |= _HAS_SUCCESS | (_SUCCESS if write.success else 0)
        lines.append(
            _ROW
            % (
                write.key,
                flags,
                write.changed,
                -1 if write.started is None else write.started,
                write.retcode or 0,
                write.size,
                places.get(note, 0),
                len(note),
            )
        )
    return {"rows": "".join(lines).encode(), "count": len(writes), "seq": seq, "notes": bytes(notes)}


def pack_bodies(bodies: Sequence[tuple[int, bytes]]) -> dict[str, Any]:
    """The parameters of `INSERT_BODIES` for pairs of id and bytes."""
    lines = []
    at = 1
    for number, data in bodies:
        lines.append("%19d%11d%10d" % (number, at, len(data)))  # noqa: UP031  (twice as fast, once for each return)
        at += len(data)
    return {"rows": "".join(lines).encode(), "count": len(bodies), "data": b"".join([data for _, data in bodies])}


OUTCOME_COLUMNS = (
    "minion.name", "outcome.state", "outcome.seq", "outcome.changed", "outcome.started",
    "outcome.retcode", "outcome.success", "outcome.size", "hex(outcome.note)", "job.jid",
)  # fmt: skip


class OutcomeRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The values of `OUTCOME_COLUMNS`."""

    minion: str
    state: int
    seq: int
    changed: int
    started: int | None
    retcode: int | None
    success: int | None
    size: int
    note: str
    jid: str


def outcomes_of(rows: Iterable[OutcomeRow]) -> list[Outcome]:
    return [_outcome(row) for row in rows]


def _outcome(row: OutcomeRow) -> Outcome:
    return outcome_of(
        row.jid,
        row.minion,
        row.state,
        row.seq,
        row.changed,
        row.started,
        row.retcode,
        row.success,
        row.size,
        bytes.fromhex(row.note),
    )


def counts_of(text: str) -> dict[str, int]:
    """The states that occur, with their counts, from the JSON list of a job's row."""
    return dict(counts_in(msgspec.json.decode(text)))
