"""A target: an expression, how to read it, and the delimiter of nested keys."""

from __future__ import annotations

from typing import Any

import msgspec

TGT_TYPES = (
    "glob", "pcre", "list", "grain", "grain_pcre", "pillar", "pillar_pcre", "pillar_exact",
    "ipcidr", "data", "range", "nodegroup", "compound",
)  # fmt: skip


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Which minions are meant.

    `expr` is the text of the expression, or a list of ids (for `list`) or of words (for `compound`, `nodegroup`).
    """

    expr: str | tuple[str, ...]
    kind: str = "glob"
    delimiter: str = ":"

    @property
    def text(self) -> str:
        return self.expr if isinstance(self.expr, str) else ",".join(self.expr)


class MinionData(msgspec.Struct, frozen=True, kw_only=True):
    """What a target expression can ask about one minion.

    `grains` and `pillar` are None while they are not known: such a minion is never matched by an expression that asks
    for them (behaviour TGT-01).
    """

    id: str
    grains: dict[str, Any] | None = None
    pillar: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    """The minion's own small data store, which only the minion itself knows."""
