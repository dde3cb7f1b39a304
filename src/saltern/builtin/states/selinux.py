"""SELinux is as said: its mode, booleans and modules, the types of files and ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saltern.plugin_api import Functions, Opts, aggregates
from saltern.plugin_api import selinux_policy as policy
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

_MODES = {
    "enforcing": "Enforcing",
    "permissive": "Permissive",
    "disabled": "Disabled",
    "1": "Enforcing",
    "0": "Permissive",
}
_ON, _OFF = ("on", "1", "true", "yes"), ("off", "0", "false", "no")
_FORCED = "or you are using semodule >= 2.4"


def __virtual__() -> bool | tuple[bool, str]:
    return "selinux.getenforce" in __salt__ or (False, "selinux module could not be loaded")


def mod_aggregate(
    low: Mapping[str, Any], chunks: Sequence[Mapping[str, Any]], running: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The booleans of the states that follow are set with those of the first one, which the policy is built once for.

    A state that wants something else of one of them stays in its own place.
    """
    if low["fun"] != "boolean":
        return low
    wanted = _booleans_of(low)
    known = len(wanted)
    for other in aggregates.in_a_row(low, chunks, running):
        if bool(other.get("persist")) == bool(low.get("persist")) and not _booleans_of(other).keys() & wanted.keys():
            wanted |= _booleans_of(other)
    return {**low, "booleans": wanted} if len(wanted) > known else low


def mode(name: Any) -> dict[str, Any]:
    """SELinux runs in a mode, now and after the next boot; `Disabled` holds after the next boot."""
    wanted = _MODES.get(str(name).lower())
    if wanted is None:
        return result_of(name, False, f"{name} is not an accepted mode")
    # Only a boot takes SELinux away: what the file says is what can be reached.
    read = "selinux.getconfig" if wanted == "Disabled" else "selinux.getenforce"
    now = __salt__[read]()
    if now == wanted:
        return result_of(name, True, f"SELinux is already in {wanted} mode")
    changes = {"old": now, "new": wanted}
    if __opts__["test"]:
        return result_of(name, None, f"SELinux mode is set to be changed to {wanted}", changes)
    reached = __salt__["selinux.setenforce"](wanted.lower())
    if wanted in (reached, __salt__[read]()):
        return result_of(name, True, f"SELinux has been set to {wanted} mode", changes)
    return result_of(name, False, f"Failed to set SELinux to {wanted} mode")


def boolean(name: str, value: Any = None, booleans: Any = None, persist: bool = False) -> dict[str, Any]:
    """A boolean has a value, with `persist` beyond the next boot; or each of `booleans`, which are set at once.

    `booleans` is a mapping, or a list of names that get `value` and of mappings.
    """
    wanted = _wanted_booleans(name, value, booleans)
    known = __salt__["selinux.list_sebool"]()
    changes: dict[str, Any] = {}
    for one, raw in wanted.items():
        if one not in known:
            return result_of(name, False, f"Boolean {one} is not available")
        switched = _switched(raw)
        if switched is None:
            return result_of(name, False, f"{raw} is not a valid value for the boolean {one}")
        state, default = known[one]["State"], known[one]["Default"]
        if persist and (state, default) != (switched, switched):
            changes[one] = {"old": [state, default], "new": [switched, switched]}
        elif not persist and state != switched:
            changes[one] = {"old": state, "new": switched}
    right = [one for one in wanted if one not in changes]
    said = [f"The following booleans were in the correct state: {_listed(right)}"] if right else []
    if not changes:
        return result_of(name, True, said[0])
    if __opts__["test"]:
        said.append(f"The following booleans would be changed: {_listed(changes)}")
        return result_of(name, None, "\n".join(said), changes)
    if __salt__["selinux.setsebools"]({one: str(_switched(wanted[one])) for one in changes}, persist):
        said.append(f"The following booleans have been changed: {_listed(changes)}")
        return result_of(name, True, "\n".join(said), changes)
    return result_of(name, False, f"Failed to set the following booleans: {_listed(changes)}")


