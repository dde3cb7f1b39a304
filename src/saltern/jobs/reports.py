"""Questions that operators ask of a history, answered from a job store as plain data.

Each report reads page by page, and of bodies only those that it needs.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from saltern.errors import JobNotFound
from saltern.jobs.causes import cause_of, name_of, states_of
from saltern.jobs.contract import JobStore
from saltern.jobs.walking import Walk
from saltern.model.job import Body, Job, JobQuery, JobSummary, Outcome, OutcomeQuery, State

_BODIES = 200
_RETURNS = (State.RETURNED, State.FAILED)
_STATE_RUNS = ("state.highstate", "state.apply", "state.sls")
NOT_RETURNED = (State.FAILED, State.EXPIRED, State.LOST, State.REFUSED, State.CANCELLED, State.TIMED_OUT)

Row = dict[str, Any]


class Reports:
    """`most` bounds how many jobs a report goes back, newest first."""

    def __init__(self, store: JobStore, *, most: int = 1_000) -> None:
        self._store = store
        self._walk = Walk(store)
        self._most = most

    async def last(self, query: JobQuery) -> list[Row]:
        """The last run of each minion among the jobs that fit, and how it went; by minion."""
        found: dict[str, Row] = {}
        async for summary, outcome in self._walk.outcomes(self._jobs(query), minion=query.minion):
            found.setdefault(outcome.minion, _outcome_row(summary.job, outcome))
        return [found[minion] for minion in sorted(found)]

    async def failed(self, query: JobQuery) -> list[Row]:
        """What is not as it should be, newest job first, each with its cause."""
        return [
            {**_outcome_row(job, outcome), "cause": cause_of(outcome, value).text}
            async for job, outcome, value in self._ends(self._jobs(_failing(query)), NOT_RETURNED, query.minion)
        ]

    async def causes(self, query: JobQuery, jid: str = "") -> list[Row]:
        """Failures grouped by cause, the most frequent first: of one job, or of all that fit."""
        jobs = self._walk.named([jid]) if jid else self._jobs(_failing(query))
        groups: dict[str, Row] = {}
        async for _, outcome, value in self._ends(jobs, NOT_RETURNED, query.minion):
            cause = cause_of(outcome, value)
            group = groups.setdefault(
                cause.fingerprint,
                {"fingerprint": cause.fingerprint, "cause": cause.text, "count": 0, "minions": {}, "jids": {}},
            )
            group["count"] += 1
            group["minions"][outcome.minion] = group["jids"][outcome.jid] = None
        rows = [{**group, "minions": list(group["minions"]), "jids": list(group["jids"])} for group in groups.values()]
        return sorted(rows, key=lambda row: (-row["count"], row["cause"]))

    async def matrix(self, query: JobQuery) -> Row:
        """The last state run of each minion: `states` (names) and `minions`: {id: {name: ok, changed, failed, ...}}."""
        wanted = query if query.functions else msgspec.structs.replace(query, functions=_STATE_RUNS)
        cells: dict[str, dict[str, str]] = {}
        runs: dict[str, str] = {}
        async for job, outcome, value in self._ends(self._jobs(wanted), _RETURNS, query.minion, skip=runs):
            states = states_of(value)
            if states or outcome.state is State.FAILED:
                runs[outcome.minion] = job.jid
                cells[outcome.minion] = {name_of(tag): _word(result) for tag, result in states.items()}
        names = dict.fromkeys(name for row in cells.values() for name in row)
        return {"states": list(names), "minions": dict(sorted(cells.items())), "jids": dict(sorted(runs.items()))}

    async def diff(self, old: str, new: str) -> list[Row]:
        """Minions on which two jobs did not end alike: their states, and what of their returns differs."""
        before, after = await self._by_minion(old), await self._by_minion(new)
        rows = []
        for minions in _portions(sorted({*before, *after}), _BODIES):
            was, now = await self._values(before, minions), await self._values(after, minions)
            for minion in minions:
                changes = _differences(was.get(minion), now.get(minion))
                states = [str(ends[minion].state) if minion in ends else "" for ends in (before, after)]
                if changes or states[0] != states[1]:
                    rows.append({"minion": minion, "before": states[0], "after": states[1], "changes": changes})
        return rows

    async def slow(self, query: JobQuery, count: int = 20) -> Row:
        """The slowest `states` (from the durations in their results) and `minions` (from start to end), in seconds."""
        states: defaultdict[str, list[float]] = defaultdict(list)
        minions: defaultdict[str, list[float]] = defaultdict(list)
        async for _, outcome, value in self._ends(self._jobs(query), _RETURNS, query.minion):
            if outcome.started and outcome.finished:
                minions[outcome.minion].append(outcome.finished - outcome.started)
            for tag, result in states_of(value).items():
                if isinstance(result.get("duration"), int | float):
                    states[name_of(tag)].append(result["duration"] / 1000)
        return {"states": _slowest("state", states, count), "minions": _slowest("minion", minions, count)}

    async def audit(self, query: JobQuery) -> list[Row]:
        """Who did what, newest first."""
        return [
            {
                "created": summary.job.created,
                "user": summary.job.user,
                "function": summary.job.fun_text,
                "arguments": summary.job.arg,
                "target": summary.job.tgt,
                "target_type": summary.job.tgt_type,
                "jid": summary.job.jid,
                "minions": sum(summary.counts.values()),
                "not_returned": sum(summary.counts.get(str(state), 0) for state in NOT_RETURNED),
            }
            async for summary in self._jobs(query)
        ]

    # --- reading ------------------------------------------------------------------------------------------------

    def _jobs(self, query: JobQuery) -> AsyncIterator[JobSummary]:
        return self._walk.jobs(query, most=self._most)

    async def _ends(
        self,
        jobs: AsyncIterator[JobSummary],
        states: tuple[State, ...],
        minion: str = "",
        *,
        skip: Collection[str] = (),
    ) -> AsyncIterator[tuple[Job, Outcome, Any]]:
        """Outcomes with the values that were given back; none of minions that are in `skip` by then."""
        steps = self._walk.outcomes(jobs, states, minion)
        async for summary, outcome, body in self._walk.bodies(steps, skip=skip):
            yield summary.job, outcome, _value(body)

    async def _by_minion(self, jid: str) -> dict[str, Outcome]:
        if await self._store.job(jid) is None:
            raise JobNotFound(f"no job {jid} in the job cache", hint="saltern jobs list shows what is there")
        return {outcome.minion: outcome async for outcome in self._walk.pages(OutcomeQuery(jid=jid))}

    async def _values(self, ends: Mapping[str, Outcome], minions: Sequence[str]) -> dict[str, Any]:
        some = [ends[minion] for minion in minions if minion in ends]
        bodies = await self._store.bodies_of(some)
        return {outcome.minion: _value(body) for outcome, body in zip(some, bodies, strict=True)}


def _portions(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]


def _failing(query: JobQuery) -> JobQuery:
    return msgspec.structs.replace(query, states=NOT_RETURNED)


def _outcome_row(job: Job, outcome: Outcome) -> Row:
    return {
        "minion": outcome.minion,
        "jid": job.jid,
        "function": job.fun_text,
        "state": str(outcome.state),
        "retcode": outcome.retcode,
        "changed": outcome.changed,
        "reason": outcome.reason,
    }


def _value(body: Body | None) -> Any:
    if body is None:
        return None
    data = body.path.read_bytes() if body.path is not None else body.data
    return msgspec.msgpack.decode(data, strict=False) if data else None


def _word(result: Any) -> str:
    """How a state stands, in a word."""
    if result["result"] is None:
        return "would change"
    if not result["result"]:
        return "failed"
    return "changed" if result.get("changes") else "ok"


def _differences(before: Any, after: Any) -> list[str]:
    old, new = states_of(before), states_of(after)
    if not old and not new:
        return [] if before == after else [f"{before!r} became {after!r}"]
    lines = []
    for tag in dict.fromkeys((*old, *new)):
        was, now = (_word(states[tag]) if tag in states else "absent" for states in (old, new))
        if was != now:
            lines.append(f"{name_of(tag)}: {was} became {now}")
    return lines


def _slowest(name: str, times: dict[str, list[float]], count: int) -> list[Row]:
    rows: list[Row] = [
        {
            name: each,
            "runs": len(seconds),
            "median": round(statistics.median(seconds), 3),
            "slowest": round(max(seconds), 3),
            "total": round(sum(seconds), 3),
        }
        for each, seconds in times.items()
    ]
    return sorted(rows, key=lambda row: (-row["slowest"], row[name]))[:count]
