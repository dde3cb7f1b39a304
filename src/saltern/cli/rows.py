"""The text in place of a return that a minion did not give (behaviour JOB-19)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_WORDS = {
    "not_connected": "Not connected",
    "away": "Not connected",
    "expired": "Not connected",
    "no_key": "No accepted key",
    "lost": "Lost",
    "refused": "Refused",
    "cancelled": "Cancelled",
    "timed_out": "Timed out",
}
_MAY_COME = ("no_answer", "running", "queued", "sent")


def missing_row(state: str, jid: str, outcome: Mapping[str, Any] | None = None) -> str:
    """Why there is no return: `state` as in `Tally`, `outcome` for what the record knows about it."""
    word = _WORDS.get(state, "No response")
    text = f"Minion did not return. [{word}]"
    detail = _detail(outcome) if outcome else ""
    if detail and detail != word.lower():
        text += f" {detail}"
    if state in _MAY_COME:
        text += f"\nIt may still come. Look it up later: saltern runner jobs.lookup_jid {jid}"
    return text


def _detail(outcome: Mapping[str, Any]) -> str:
    reason, by = str(outcome.get("reason") or ""), str(outcome.get("by") or "")
    return f"{reason} (by {by})" if reason and by else reason or (f"by {by}" if by else "")