def module(name: str, module_state: str = "Enabled", version: Any = "any", **opts: Any) -> dict[str, Any]:
    """A module of the policy is enabled or disabled; `install: True` with `source` installs it.

    `remove: True` removes it. A version that is not the wanted one is a failure: policies of newer systems have none.
    """
    if opts.get("install") and opts.get("remove"):
        return result_of(name, False, "Cannot install and remove at the same time")
    known = __salt__["selinux.getsemod"](name)
    if opts.get("install"):
        return (
            result_of(name, True, f"Module {name} is in the desired state")
            if known
            else _installed(name, opts.get("source", name))
        )
    if not known:
        return result_of(name, False, f"Module {name} is not available")
    if opts.get("remove"):
        return _removed(name)
    wanted = str(module_state).lower()
    if wanted not in ("enabled", "disabled"):
        return result_of(name, False, f"{module_state} is not a valid state for the {name} module.")
    if version != "any" and known["Version"] != version:
        return result_of(
            name,
            False,
            f"Module version is {known['Version']} and does not match the desired version of {version} {_FORCED}",
        )
    if known["Enabled"] == (wanted == "enabled"):
        return result_of(name, True, f"Module {name} is in the desired state")
    now = "Enabled" if known["Enabled"] else "Disabled"
    changes = {name: {"old": now, "new": wanted.capitalize()}}
    if __opts__["test"]:
        return result_of(name, None, f"Module {name} is set to be toggled to {module_state}", changes)
    if __salt__["selinux.setsemod"](name, wanted):
        return result_of(name, True, f"Module {name} has been set to {module_state}", changes)
    return result_of(name, False, f"Failed to set the Module {name} to {module_state}")


def module_install(name: str) -> dict[str, Any]:
    """A module of the policy is installed from a file, which `name` is the path or URL of."""
    known = name.rpartition("/")[2].partition(".")[0]
    if __salt__["selinux.getsemod"](known):
        return result_of(name, True, f"Module {name} is already installed")
    return _installed(name, name)


def module_remove(name: str) -> dict[str, Any]:
    """A module of the policy is removed."""
    if not __salt__["selinux.getsemod"](name):
        return result_of(name, False, f"Module {name} is not available")
    return _removed(name)


def fcontext_policy_present(
    name: str, sel_type: str, filetype: str = "a", sel_user: str | None = None, sel_level: str | None = None
) -> dict[str, Any]:
    """The policy has an entry for the files of a specification, a regular expression of whole paths.

    Files that are there get their type by `fcontext_policy_applied`.
    """
    kind = policy.file_type(filetype)
    wanted = {"filetype": filetype, "sel_type": sel_type, "sel_user": sel_user, "sel_level": sel_level}
    if __salt__["selinux.fcontext_get_policy"](name, **wanted):
        said = (
            f'SELinux policy for "{name}" already present with specified filetype "{kind}" and sel_type "{sel_type}".'
        )
        return result_of(name, True, said)
    other = __salt__["selinux.fcontext_get_policy"](name, filetype)
    changes = {
        "old": {name: {"filetype": kind, "sel_type": other["sel_type"]}} if other else {},
        "new": {name: {"filetype": kind, "sel_type": sel_type}},
    }
    if __opts__["test"]:
        return result_of(name, None, "", changes)
    done = __salt__["selinux.fcontext_add_policy"](name, **wanted)
    if done["retcode"]:
        return result_of(name, False, f"Error adding new policy: {_reason(done)}")
    return result_of(name, True, "", changes)


def fcontext_policy_absent(
    name: str,
    filetype: str = "a",
    sel_type: str | None = None,
    sel_user: str | None = None,
    sel_level: str | None = None,
) -> dict[str, Any]:
    """The policy has no entry of this machine's own for the files of a specification."""
    wanted = {"filetype": filetype, "sel_type": sel_type, "sel_user": sel_user, "sel_level": sel_level}
    known = __salt__["selinux.fcontext_get_policy"](name, **wanted)
    if not known:
        return result_of(name, True, _files_are(name, "absent", filetype, sel_type))
    changes = {"old": {name: known}, "new": {}}
    if __opts__["test"]:
        return result_of(name, None, "", changes)
    done = __salt__["selinux.fcontext_delete_policy"](name, **wanted)
    if done["retcode"]:
        return result_of(name, False, f"Error deleting policy: {_reason(done)}")
    return result_of(name, True, "", changes)


def fcontext_policy_applied(name: str, recursive: bool = False) -> dict[str, Any]:
    """The files at a path have the types that the policy says; with `recursive` all below it as well."""
    told = __salt__["selinux.fcontext_policy_is_applied"](name, recursive)
    if not told:
        return result_of(name, True, f'SElinux policies are already applied for filespec "{name}"')
    if __opts__["test"]:
        return result_of(name, None, "", policy.relabelled(told))
    done = __salt__["selinux.fcontext_apply_policy"](name, recursive)
    if done["retcode"]:
        return result_of(name, False, f"Error applying policies: {_reason(done)}")
    return result_of(name, True, "", done.get("changes"))


