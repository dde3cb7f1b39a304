"""A batch: one job that reaches its minions a few at a time."""

from __future__ import annotations

import msgspec

from saltern.model.target import Target


class BatchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a job goes through its minions."""

    size: int
    """How many minions may work on it at the same time."""
    wait: float = 0.0
    """Seconds for which a minion's place stays empty after it is done."""
    failhard: bool = False
    """The first bad outcome ends the batch."""
    max_fail: int = 0
    """More bad outcomes than that end the batch; 0: no bound."""

    def fault(self, bad: int) -> str:
        """Why the batch has to end with so many bad outcomes; empty when it may go on."""
        if self.failhard and bad:
            return "failhard"
        return "max_fail" if self.max_fail and bad > self.max_fail else ""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a batch beside the job's own record, which says where the job stands on each minion."""

    jid: str
    plan: BatchPlan
    fun: str | list[str]
    target: Target
    user: str
    total: int
    created: float
    paused_by: str = ""
    """Who holds it back at the moment."""
    halted: str = ""
    """Why it ended before its end: `failhard`, `max_fail`, `stop`."""
    ended: float = 0.0
    """When it was done with all of its minions, or halted; 0: it goes on."""
