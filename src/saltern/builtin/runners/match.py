"""Target expressions, tried on one minion."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl

__master__: MasterControl


def compound_matches(expr: str, minion_id: str) -> dict[str, Any]:
    """Whether a compound expression means a minion: `res` holds its id, or False.

    CLI Example::

        saltern runner match.compound_matches 'I@foo:bar and G@os:Debian' web1
    """
    return {"res": minion_id if minion_id in __master__.resolve(expr, "compound") else False}
