"""Questions about jobs in tables.

What SQL says of jobs is a first answer that leaves none out; `matching.describes` has the last word.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from saltern.jobs.matching import describes
from saltern.jobs.rows import ENDS, NUMBER, OPEN, counts_in, outcome_of
from saltern.jobs.server.session import Pool, Row
from saltern.jobs.server.spool import LARGE, Spool
from saltern.jobs.server.tables import COUNTS
from saltern.jobs.server.texts import from_column, to_column, to_like
from saltern.jobs.server.writing import marks, numbers, portions, text_of
from saltern.jobs.transition import microseconds
from saltern.model.job import Body, Job, JobQuery, JobSummary, Outcome, OutcomeQuery, State

_PAGE = 100
_MOST_PAGE = 5_000
_NAMES_AT_ONCE = 2_000
_NUMBERS_AT_ONCE = 2_000
_LOAD = msgspec.msgpack.Decoder(Job)

_OUTCOME = "o.minion, o.state, o.seq, o.changed, o.started, o.retcode, o.success, o.size, o.note"
_JID = "(SELECT j.jid FROM saltern_job j WHERE j.id = o.job)"
"""Looked up for each row, as names are by what is known here: how many rows there will be is guessed badly, and tables
that are joined were read as a whole for each of them.
"""


class Questions:
    """Asks over the sessions of a pool."""

    def __init__(self, pool: Pool, spool: Spool) -> None:
        self._pool = pool
        self._spool = spool
        self._names: dict[int, str] = {}

    async def job(self, jid: str) -> JobSummary | None:
        rows = await self._pool.fetch(
            f"SELECT data, {COUNTS} FROM saltern_job WHERE jid = %s",  # noqa: S608  (constants)
            (to_column(jid),),
        )
        return _summary(rows[0]) if rows else None

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        condition, values = await self._job_condition(query)
        if not condition or query.limit <= 0:
            return []
        if query.since is None:
            return await self._listed(query, condition, values)
        # Jids follow the time, so that whoever goes down by them need not go on to the end of the history; the few that
        # do not (a clock that was wrong, a jid that was given) come last.
        first = await self._first_since(query.since)
        if first is None:
            return []
        found = await self._listed(query, f"{condition} AND jid >= %s", [*values, first])
        if len(found) < query.limit and (strays := await self._strays(query.since, first)):
            rest = msgspec.structs.replace(query, limit=query.limit - len(found))
            found += await self._listed(rest, f"{condition} AND id IN ({numbers(strays)})", values)
        return found

    async def _listed(self, query: JobQuery, condition: str, values: Sequence[Any]) -> list[JobSummary]:
        found: list[JobSummary] = []
        before, size = query.before, min(query.limit, _PAGE)
        while len(found) < query.limit:
            page = await self._pool.fetch(
                f"SELECT data, {COUNTS} FROM saltern_job WHERE {condition}"  # noqa: S608  (texts of ours)
                f"{' AND jid < %s' if before else ''} ORDER BY jid DESC LIMIT {size}",
                [*values, *([to_column(before)] if before else [])],
            )
            summaries = [_summary(row) for row in page]
            found += [summary for summary in summaries if describes(query, summary.job)]
            if len(page) < size:
                break
            before, size = summaries[-1].job.jid, min(size * 4, _MOST_PAGE)
        return found[: query.limit]

    async def _first_since(self, since: float) -> str | None:
        """The jid, as its column has it, of the first job that was made from then on."""
        rows = await self._pool.fetch(
            "SELECT jid FROM saltern_job WHERE created >= %s ORDER BY created, jid LIMIT 1", (since,)
        )
        return text_of(rows[0][0]) if rows else None

    async def _strays(self, since: float, first: str) -> list[int]:
        rows = await self._pool.fetch("SELECT id FROM saltern_job WHERE created >= %s AND jid < %s", (since, first))
        return [int(row[0]) for row in rows]

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        terms = ["o.seq > %s"] if query.after > 0 else ["1 = 1"]
        values: list[Any] = [query.after] if query.after > 0 else []
        jids = await self._numbers_of([query.jid] if query.jid else list(dict.fromkeys(query.jids)))
        if jids is not None:
            if not jids:
                return []
            terms.append(f"o.job IN ({numbers(jids)})")
        if query.minion:
            number = await self._minion(query.minion)
            if number is None:
                return []
            terms.append(f"o.minion = {number}")
        if query.states:
            terms.append(_state_term("o", query.states))
        for test, bound in (("o.changed >= %s", query.since), ("o.changed <= %s", query.until)):
            if bound is not None:
                terms.append(test)
                values.append(microseconds(bound))
        rows = await self._pool.fetch(
            f"SELECT {_JID if jids is None else 'o.job'}, {_OUTCOME}"  # noqa: S608  (texts of ours)
            f" FROM saltern_outcome o WHERE {' AND '.join(terms)} ORDER BY o.seq LIMIT {max(query.limit, 0)}",
            values,
        )
        names = await self._names_of({int(row[1]) for row in rows})
        return [
            _outcome(jids[int(job)] if jids is not None else from_column(text_of(job)), names[int(minion)], rest)
            for job, minion, *rest in rows
            if job is not None and int(minion) in names  # it may have been dropped between two questions
        ]

    async def body(self, jid: str, minion: str) -> Body | None:
        return (await self.bodies(jid, [minion])).get(minion)

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        found: dict[str, Body] = {}
        for some in portions(list(dict.fromkeys(minions)), _NAMES_AT_ONCE):
            by_column = {to_column(name): name for name in some}
            rows = await self._pool.fetch(
                "SELECT m.name, o.size, o.body, b.data FROM saltern_job j"  # noqa: S608  (marks)
                " JOIN saltern_outcome o ON o.job = j.id JOIN saltern_minion m ON m.id = o.minion"
                f" LEFT JOIN saltern_body b ON b.id = o.body AND b.part = 0 AND o.size <= {LARGE}"
                f" WHERE j.jid = %s AND o.body IS NOT NULL AND m.name IN ({marks(by_column)})",
                [to_column(jid), *by_column],
            )
            for name, size, number, data in rows:
                found[by_column[text_of(name)]] = await self._body(int(size), int(number), data)
        return found

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        found: dict[int, Body] = {}
        for some in portions([outcome.seq for outcome in outcomes if outcome.size], _NUMBERS_AT_ONCE):
            rows = await self._pool.fetch(
                "SELECT o.seq, o.size, o.body, b.data FROM saltern_outcome o"  # noqa: S608  (numbers)
                f" LEFT JOIN saltern_body b ON b.id = o.body AND b.part = 0 AND o.size <= {LARGE}"
                f" WHERE o.seq IN ({numbers(some)}) AND o.body IS NOT NULL"
            )
            for seq, size, number, data in rows:
                found[int(seq)] = await self._body(int(size), int(number), data)
        return [found.get(outcome.seq) for outcome in outcomes]

    async def latest(self) -> str:
        rows = await self._pool.fetch("SELECT jid FROM saltern_job ORDER BY jid DESC LIMIT 1")
        return from_column(text_of(rows[0][0])) if rows else ""

    async def _body(self, size: int, number: int, data: bytes | None) -> Body:
        if size <= LARGE:
            return Body(data=bytes(data or b""), size=size)
        return await self._spool.save(self._pieces(number))

    async def _pieces(self, number: int) -> AsyncIterator[bytes]:
        part = 0
        while rows := await self._pool.fetch(
            "SELECT data FROM saltern_body WHERE id = %s AND part = %s", (number, part)
        ):
            yield bytes(rows[0][0])
            part += 1

    async def _minion(self, name: str) -> int | None:
        rows = await self._pool.fetch("SELECT id FROM saltern_minion WHERE name = %s", (to_column(name),))
        return int(rows[0][0]) if rows else None

    async def _numbers_of(self, jids: Sequence[str]) -> dict[int, str] | None:
        """The jids of those jobs that there are, by their numbers; None when none is asked for."""
        if not jids:
            return None
        found: dict[int, str] = {}
        for some in portions(jids, _NAMES_AT_ONCE):
            by_column = {to_column(jid): jid for jid in some}
            rows = await self._pool.fetch(
                f"SELECT id, jid FROM saltern_job WHERE jid IN ({marks(by_column)})",  # noqa: S608  (marks)
                list(by_column),
            )
            found |= {int(number): by_column[text_of(jid)] for number, jid in rows}
        return found

    async def _names_of(self, minions: set[int]) -> dict[int, str]:
        """Names of minions, which keep their numbers for ever; those that were read once are known."""
        for some in portions(sorted(minions - self._names.keys()), _NUMBERS_AT_ONCE):
            rows = await self._pool.fetch(
                f"SELECT id, name FROM saltern_minion WHERE id IN ({numbers(some)})"  # noqa: S608  (numbers)
            )
            self._names.update((int(number), from_column(text_of(name))) for number, name in rows)
        return self._names

    async def _job_condition(self, query: JobQuery) -> tuple[str, list[Any]]:
        """A text for WHERE with its values; an empty text when nothing can fit."""
        terms, values = ["1 = 1"], list[Any]()
        for column, patterns in (("fun", query.functions), ("tgt", query.targets), ("usr", query.users)):
            if patterns:
                tests = " OR ".join([f"{column} LIKE %s ESCAPE '!'"] * len(patterns))
                # One of several names between commas may fit, and an escaped text is not what a pattern was made for.
                terms.append(f"({tests} OR {column} LIKE %s OR {column} LIKE %s)")
                values += [*map(to_like, patterns), "%,%", "%\x01%"]
        for pattern in query.not_functions:
            if not any(sign in pattern for sign in "[?\0\x01"):
                terms.append("NOT (fun LIKE %s ESCAPE '!' AND fun NOT LIKE %s)")
                values += [to_like(pattern), "%\x01%"]
        for test, bound in (("created >= %s", query.since), ("created <= %s", query.until)):
            if bound is not None:
                terms.append(test)
                values.append(bound)
        if query.metadata is not None:
            terms.append("tagged = 1")
        if query.minion:
            number = await self._minion(query.minion)
            if number is None:
                return "", []
            states = f" AND {_state_term('o', query.states)}" if query.states else ""
            terms.append(f"id IN (SELECT o.job FROM saltern_outcome o WHERE o.minion = {number}{states})")  # noqa: S608
        elif query.states:
            terms.append(f"({' + '.join(map(str, dict.fromkeys(query.states)))}) > 0")
        return " AND ".join(terms), values


def _state_term(table: str, states: Sequence[State]) -> str:
    """Where there is a partial index for all of these states by its condition, so that it is found."""
    wanted = {NUMBER[state] for state in states}
    if wanted in (OPEN, ENDS):
        return f"{table}.state {'<' if wanted == OPEN else '>'} 3"
    return f"{table}.state IN ({numbers(sorted(wanted))})"


def _summary(row: Row) -> JobSummary:
    return JobSummary(job=_LOAD.decode(bytes(row[0])), counts=dict(counts_in(row[1:])))


def _outcome(jid: str, minion: str, row: Sequence[Any]) -> Outcome:
    state, seq, changed, started, retcode, success, size, note = row
    return outcome_of(jid, minion, state, seq, changed, started, retcode, success, size, bytes(note) if note else b"")
