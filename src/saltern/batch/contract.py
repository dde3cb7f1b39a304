"""What keeps the batches. Its definition is the suite in `tests/contracts/test_batch_store.py`."""

from __future__ import annotations

from typing import Protocol

from saltern.batch.records import Batch


class BatchStore(Protocol):
    """Batches by jid. What `save` has answered is durable; `StoreError` when it cannot be.

    Few are kept and each is small, so that the calls block: they are meant for a thread.
    """

    def save(self, batch: Batch) -> None:
        """Keep a batch in the place of the one of this jid."""

    def get(self, jid: str) -> Batch | None:
        """The batch of a jid, or None; `StoreCorrupt` when it cannot be read."""

    def jids(self) -> list[str]:
        """The jids of all batches, sorted."""

    def forget(self, jid: str) -> None:
        """Drop a batch, if there is one."""
