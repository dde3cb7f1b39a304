"""Which jobs are to go, oldest first: whole partitions as long as they go as a whole, then rows of the next one."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator

from saltern.jobs.backends.sqlite.catalog import Catalog
from saltern.jobs.backends.sqlite.ledger import Ledger
from saltern.jobs.backends.sqlite.partition import Partition
from saltern.jobs.backends.sqlite.writer import Writer
from saltern.jobs.transition import microseconds
from saltern.model.job import Retention

_STEP_JOBS = 500
_STEP_BYTES = 4 << 20
"""Of rows deleted in one step; between two steps the writer serves others."""


def expire_step(catalog: Catalog, writer: Writer, keep: Retention, now: float) -> tuple[int, bool]:
    """One step of expiry, in the writer's thread: how many jobs went, and whether there is more to do."""
    if dropped := _drop_partition(catalog, writer, keep, now):
        return dropped, True
    return _drop_rows(catalog, writer, keep, now)


def _drop_partition(catalog: Catalog, writer: Writer, keep: Retention, now: float) -> int:
    held = sorted((each for each in catalog.partitions if each.extent.jobs), key=lambda each: each.extent.newest)
    if not held or not _goes_whole(held, keep, now):
        return 0
    partition = held[0]
    if partition is catalog.partitions[-1]:
        writer.begin_partition()
    _remove(catalog, writer, partition)
    return partition.extent.jobs


def _goes_whole(held: list[Partition], keep: Retention, now: float) -> bool:
    first = held[0].extent
    if keep.seconds and microseconds(first.newest) < microseconds(now - keep.seconds):
        return True
    # Jobs of another partition may be older than some of this one's: the clock jumped back, or a jid was late.
    if any(other.extent.oldest <= first.newest for other in held[1:]):
        return False
    jobs = sum(each.extent.jobs for each in held)
    size = sum(each.extent.bytes for each in held)
    return bool((keep.jobs and jobs - first.jobs >= keep.jobs) or (keep.bytes and size - first.bytes >= keep.bytes))


def _drop_rows(catalog: Catalog, writer: Writer, keep: Retention, now: float) -> tuple[int, bool]:
    held = [each for each in catalog.partitions if each.extent.jobs and not each.damaged]
    if not held:
        return 0, False
    first = min(held, key=lambda each: each.extent.oldest)
    jobs = sum(each.extent.jobs for each in held)
    size = sum(each.extent.bytes for each in held)
    cutoff = microseconds(now - keep.seconds) if keep.seconds else -1
    chosen: defaultdict[Partition, list[int]] = defaultdict(list)
    count = freed = 0
    more = False
    for created, _, number, weight, partition in _oldest_first(held, first, writer):
        if not (created < cutoff or (keep.jobs and jobs > keep.jobs) or (keep.bytes and size > keep.bytes)):
            break
        # Beyond the end of the first partition, one that was not looked at may have older jobs.
        if more := count >= _STEP_JOBS or freed >= _STEP_BYTES or created > microseconds(first.extent.newest):
            break
        jobs, size, count, freed = jobs - 1, size - weight, count + 1, freed + weight
        chosen[partition].append(number)
    else:
        more = count > 0
    for partition, numbers in chosen.items():
        _drop_jobs(catalog, writer, partition, numbers)
    return count, more


def _oldest_first(
    held: list[Partition], first: Partition, writer: Writer
) -> Iterator[tuple[int, str, int, int, Partition]]:
    """(created, jid, number, bytes, partition) of `first` and of those that overlap it, as many as a step can drop."""
    overlapping = [each for each in held if each.extent.oldest <= first.extent.newest]
    return heapq.merge(
        *([(*row, partition) for row in writer.ledger(partition).oldest(_STEP_JOBS)] for partition in overlapping),
        key=lambda row: row[:2],
    )


def _drop_jobs(catalog: Catalog, writer: Writer, partition: Partition, numbers: list[int]) -> None:
    ledger: Ledger = writer.ledger(partition)
    with ledger.transaction():
        files = ledger.drop(numbers)
    for number in files:
        partition.body_file(number).unlink(missing_ok=True)
    writer.forget_jobs()
    if not partition.extent.jobs and partition is not catalog.partitions[-1]:
        _remove(catalog, writer, partition)


def _remove(catalog: Catalog, writer: Writer, partition: Partition) -> None:
    writer.forget(partition)
    catalog.remove(partition)
    partition.remove()
