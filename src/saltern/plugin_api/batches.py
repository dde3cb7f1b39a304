"""`__batches__`: the master's batches as runners see them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object


class BatchControl(Protocol):
    """All calls block, and come from a thread of a runner. A status is a map as `batch.status` shows it."""

    def status(self, jid: str) -> dict[str, Any] | None:
        """How a batch stands; None for a job that is no batch."""

    def active(self) -> list[dict[str, Any]]:
        """The batches that go on."""

    def pause(self, jid: str) -> bool:
        """Let no more minions begin; False when no such batch goes on."""

    def resume(self, jid: str) -> bool:
        """Let minions begin again; False when no such batch goes on."""

    def stop(self, jid: str, *, kill: bool = False) -> bool:
        """End a batch, with `kill` also what runs; False when no such batch goes on."""
