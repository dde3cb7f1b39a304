"""Recording changes of jobs of which some may lie in a damaged file of the job cache."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from saltern.errors import StoreCorrupt
from saltern.jobs.contract import JobStore
from saltern.model.job import Change, Verdict


async def record_each(store: JobStore, changes: Sequence[Change]) -> list[Verdict | StoreCorrupt]:
    """As `JobStore.record`, but a change of a job whose record is damaged fails for itself alone."""
    try:
        return list(await store.record(changes))
    except StoreCorrupt as error:
        if len(changes) == 1:
            return [error]
    found = await asyncio.gather(*(record_each(store, [change]) for change in changes), return_exceptions=True)
    return [_only(each) for each in found]


def _only(found: list[Verdict | StoreCorrupt] | BaseException) -> Verdict | StoreCorrupt:
    if isinstance(found, BaseException):
        raise found
    return found[0]
