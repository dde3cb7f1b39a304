"""What `saltern run --batch` says beside the returns (behaviour TGT-07)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_HALTED = "batch halted: "
_WAITING = ("queued",)
_NEVER_THERE = ("expired",)


class Turns:
    """Tells whose turn it is, as outcomes come in. `show` prints lines beside the documents."""

    def __init__(self, show: Callable[[str], object]) -> None:
        self._show = show
        self._begun: set[str] = set()
        self._group: list[str] = []
        self._called_off: list[str] = []
        self._why = ""

    def take(self, outcome: Mapping[str, Any]) -> bool:
        """Note an outcome; True when nothing more is to be shown of it."""
        minion, state, reason = outcome["minion"], outcome["state"], str(outcome.get("reason") or "")
        if state == "cancelled" and reason.startswith(_HALTED):
            self._called_off.append(minion)
            self._why = reason.removeprefix(_HALTED)
            return True
        if state in _NEVER_THERE and minion not in self._begun:
            self.flush()
            self._show(f"Minion {minion} did not respond. No job will be sent.\n")
            return True
        if state not in _WAITING and minion not in self._begun:
            self._begun.add(minion)
            self._group.append(minion)
        return False

    def flush(self) -> None:
        """Show those whose turn has begun since."""
        if self._group:
            self._show(f"\nExecuting run on {sorted(self._group)}\n\n")
            self._group = []

    def complaints(self) -> list[str]:
        """What standard error says at the end of a batch that was halted."""
        if not self._why:
            return []
        some = ", ".join(sorted(self._called_off)[:10]) + (", ..." if len(self._called_off) > 10 else "")
        return [
            f"[ERROR   ] Batch run stopped due to {self._why}",
            f"{len(self._called_off)} minions were not given the job: {some}",
        ]
