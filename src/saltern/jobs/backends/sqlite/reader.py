"""Threads that read: each with connections of its own, so that a read waits for no write and the loop for neither."""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from saltern.jobs.backends.sqlite.answers import Answers, Ask
from saltern.jobs.backends.sqlite.catalog import Catalog
from saltern.jobs.backends.sqlite.faults import fault, is_absent, is_damage
from saltern.jobs.backends.sqlite.partition import MINION_INDEX, Partition, find_job, has_minion_index, open_to_read
from saltern.jobs.backends.sqlite.query import index_for, job_condition, outcome_condition
from saltern.jobs.backends.sqlite.rows import OUTCOME_COLUMNS, OutcomeRow, counts_of, outcomes_of
from saltern.jobs.matching import describes
from saltern.jobs.rows import NUMBER, OPEN
from saltern.jobs.transition import microseconds
from saltern.model.job import Body, Job, JobQuery, JobSummary, Outcome, OutcomeQuery

log = logging.getLogger(__name__)
T = TypeVar("T")

_OPEN_FILES = 64
_CACHE_KIB = 512
"""Of pages, for each of them."""
_HOLD_BACK = 0.002
"""Seconds for which answers may wait for others, so that many short questions wake the loop once."""
_PAGE = 200
"""Jobs to look at in one go when a first page was not enough."""
_SMALL = 4096
"""Bytes: smaller bodies come out of SQLite together, larger ones each for itself."""


