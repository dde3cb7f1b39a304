"""The minions of this master."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.master_control import MasterControl

__master__: MasterControl


def connected() -> list[str]:
    """The ids of the minions that are connected now, sorted.

    CLI Example::

        saltern wheel minions.connected
    """
    return sorted(minion for minion, row in __master__.minions().items() if row["connected"])
