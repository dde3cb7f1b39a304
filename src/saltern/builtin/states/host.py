"""Names of addresses in /etc/hosts."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions


def present(name: str, ip: str | list[str], comment: str = "", clean: bool = False) -> dict[str, Any]:
    """A name has these addresses; with `clean` it has no others."""
    addresses = [ip] if isinstance(ip, str) else list(ip)
    known = __salt__["hosts.list_hosts"]()
    missing = [one for one in addresses if name not in _aliases(known, one)]
    strange = [one for one in known if clean and one not in addresses and name in _aliases(known, one)]
    noted = [one for one in addresses if comment and (known.get(one) or {}).get("comment", "") != comment]
    changes: dict[str, Any] = {}
    if missing:
        changes["added"] = {one: [name] for one in missing}
    if strange:
        changes["removed"] = {one: [name] for one in strange}
    if noted:
        changes["comment_added"] = {one: [comment] for one in noted}
    test = __opts__["test"]
    said = [f"Host {name} ({one}) already present" for one in addresses if one not in missing]
    said += [f"Host {name} ({one}) would be added" if test else f"Added host {name} ({one})" for one in missing]
    said += [f"Host {name} ({one}) would be removed" if test else f"Removed host {name} ({one})" for one in strange]
    result: bool | None = True
    if changes and test:
        result = None
    elif changes:
        for one in missing:
            __salt__["hosts.add_host"](one, name)
        for one in strange:
            __salt__["hosts.rm_host"](one, name)
        for one in noted:
            __salt__["hosts.set_comment"](one, comment)
    return {"name": name, "changes": changes, "result": result, "comment": "\n".join(said)}


def absent(name: str, ip: str | list[str]) -> dict[str, Any]:
    """A name does not have these addresses."""
    addresses = [ip] if isinstance(ip, str) else list(ip)
    present_ = [one for one in addresses if __salt__["hosts.has_pair"](one, name)]
    if not present_:
        said = f"Host {name} ({', '.join(addresses)}) already absent"
        return {"name": name, "changes": {}, "result": True, "comment": said}
    if __opts__["test"]:
        said = "\n".join(f"Host {name} ({one}) needs to be removed" for one in present_)
        return {"name": name, "changes": {"host": name}, "result": None, "comment": said}
    for one in present_:
        __salt__["hosts.rm_host"](one, name)
    said = "\n".join(f"Removed host {name} ({one})" for one in present_)
    return {"name": name, "changes": {"host": name}, "result": True, "comment": said}


def only(name: str, hostnames: str | list[str]) -> dict[str, Any]:
    """An address has these names and no others."""
    wanted = [hostnames] if isinstance(hostnames, str) else list(hostnames)
    old = " ".join(__salt__["hosts.get_alias"](name))
    new = " ".join(one.strip() for one in wanted)
    if old == new:
        return {"name": name, "changes": {}, "result": True, "comment": f'IP address {name} already set to "{new}"'}
    changes = {name: {"old": old, "new": new}}
    if __opts__["test"]:
        said = f'Would change {name} from "{old}" to "{new}"'
        return {"name": name, "changes": changes, "result": None, "comment": said}
    __salt__["hosts.set_host"](name, new)
    said = f'successfully changed {name} from "{old}" to "{new}"'
    return {"name": name, "changes": changes, "result": True, "comment": said}


def _aliases(known: dict[str, Any], ip: str) -> list[str]:
    entry = known.get(ip)
    return list(entry["aliases"]) if isinstance(entry, dict) else []