class Reader:
    """Answers questions about the partitions of a catalog. Used by one thread."""

    def __init__(self, catalog: Catalog, report: Callable[[Partition, Exception], None], *, refresh: bool) -> None:
        self._catalog = catalog
        self._report = report
        self._refresh = refresh
        self._generation = -1
        self._connections: dict[int, sqlite3.Connection] = {}
        self._sealed: set[int] = set()

    def job(self, jid: str) -> JobSummary | None:
        for partition in self._partitions():
            if not partition.may_hold(jid):
                continue
            rows = self._select(partition, _JOB_COLUMNS, f"{_JOBS} WHERE job.jid = ?", [jid], form=_JobRow, whole=True)
            if rows:
                return _summary(rows[0])
        return None

    def jobs(self, query: JobQuery) -> list[JobSummary]:
        """The newest jobs of each partition, merged; a partition that ends below what was found is not opened."""
        found: list[JobSummary] = []
        if query.limit <= 0:
            return found
        by_jid = sorted(self._partitions(), key=lambda partition: partition.extent.high, reverse=True)
        for partition in by_jid:
            extent = partition.extent
            if len(found) >= query.limit and not partition.damaged and extent.high < found[-1].job.jid:
                break
            if not partition.damaged and not _overlaps(extent.oldest, extent.newest, query):
                continue
            found = _newest([*found, *self._jobs_of(partition, query)], query.limit)
        return found

    def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        """In the order of their cursors. Partitions are read one after the other: what is settled are cursors up to the
        last commit before this began, and not one of a later commit to the partition that is read last."""
        self._partitions()
        known = self._catalog.seq
        partitions = self._catalog.newest_first()  # one that is begun after `known` has nothing up to it
        found = [self._outcomes_of(partition, query) for partition in partitions if _concerns(partition, query)]
        merged = found[0] if len(found) == 1 else sorted(itertools.chain(*found), key=lambda outcome: outcome.seq)
        page = merged[: max(query.limit, 0)]
        return [outcome for outcome in page if outcome.seq <= known] if query.settled else page

    def body(self, jid: str, minion: str) -> Body | None:
        return self.bodies(jid, [minion]).get(minion)

    def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        for partition in self._partitions():
            if partition.may_hold(jid) and (number := self._number(partition, jid)) is not None:
                return self._bodies_of(partition, number, minions)
        return {}

    def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        found: list[Body | None] = [None] * len(outcomes)
        left = [place for place, outcome in enumerate(outcomes) if outcome.state.final]
        for partition in self._partitions():
            here = [place for place in left if partition.may_hold(outcomes[place].jid)]
            if here:
                for place, body in self._bodies_at(partition, outcomes, here):
                    found[place] = body
                left = [place for place in left if found[place] is None]
        return found

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()
        self._sealed.clear()

    # --- one partition --------------------------------------------------------------------------------------------

    def _jobs_of(self, partition: Partition, query: JobQuery) -> Iterator[JobSummary]:
        """As many as the query wants, in pages as long as SQL lets pass what `describes` does not."""
        condition = job_condition(query, by_minion=bool(query.minion) and self._is_sealed(partition))
        before, left, page = query.before, query.limit, query.limit
        while left > 0:
            paging, cursor = (" AND job.jid < ?", [before]) if before else ("", [])
            rows = self._select(
                partition,
                _JOB_COLUMNS,
                # Loads are read for those alone that are wanted.
                "FROM (SELECT id, jid, counts FROM job"  # noqa: S608  (texts of ours)
                f" WHERE {condition.text}{paging} ORDER BY job.jid DESC LIMIT ?)"
                " AS job JOIN load ON load.job = job.id ORDER BY job.jid DESC",
                [*condition.parameters, *cursor, page],
                form=_JobRow,
            )
            for summary in map(_summary, rows):
                before = summary.job.jid
                if left and describes(query, summary.job) and not self._is_moved(partition, summary.job.jid):
                    left -= 1
                    yield summary
            if len(rows) < page:
                return
            page = max(page, _PAGE)

    def _outcomes_of(self, partition: Partition, query: OutcomeQuery) -> list[Outcome]:
        where, parameters = outcome_condition(query)
        source = self._outcome_source(partition, query)
        if source is None:
            return []
        tables, conditions, more = source
        rows = self._select(
            partition,
            OUTCOME_COLUMNS,
            f"FROM {tables} WHERE {where} AND {conditions} ORDER BY outcome.seq LIMIT ?",
            # Of a damaged file all, because some may have to be left out.
            [*parameters, *more, -1 if partition.damaged else max(query.limit, 0)],
            form=OutcomeRow,
        )
        if partition.damaged:
            moved = {jid for jid in {row.jid for row in rows} if self._is_moved(partition, jid)}
            rows = [row for row in rows if row.jid not in moved]
        return sorted(outcomes_of(rows), key=lambda outcome: outcome.seq)

    def _outcome_source(self, partition: Partition, query: OutcomeQuery) -> tuple[str, str, list[Any]] | None:
        """From which tables, by which way: a job's rows lie together; states or minion else lead through an index."""
        named = "minion.id = outcome.minion"
        if query.jid:
            number = self._number(partition, query.jid)
            if number is None:
                return None
            condition, values = ("outcome.job = ? AND job.id = outcome.job", [number])
            if query.minion:
                condition += " AND minion.name = ?"
                return f"minion CROSS JOIN outcome ON {named} CROSS JOIN job", condition, [*values, query.minion]
            return f"outcome CROSS JOIN minion ON {named} CROSS JOIN job", condition, values
        if query.jids:
            # The text of SQLite's JSON ends at NUL.
            marks = ", ".join("?" * len(query.jids))
            condition = f"job.jid IN ({marks}){' AND minion.name = ?' if query.minion else ''}"
            tables = f"job CROSS JOIN outcome ON outcome.job = job.id CROSS JOIN minion ON {named}"
            return tables, condition, [*query.jids, *([query.minion] if query.minion else [])]
        index, bound = index_for(query.states)
        if query.minion and index != "outcome_open" and self._is_sealed(partition):
            by = f"outcome INDEXED BY {MINION_INDEX}"
            tables = f"minion CROSS JOIN {by} ON {named} CROSS JOIN job ON job.id = outcome.job"
            return tables, "minion.name = ?", [query.minion]
        if query.minion and index != "outcome_open":
            tables = "minion CROSS JOIN job CROSS JOIN outcome ON outcome.job = job.id AND outcome.minion = minion.id"
            return tables, "minion.name = ?", [query.minion]
        by = f"outcome INDEXED BY {index}" if index else "outcome"
        if query.minion:
            tables = f"minion CROSS JOIN {by} ON {named} CROSS JOIN job ON job.id = outcome.job"
            return tables, f"{bound} AND minion.name = ?", [query.minion]
        return f"{by} CROSS JOIN minion ON {named} CROSS JOIN job ON job.id = outcome.job", bound or "1", []

    def _is_sealed(self, partition: Partition) -> bool:
        """Whether the outcomes of a minion can be found by an index; of a damaged file none is trusted."""
        if partition.damaged:
            return False
        if partition.number not in self._sealed and self._with(partition, has_minion_index, False):
            self._sealed.add(partition.number)
        return partition.number in self._sealed

    def _number(self, partition: Partition, jid: str) -> int | None:
        return self._with(partition, lambda connection: find_job(connection, jid), None)

    def _is_moved(self, partition: Partition, jid: str) -> bool:
        """True when a job of a damaged file was taken up into a newer one: see `rescue`."""
        return partition.damaged and any(
            newer.number > partition.number and newer.may_hold(jid) and self._number(newer, jid) is not None
            for newer in self._catalog.partitions
        )

    def _bodies_of(self, partition: Partition, job: int, minions: Sequence[str]) -> dict[str, Body]:
        asked, names = _asked(minions)
        source = (
            f"(WITH asked(key, name) AS ({asked})"  # noqa: S608  (a text of ours)
            " SELECT asked.key, body.id, outcome.size, body.data"
            " FROM asked CROSS JOIN minion ON minion.name = asked.name"
            " CROSS JOIN outcome ON outcome.minion = minion.id CROSS JOIN body ON body.id = outcome.seq"
            " WHERE outcome.job = ? AND outcome.state > 2)"
        )
        return {minions[key]: body for key, body in self._gathered(partition, source, [*names, job])}

    def _bodies_at(
        self, partition: Partition, outcomes: Sequence[Outcome], places: Sequence[int]
    ) -> list[tuple[int, Body]]:
        """Those whose cursor is the number of a body: it goes with the outcome when that changes."""
        asked = [[place, outcomes[place].seq, outcomes[place].size] for place in places]
        source = (
            "(SELECT value ->> 0 AS key, body.id, value ->> 2 AS size, body.data"
            " FROM json_each(?) AS asked CROSS JOIN body ON body.id = asked.value ->> 1)"
        )
        return self._gathered(partition, source, [msgspec.json.encode(asked).decode()])

    def _gathered(self, partition: Partition, source: str, parameters: list[Any]) -> list[tuple[int, Body]]:
        """(key, body) of the rows (key, id, size, data) of a source; small ones come out of SQLite together."""
        sql = (
            "SELECT json_group_array(json_array(key, id, size, data IS NULL)),"  # noqa: S608  (texts of ours)
            f" CAST(group_concat(CASE WHEN size < {_SMALL} THEN data ELSE '' END, '') AS BLOB) FROM {source}"
        )
        rows, small = self._with(
            partition, lambda connection: connection.execute(sql, parameters).fetchone(), ("[]", b""), whole=True
        )
        found, at = [], 0
        for key, number, size, in_file in msgspec.json.decode(rows):
            data = None
            if size < _SMALL and not in_file:
                data, at = small[at : at + size], at + size
            found.append((key, self._body_of(partition, number, size, data, in_file=bool(in_file))))
        return found

    def _body_of(self, partition: Partition, number: int, size: int, data: bytes | None, *, in_file: bool) -> Body:
        if in_file:
            return Body(path=partition.body_file(number), size=size)
        if data is None:
            select = "SELECT data FROM body WHERE id = ?"
            (data,) = self._with(
                partition, lambda connection: connection.execute(select, (number,)).fetchone(), (b"",), whole=True
            )
        return Body(data=data, size=size)

    # --- files ----------------------------------------------------------------------------------------------------

    def _partitions(self) -> tuple[Partition, ...]:
        """Newest first: see `Writer._work` for why."""
        if self._refresh:
            self._catalog.refresh()
        if self._generation != self._catalog.generation:
            self.close()
            self._generation = self._catalog.generation
        return self._catalog.newest_first()

    def _select(
        self,
        partition: Partition,
        columns: Sequence[str],
        rest: str,
        parameters: Sequence[Any],
        *,
        form: type[T],
        whole: bool = False,
    ) -> list[T]:
        """Rows, fetched in one step. From a damaged file those before the damage, or with `whole` an error."""
        names = [f"c{place}" for place in range(len(columns))]
        inner = f"SELECT {', '.join(map(' AS '.join, zip(columns, names, strict=True)))} {rest}"
        packed = f"SELECT json_group_array(json_array({', '.join(names)})) FROM ({inner})"  # noqa: S608  (names of ours)

        def run(connection: sqlite3.Connection) -> list[T]:
            try:
                (text,) = connection.execute(packed, parameters).fetchone()
                return msgspec.json.decode(text, type=list[form])  # type: ignore[valid-type]
            except sqlite3.DatabaseError as error:
                if whole or not is_damage(error):
                    raise
                self._note_damage(partition, error)
                return msgspec.convert(_rows_before_damage(connection, inner, parameters), list[form])  # type: ignore[valid-type]

        return self._with(partition, run, [], whole=whole)

    def _with(
        self, partition: Partition, work: Callable[[sqlite3.Connection], T], nothing: T, *, whole: bool = False
    ) -> T:
        try:
            return work(self._connection(partition))
        except sqlite3.Error as error:
            if is_absent(error) and not partition.path.exists():
                return nothing
            if is_damage(error):
                self._note_damage(partition, error)
                if not whole:
                    return nothing
            raise fault(error, partition.path) from error

    def _note_damage(self, partition: Partition, error: sqlite3.Error) -> None:
        log.error("Only a part of the job cache file %s can be read: %s", partition.path, error)
        self._report(partition, error)

    def _connection(self, partition: Partition) -> sqlite3.Connection:
        connection = self._connections.pop(partition.number, None)
        if connection is None:
            while len(self._connections) >= _OPEN_FILES:
                self._connections.pop(next(iter(self._connections))).close()
            connection = open_to_read(partition)
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._connections[partition.number] = connection
        return connection


