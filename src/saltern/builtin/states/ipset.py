"""Sets of addresses, networks and ports, and their entries."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts, SaltInvocationError
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def set_present(name: str, set_type: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A set of this type is there; further arguments are the options of a new one."""
    if __salt__["ipset.check_set"](name) is True:
        return result_of(name, True, f"ipset set {name} already exists for {family}")
    changes = {"locale": name}
    if __opts__["test"]:
        return result_of(name, None, f"ipset set {name} would be added for {family}", changes)
    said = __salt__["ipset.new_set"](name, set_type, family, **_options(kwargs))
    if said is not True:
        return result_of(name, False, f"Failed to create set {name} for {family}: {said}")
    return result_of(name, True, f"ipset set {name} created successfully for {family}", changes)


def set_absent(name: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A set is not there."""
    if __salt__["ipset.check_set"](name, family) is not True:
        return result_of(name, True, f"ipset set {name} for {family} is already absent")
    changes = {"locale": name}
    if __opts__["test"]:
        return result_of(name, None, f"ipset set {name} for {family} would be removed", changes)
    said = __salt__["ipset.delete_set"](name, family)
    if said is not True:
        return result_of(name, False, f"Failed to delete set {name} for {family}: {said}")
    return result_of(name, True, f"ipset set {name} deleted successfully for family {family}", changes)


def present(name: str, entry: Any = None, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """An `entry`, or each of a list, is in the set `set_name`; `timeout` and `comment` are those of a new entry."""
    entries = _entries(entry)
    if not entries:
        return result_of(name, False, "ipset entry must be specified")
    set_name, said = _set_of(kwargs), ""
    outcomes: set[bool | None] = set()
    options = {key: value for key, value in _options(kwargs).items() if key in ("timeout", "comment")}
    for one in entries:
        shown = " ".join([one, *(f"{key} {options[key]}" for key in ("timeout", "comment") if key in options)])
        if __salt__["ipset.check"](set_name, one.split()[0], family) is True:
            said += f"entry for {one} already in set {set_name} for {family}\n"
        elif __opts__["test"]:
            said += f"entry {shown} would be added to set {set_name} for family {family}\n"
            outcomes.add(None)
        elif (reason := __salt__["ipset.add"](set_name, one, family, **options)) == "Success":
            said += f"entry {shown} added to set {set_name} for family {family}\n"
            outcomes.add(True)
        else:
            said = f"Failed to add to entry {shown} to set {set_name} for family {family}.\n{reason}"
            outcomes.add(False)
    return _told(name, said, outcomes)


def absent(name: str, entry: Any = None, entries: Any = None, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """An `entry`, or each of a list (`entries`), is not in the set `set_name`."""
    asked = _entries(entry) or _entries(entries)
    if not asked:
        return result_of(name, False, "ipset entry must be specified")
    set_name, said = _set_of(kwargs), ""
    outcomes: set[bool | None] = set()
    for one in asked:
        if __salt__["ipset.check"](set_name, one.split()[0], family) is not True:
            said += f"ipset entry for {one} not present in set {set_name} for {family}\n"
        elif __opts__["test"]:
            said += f"ipset entry {one} would be removed from set {set_name} for {family}\n"
            outcomes.add(None)
        elif (reason := __salt__["ipset.delete"](set_name, one, family)) == "Success":
            said += f"ipset entry {one} removed from set {set_name} for {family}\n"
            outcomes.add(True)
        else:
            said = (
                f"Failed to delete ipset entry from set {set_name} for {family}. Attempted entry was {one}.\n{reason}\n"
            )
            outcomes.add(False)
    return _told(name, said, outcomes)


def flush(name: str, family: str = "ipv4", **kwargs: Any) -> dict[str, Any]:
    """A set has no entries."""
    if __salt__["ipset.check_set"](name) is not True:
        return result_of(name, False, f"ipset set {name} does not exist for {family}")
    done = f"Flushed ipset entries from set {name} for {family}"
    sizes = {one["Name"]: one.get("Number of entries") for one in __salt__["ipset.list_sets"]()}
    if sizes.get(name) == "0":
        return result_of(name, True, done)
    changes = {"locale": name}
    if __opts__["test"]:
        return result_of(name, None, f"ipset entries in set {name} for {family} would be flushed", changes)
    if not __salt__["ipset.flush"](name, family):
        return result_of(name, False, f"Failed to flush ipset entries from set {name} for {family}")
    return result_of(name, True, done, changes)


_WORDS_OF_STATES = ("set_name", "name", "order", "require", "watch", "onchanges", "require_in", "watch_in", "test")


def _options(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kwargs.items() if key not in _WORDS_OF_STATES and not key.startswith("__")}


def _set_of(kwargs: dict[str, Any]) -> str:
    if not kwargs.get("set_name"):
        raise SaltInvocationError("set_name needs to be specified")
    return str(kwargs["set_name"])


def _entries(entry: Any) -> list[str]:
    if entry in (None, "", []):
        return []
    return [str(one) for one in entry] if isinstance(entry, list | tuple) else [str(entry)]


def _told(name: str, said: str, outcomes: set[bool | None]) -> dict[str, Any]:
    changed = bool(outcomes & {True, None})
    result = False if False in outcomes else None if None in outcomes else True
    return result_of(name, result, said, {"locale": name} if changed else {})
