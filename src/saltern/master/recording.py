"""Recording changes of jobs of which some may lie in a damaged file of the job cache, whatever its back end raises."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from saltern.errors import SalternError, StoreCorrupt, StoreError
from saltern.jobs.contract import JobStore
from saltern.model.job import Change, Verdict

log = logging.getLogger(__name__)


async def record_each(store: JobStore, changes: Sequence[Change]) -> list[Verdict | StoreCorrupt]:
    """As `JobStore.record`, but a change of a job whose record is damaged fails for itself alone.

    `StoreError` for everything else: who records has to try again, whatever it was.
    """
    try:
        return list(await store.record(changes))
    except StoreCorrupt as error:
        if len(changes) == 1:
            return [error]
    except SalternError:
        raise
    except Exception as error:  # the boundary to a back end and its library
        log.exception("the job store failed, in a way that it does not know")
        raise StoreError(f"the job store failed: {type(error).__name__}: {error}") from error
    found = await asyncio.gather(*(record_each(store, [change]) for change in changes), return_exceptions=True)
    return [_only(each) for each in found]


def _only(found: list[Verdict | StoreCorrupt] | BaseException) -> Verdict | StoreCorrupt:
    if isinstance(found, BaseException):
        raise found
    return found[0]