class Readers:
    """A few reading threads that share one queue of questions."""

    def __init__(self, count: int, make: Callable[[], Reader]) -> None:
        self._queue: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, args=(make(),), name="saltern-jobs-reader", daemon=True)
            for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def ask(self, question: Callable[[Reader], T]) -> T:
        ask = _Question(question)
        self._queue.put(ask)
        answer: T = await ask.future
        return answer

    def stop(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self, reader: Reader) -> None:
        answers = Answers()
        held_since = 0.0
        while (ask := self._queue.get()) is not None:
            try:
                ask.result = ask.question(reader)
            except Exception as error:  # the one who asked is told
                ask.error = error
            answers.add(ask)
            held_since = held_since or time.monotonic()
            if self._queue.empty() or time.monotonic() - held_since > _HOLD_BACK:
                answers.hand_over()
                held_since = 0.0
        answers.hand_over()
        reader.close()


class _Question(Ask[Any]):
    def __init__(self, question: Callable[[Reader], Any]) -> None:
        super().__init__()
        self.question = question


_JOB_COLUMNS = ("hex(load.data)", "job.counts")
_JOBS = "FROM job JOIN load ON load.job = job.id"
_LOAD = msgspec.msgpack.Decoder(Job)


class _JobRow(msgspec.Struct, array_like=True, frozen=True, gc=False):
    load: str
    counts: str


