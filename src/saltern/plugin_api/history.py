"""`__jobs__`: the job cache as runners see it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol
else:
    Protocol = object


class JobHistory(Protocol):
    """Jobs in Salt's shapes, as plain data. All calls block, and come from a thread of a runner.

    An *instance* is how Salt shows a job: `{"Function", "Arguments", "Target", "Target-type", "User", "StartTime"}` and
    `"Metadata"` where there is some; for a job that is not known `{"Error", "StartTime"}`. Times are seconds since
    1970, UTC.
    """

    def load(self, jid: str) -> dict[str, Any]:
        """The publish load with `Minions`, the sorted ids that it concerns; empty when the job is not known."""

    def instance(self, jid: str) -> dict[str, Any]:
        """One job, with `Minions`."""

    def returns(self, jid: str) -> dict[str, dict[str, Any]]:
        """`{minion: {"return", "retcode", "success"[, "out"]}}` for those that returned."""

    def instances(
        self,
        *,
        functions: Sequence[str] = (),
        not_functions: Sequence[str] = (),
        targets: Sequence[str] = (),
        metadata: dict[str, Any] | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int = 0,
    ) -> dict[str, dict[str, Any]]:
        """The newest jobs that fit all conditions, by jid, oldest first. Texts are globs; `limit` 0 means all."""

    def active(self) -> dict[str, dict[str, Any]]:
        """Jobs that run now: instances with `Running` (`[{minion: pid}]`) and `Returned` (ids)."""

    def runners(self) -> list[dict[str, Any]]:
        """Runner calls that run now on the master: `{"fun", "jid", "pid", "user"}`."""

    def end_time(self, jid: str) -> str:
        """When the last return came, in the form of `StartTime`; empty when none has come."""
