"""Run each function as the user whom the option `sudo_user` names, by sudo(8).

::

    sudo_user: root
    module_executors: [sudo]

The minion may then be an ordinary user's, whom `sudoers` lets run `saltern call` without a password. The call asks
the masters through the minion that runs, and tells them nothing: its return is the minion's.
"""

from __future__ import annotations

from saltern.plugin_api import Context, Opts
from saltern.plugin_api.process import find_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

__opts__: Opts
__context__: Context


def __virtual__() -> bool | tuple[bool, str]:
    if not __opts__.get("sudo_user"):
        return False, "the option sudo_user names nobody"
    return find_program("sudo") is not None or (False, "sudo is not installed")


def execute(
    opts: Mapping[str, Any],
    data: Mapping[str, Any],
    func: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> Any:
    """What the function gives where `sudo_user` calls it, with its retcode."""
    from saltern.plugin_api.call_as import call_as

    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    done = call_as(
        str(opts["sudo_user"]),
        str(data["fun"]),
        args,
        given,
        config_dir=str(opts.get("config_dir") or ""),
        local=opts.get("file_client") == "local",
    )
    __context__["retcode"] = done.retcode
    return done.value
