"""What the master's functions may ask of the mines: the injected `__mines__`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol
else:
    Protocol = object


class MineReader(Protocol):
    """Reads all mines, whoever may read them otherwise."""

    def read(self, tgt: str | list[str], tgt_type: str, names: list[str]) -> dict[str, dict[str, Any]]:
        """The entries of these names, each by minion; `TargetError` when the target cannot be read."""

    def all_of(self, minion: str) -> dict[str, Any]:
        """The whole mine of a minion, by the names of its entries."""

    def drop(self, minion: str, name: str = "") -> bool:
        """Drop one entry of a mine, or all of it; whether there was anything."""
