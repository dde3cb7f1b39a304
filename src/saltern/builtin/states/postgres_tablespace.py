"""Tablespaces of a PostgreSQL server are there, as said, or are not.

`db_host`, `db_port`, `db_user`, `db_password` and `maintenance_db` name the server, `user` the system's user that asks
it; what is not said is as the module `postgres` has it.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.databases import postgres_states as states
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(
    name: str,
    directory: str,
    options: dict[str, Any] | None = None,
    owner: str | None = None,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A tablespace is there with this owner and these options. In another directory it cannot be had: that fails."""
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    now = __salt__["postgres.tablespace_list"](**server).get(name)
    if now is None:
        create = __salt__["postgres.tablespace_create"]
        given = {"options": options, "owner": owner, **server}
        return states.present(name, "Tablespace", __opts__["test"], lambda: create(name, directory, **given))
    if now["Location"] != directory:
        comment = f"Tablespace {name} is not at the right location. This is unfixable without dropping and recreating"
        return result_of(name, False, f"{comment} the tablespace.")
    changed: dict[str, Any] = {}
    if owner not in (None, now["Owner"]):
        changed["owner"] = owner
    if options and _settings(now["Opts"]) != {**_settings(now["Opts"]), **{key: str(options[key]) for key in options}}:
        changed["options"] = options
    if not changed:
        return result_of(name, True, f"Tablespace {name} is already present")
    said = [_SAID[key] for key in changed]
    if __opts__["test"]:
        foreseen = "\n".join(f"Tablespace {name} {word} to be altered" for word, _ in said)
        return result_of(name, None, foreseen, {name: changed})
    given = {"new_owner": changed.get("owner"), "set_option": changed.get("options")}
    if not __salt__["postgres.tablespace_alter"](name, **given, **server):
        return result_of(name, False, f"Failed to alter tablespace {name}")
    return result_of(name, True, "\n".join(f"Tablespace {name} {word} changed" for _, word in said), {name: changed})


def absent(
    name: str,
    user: str | None = None,
    maintenance_db: str | None = None,
    db_password: str | None = None,
    db_host: str | None = None,
    db_port: Any = None,
    db_user: str | None = None,
) -> dict[str, Any]:
    """A tablespace is not there. One that has something in it stays, and the state fails."""
    server = states.server_of(user, db_user, db_password, db_host, db_port, maintenance_db=maintenance_db)
    exists = __salt__["postgres.tablespace_exists"](name, **server)
    remove = __salt__["postgres.tablespace_remove"]
    return states.absent(name, "Tablespace", __opts__["test"], exists, lambda: remove(name, **server))


_SAID = {"owner": ("owner", "owner"), "options": ("options", "opts")}
"""How a dry run and a real run call what is changed."""


def _settings(options: str) -> dict[str, str]:
    """The options that the server tells, `{random_page_cost=2.0}`."""
    return dict(pair.split("=", 1) for pair in options.strip("{}").split(",") if "=" in pair)
