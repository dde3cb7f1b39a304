"""The mines of all minions, for the master's own functions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl
    from saltern.plugin_api.mines import MineReader

__mines__: MineReader
__master__: MasterControl


def get(tgt: str | list[str], fun: str | list[str], tgt_type: str = "glob") -> dict[str, Any]:
    """What minions told the mine: minion to value; of several functions each with its own answer.

    tgt, tgt_type
        Whose entries: a target expression of any kind.
    fun
        The name of the entries, or several, as a list or joined by commas.

    CLI Example::

        saltern runner mine.get '*' network.interfaces
        saltern runner mine.get 'os:Debian' network.ip_addrs,kernel tgt_type=grain
    """
    names = [name.strip() for name in fun.split(",")] if isinstance(fun, str) else list(fun)
    found = __mines__.read(tgt, tgt_type, names)
    return found[names[0]] if isinstance(fun, str) and len(names) == 1 else found


def update(
    tgt: str | list[str],
    tgt_type: str = "glob",
    clear: bool = False,
    mine_functions: dict[str, Any] | list[str] | None = None,
) -> dict[str, Any]:
    """Have minions tell the mine anew; what each of them gave for `mine.update`.

    tgt, tgt_type
        Which minions: a target expression of any kind.
    clear
        Forget what their mines held before.
    mine_functions
        Functions in place of the configured ones.

    CLI Example::

        saltern runner mine.update '*'
        saltern runner mine.update 'juniper-edges' tgt_type=nodegroup clear=True
    """
    return __master__.run(
        tgt, "mine.update", kwarg={"clear": clear, "mine_functions": mine_functions}, tgt_type=tgt_type
    )
