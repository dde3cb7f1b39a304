"""Call execution functions from the master: on the master itself, and on minions."""

from __future__ import annotations

from saltern.plugin_api import Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl

__plugins__: Plugins
__master__: MasterControl


def cmd(fun: str, *args: Any, **kwargs: Any) -> Any:
    """Call an execution function on the master's own host.

    CLI Example::

        saltern runner salt.cmd test.ping
        saltern runner salt.cmd grains.get os
    """
    given = {name: value for name, value in kwargs.items() if not name.startswith("__")}
    return __plugins__.table("modules")[fun](*args, **given)


def execute(
    tgt: str | Sequence[str],
    fun: str,
    arg: Sequence[Any] = (),
    timeout: float | None = None,
    tgt_type: str = "glob",
    ret: str = "",
    jid: str = "",
    kwarg: dict[str, Any] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Call an execution function on minions; minion to what it returned.

    CLI Example::

        saltern runner salt.execute '*' test.ping
        saltern runner salt.execute 'web*' cmd.run arg='["uptime"]' timeout=30
    """
    return __master__.run(tgt, fun, arg, kwarg, tgt_type=tgt_type, timeout=timeout, ret=ret, jid=jid)
