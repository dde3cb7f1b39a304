"""Directories of data of PostgreSQL servers are made."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(
    name: str,
    user: str | None = None,
    password: str | None = None,
    auth: str = "password",
    encoding: str = "UTF8",
    locale: str | None = None,
    runas: str | None = None,
    waldir: str | None = None,
    checksums: bool = False,
) -> dict[str, Any]:
    """A directory of data is there; a new one is made by initdb with `user` as its superuser."""
    if __salt__["postgres.datadir_exists"](name):
        return result_of(name, True, f"Postgres data directory {name} is already present")
    changes = {name: "Present"}
    if __opts__["test"]:
        return result_of(name, None, f"Postgres data directory {name} is set to be initialized", changes)
    given: dict[str, Any] = {"user": user, "password": password, "auth": auth, "encoding": encoding, "locale": locale}
    given |= {"waldir": waldir, "checksums": checksums, "runas": runas}
    if not __salt__["postgres.datadir_init"](name, **given):
        return result_of(name, False, f"Postgres data directory {name} initialization failed")
    return result_of(name, True, f"Postgres data directory {name} has been initialized", changes)
