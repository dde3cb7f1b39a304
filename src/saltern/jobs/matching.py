"""Whether a job is one of those that a `JobQuery` describes: the conditions that concern the job alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from saltern.model.job import Job, JobQuery, Outcome, OutcomeQuery


def describes(query: JobQuery, job: Job) -> bool:
    """True when function, target, user, metadata, time and cursor fit; minion and states are the store's to check."""
    return (
        (not query.before or job.jid < query.before)
        and (query.since is None or job.created >= query.since)
        and (query.until is None or job.created <= query.until)
        and (not query.functions or matches_any(job.fun_text, query.functions))
        and not matches_any(job.fun_text, query.not_functions)
        and (not query.targets or matches_any(target_text(job), query.targets))
        and (not query.users or matches_any(job.user, query.users))
        and (query.metadata is None or shares_pair(job.metadata, query.metadata))
    )


def concerns(query: OutcomeQuery, outcome: Outcome) -> bool:
    """True when an outcome is one that a query describes; of which jobs, and how many, is for the store to see to."""
    return (
        outcome.seq > query.after
        and (not query.minion or outcome.minion == query.minion)
        and (not query.states or outcome.state in query.states)
        and (query.since is None or outcome.changed >= query.since)
        and (query.until is None or outcome.changed <= query.until)
    )


def target_text(job: Job) -> str:
    return job.tgt if isinstance(job.tgt, str) else ",".join(job.tgt)


def matches_any(text: str, patterns: Sequence[str]) -> bool:
    """True when a glob fits the whole text or one of its parts between commas."""
    parts = [text, *text.split(",")] if "," in text else [text]
    return any(fnmatchcase(part, pattern) for pattern in patterns for part in parts)


def shares_pair(have: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    return have is not None and any(key in have and have[key] == value for key, value in wanted.items())