def _summary(row: _JobRow) -> JobSummary:
    return JobSummary(job=_LOAD.decode(bytes.fromhex(row.load)), counts=counts_of(row.counts))


def _newest(summaries: Sequence[JobSummary], limit: int) -> list[JobSummary]:
    return heapq.nlargest(max(limit, 0), summaries, key=lambda summary: summary.job.jid)


def _overlaps(oldest: float, newest: float, query: JobQuery) -> bool:
    return not (
        (query.since is not None and newest < query.since) or (query.until is not None and oldest > query.until)
    )


def _concerns(partition: Partition, query: OutcomeQuery) -> bool:
    """False when the extent tells already that the partition has nothing for a query."""
    extent = partition.extent
    if partition.damaged:
        return True
    if query.jid:
        return partition.may_hold(query.jid)
    if query.jids and not any(map(partition.may_hold, query.jids)):
        return False
    only_open = bool(query.states) and {NUMBER[state] for state in query.states} <= OPEN
    return (
        extent.jobs > 0
        and extent.seq > query.after
        and not (only_open and extent.open == 0)
        and not (query.since is not None and extent.touched < microseconds(query.since))
    )


def _asked(minions: Sequence[str]) -> tuple[str, list[Any]]:
    """A SELECT of places and names, with its parameters."""
    if any("\0" in name for name in minions):  # SQLite's JSON ends a text there
        places = ", ".join(f"({place}, ?)" for place in range(len(minions)))
        return f"VALUES {places}", list(minions)
    return "SELECT key, value FROM json_each(?)", [msgspec.json.encode(list(minions)).decode()]


def _rows_before_damage(connection: sqlite3.Connection, select: str, parameters: Sequence[Any]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    try:
        for row in connection.execute(select, parameters):
            rows.append(list(row))  # noqa: PERF401  (what came before the damage is kept)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    return rows
