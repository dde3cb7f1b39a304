"""Access tokens."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl

__master__: MasterControl


def mk_token(**load: Any) -> dict[str, Any]:
    """A token for whoever can log in: `token`, `start`, `expire`, `name`, `eauth`, and what it allows.

    username, password, eauth
        As for the command line's `-a`.
    token_expire
        How many seconds it shall hold, where the option `token_expire_user_override` allows to choose.

    CLI Example::

        saltern runner auth.mk_token username=saltdev password=saltdev eauth=pam
    """
    given = {name: value for name, value in load.items() if not name.startswith("__")}
    found = __master__.make_token(given, float(given.pop("token_expire", 0.0)))
    named = {name: found[name] for name in ("token", "start", "expire", "eauth")}
    return {**named, "name": found["user"], "auth_list": found["perms"]}


def del_token(token: str) -> bool:
    """End a token; False where there was none.

    CLI Example::

        saltern runner auth.del_token 6556760736e4077daa601baec2b67c24
    """
    return __master__.end_token(token)