def port_policy_present(
    name: str, sel_type: str, protocol: str | None = None, port: Any = None, sel_range: str | None = None
) -> dict[str, Any]:
    """A port (`tcp/80`, `udp/1-99`, or by `protocol` and `port`) has a type."""
    meant = policy.port_of(name, protocol, port)
    rows = policy.port_rows()
    if any(row.names(meant) and row.sel_type == sel_type for row in rows):
        return result_of(name, True, _port_is(name, "present", sel_type, protocol, port))
    changes = {"old": _told(rows, meant), "new": _told(_with(rows, meant, sel_type), meant, sel_type)}
    if __opts__["test"]:
        return result_of(name, None, "", changes)
    arguments = {"sel_type": sel_type, "protocol": protocol, "port": port, "sel_range": sel_range}
    verb = "modify" if changes["old"] else "add"
    done = __salt__[f"selinux.port_{verb}_policy"](name, **arguments)
    if done["retcode"]:
        return result_of(name, False, f"Error adding new policy: {_reason(done)}")
    return result_of(name, True, "", {**changes, "new": _told(policy.port_rows(), meant, sel_type)})


def port_policy_absent(
    name: str, sel_type: str | None = None, protocol: str | None = None, port: Any = None
) -> dict[str, Any]:
    """A port has no type of this machine's own; the one that the policy came with stays."""
    meant = policy.port_of(name, protocol, port)
    rows = policy.port_rows()
    if not any(row.names(meant) and sel_type in (None, row.sel_type) for row in rows):
        return result_of(name, True, _port_is(name, "absent", sel_type, protocol, port))
    local = [row for row in policy.port_rows(only_local=True) if row.names(meant)]
    if not local:
        return result_of(name, False, f"Error deleting policy: Port {name} is defined in policy, cannot be deleted")
    changes = {
        "old": _told(rows, meant, sel_type),
        "new": _told(_without(rows, meant, local[0].sel_type), meant, sel_type),
    }
    if __opts__["test"]:
        return result_of(name, None, "", changes)
    done = __salt__["selinux.port_delete_policy"](name, protocol, port)
    if done["retcode"]:
        return result_of(name, False, f"Error deleting policy: {_reason(done)}")
    return result_of(name, True, "", changes)


def _wanted_booleans(name: str, value: Any, booleans: Any) -> dict[str, Any]:
    if booleans is None:
        return {name: value}
    if isinstance(booleans, Mapping):
        return dict(booleans)
    wanted: dict[str, Any] = {}
    for one in booleans if isinstance(booleans, list) else [booleans]:
        wanted |= one if isinstance(one, Mapping) else {str(one): value}
    return wanted


def _booleans_of(low: Mapping[str, Any]) -> dict[str, Any]:
    return _wanted_booleans(low["name"], low.get("value"), low.get("booleans"))


def _switched(value: Any) -> str | None:
    text = str(value).lower()
    return "on" if text in _ON else "off" if text in _OFF else None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _installed(name: str, source: str) -> dict[str, Any]:
    changes = {name: {"old": None, "new": "Installed"}}
    if __opts__["test"]:
        return result_of(name, None, f"Module {name} is set to be installed", changes)
    if __salt__["selinux.install_semod"](source):
        return result_of(name, True, f"Module {name} has been installed", changes)
    return result_of(name, False, f"Failed to install module {name}")


def _removed(name: str) -> dict[str, Any]:
    changes = {name: {"old": "Installed", "new": None}}
    if __opts__["test"]:
        return result_of(name, None, f"Module {name} is set to be removed", changes)
    if __salt__["selinux.remove_semod"](name):
        return result_of(name, True, f"Module {name} has been removed", changes)
    return result_of(name, False, f"Failed to remove module {name}")


def _files_are(name: str, there: str, filetype: str, sel_type: str | None) -> str:
    return (
        f'SELinux policy for "{name}" already {there} with specified filetype "{filetype}" and sel_type "{sel_type}".'
    )


def _port_is(name: str, there: str, sel_type: str | None, protocol: Any, port: Any) -> str:
    wanted = f'sel_type "{sel_type}", protocol "{protocol}" and port "{port}"'
    return f'SELinux policy for "{name}" already {there} with specified {wanted}.'


def _told(rows: list[policy.PortRow], port: policy.Port, sel_type: str | None = None) -> dict[str, str]:
    found = next((row for row in rows if row.names(port) and sel_type in (None, row.sel_type)), None)
    return found.told() if found else {}


def _with(rows: list[policy.PortRow], port: policy.Port, sel_type: str) -> list[policy.PortRow]:
    """The rows when the port has the type: semanage lists what is this machine's own first."""
    same = next((row.ports for row in rows if (row.sel_type, row.protocol) == (sel_type, port.protocol)), "")
    return [policy.PortRow(sel_type, port.protocol, f"{port.number}, {same}" if same else port.number)]


def _without(rows: list[policy.PortRow], port: policy.Port, sel_type: str) -> list[policy.PortRow]:
    return [
        row._replace(ports=", ".join(one for one in row.ports.split(", ") if one != port.number))
        if row.names(port) and row.sel_type == sel_type
        else row
        for row in rows
    ]


def _reason(done: Mapping[str, Any]) -> str:
    return str(done.get("error") or done["stderr"] or done["stdout"] or f"exit code {done['retcode']}")
