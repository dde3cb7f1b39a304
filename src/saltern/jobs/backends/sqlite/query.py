"""`JobQuery` and `OutcomeQuery` as conditions in SQL.

What SQL says of jobs is a first, fast answer that leaves none out; `matching.describes` has the last word. SQL knows
nothing of metadata's values, of sets in globs (`[a-c]`) as `fnmatch` reads them, and stops reading a text at NUL.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from saltern.jobs.rows import ENDS, NUMBER, OPEN
from saltern.jobs.transition import microseconds
from saltern.model.job import JobQuery, OutcomeQuery, State


class Condition(NamedTuple):
    """A text for WHERE and its parameters."""

    text: str
    parameters: list[Any]


def job_condition(query: JobQuery, *, by_minion: bool = False) -> Condition:
    """Which rows of `job` a query describes, but for its cursor and its metadata's values.

    `by_minion` says that there is the index of a sealed partition.
    """
    terms: list[str] = []
    parameters: list[Any] = []
    for column, patterns in (("job.fun", query.functions), ("job.tgt", query.targets), ("job.user", query.users)):
        if patterns:
            tests = [_one_fits(column, pattern, parameters) for pattern in patterns]
            terms.append(f"({' OR '.join(tests)} OR instr({column}, char(0)) > 0)")
    plain = [pattern for pattern in query.not_functions if "[" not in pattern]
    terms += [f"NOT ({_one_fits('job.fun', each, parameters)} AND instr(job.fun, char(0)) = 0)" for each in plain]
    for test, bound in (("job.created >= ?", query.since), ("job.created <= ?", query.until)):
        if bound is not None:
            terms.append(test)
            parameters.append(bound)
    if query.metadata is not None:
        terms.append("job.tagged")
    if query.minion or query.states:
        terms.append(_outcome_term(query, parameters, by_minion=by_minion))
    return Condition(" AND ".join(terms) or "1", parameters)


def outcome_condition(query: OutcomeQuery) -> Condition:
    """Which rows of `outcome` a query describes, but for jid and minion."""
    terms = ["outcome.seq > ?"]
    parameters: list[Any] = [query.after]
    if query.states:
        terms.append(f"outcome.state IN ({_numbers(query.states)})")
    for test, bound in (("outcome.changed >= ?", query.since), ("outcome.changed <= ?", query.until)):
        if bound is not None:
            terms.append(test)
            parameters.append(microseconds(bound))
    return Condition(" AND ".join(terms), parameters)


def index_for(states: tuple[State, ...]) -> tuple[str, str]:
    """The partial index that holds all outcomes in these states, and its condition; ("", "") when none does."""
    numbers = {NUMBER[state] for state in states}
    if numbers and numbers <= OPEN:
        return "outcome_open", "outcome.state < 3"
    if numbers and numbers <= ENDS:
        return "outcome_end", "outcome.state > 3"
    return "", ""


def to_glob(pattern: str) -> str:
    """A pattern of `fnmatch` for SQLite's GLOB: a set stands for any character, a `[` that opens none for itself."""
    return re.sub(r"\[!?+\]?+[^\]]*(\])|\[", lambda match: "?" if match[1] else "[[]", pattern)


def _one_fits(column: str, pattern: str, parameters: list[Any]) -> str:
    """The whole text fits, or one of its parts between commas: `matching.matches_any`."""
    magic = any(sign in pattern for sign in "*?[")
    test = "GLOB" if magic else "="
    parameters += [to_glob(pattern) if magic else pattern] * 2
    parts = f"""json_each('[' || replace(json_quote({column}), ',', '","') || ']')"""
    any_part = f"EXISTS (SELECT 1 FROM {parts} AS part WHERE part.value {test} ?)"  # noqa: S608  (columns of ours)
    return f"({column} {test} ? OR instr({column}, ',') > 0 AND {any_part})"


def _outcome_term(query: JobQuery, parameters: list[Any], *, by_minion: bool) -> str:
    states = f"outcome.state IN ({_numbers(query.states)})" if query.states else "1"
    if query.minion:
        parameters.append(query.minion)
        if by_minion:
            return (
                "job.id IN (SELECT job FROM outcome INDEXED BY outcome_minion"  # noqa: S608  (numbers of ours)
                f" WHERE outcome.minion = (SELECT id FROM minion WHERE name = ?) AND {states})"
            )
        return (
            "EXISTS (SELECT 1 FROM outcome WHERE outcome.job = job.id"  # noqa: S608  (numbers of ours)
            f" AND outcome.minion = (SELECT id FROM minion WHERE name = ?) AND {states})"
        )
    index, bound = index_for(query.states)
    if index:
        return f"job.id IN (SELECT job FROM outcome INDEXED BY {index} WHERE {bound} AND {states})"  # noqa: S608
    counted = " + ".join(f"(job.counts ->> {NUMBER[state]})" for state in query.states)
    return f"({counted}) > 0"


def _numbers(states: tuple[State, ...]) -> str:
    return ", ".join(str(NUMBER[state]) for state in states)
