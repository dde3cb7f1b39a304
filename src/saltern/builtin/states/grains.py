"""The minion's own grains, kept in its grains file."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions

_ABSENT = "_|-"


def exists(name: str, delimiter: str = ":") -> dict[str, Any]:
    """A grain is there, whatever its value."""
    there = _value(name, delimiter) != _ABSENT
    return _result(name, {}, there, "Grain exists" if there else "Grain does not exist")


def make_hashable(list_grain: Any, result: Any = None) -> Any:
    """The items of a list, and of lists in it, as one set."""
    found = set() if result is None else result
    for item in list_grain:
        make_hashable(item, found) if isinstance(item, list) else found.add(item)
    return found


def present(name: str, value: Any, delimiter: str = ":", force: bool = False) -> dict[str, Any]:
    """A grain has a value; `force` replaces a list or a dictionary by another kind of value."""
    known = _value(name, delimiter)
    if known == value:
        return _result(name, {}, True, "Grain is already set")
    if __opts__["test"]:
        if known == _ABSENT:
            return _result(name, {"new": name}, None, f"Grain {name} is set to be added")
        return _result(name, {"changed": name}, None, f"Grain {name} is set to be changed")
    done = __salt__["grains.set"](name, value, force=force, delimiter=delimiter)
    if not done["result"]:
        return _result(name, {}, False, str(done["comment"]))
    return _result(name, done["changes"], True, f"Set grain {name} to {value}")


def list_present(name: str, value: Any, delimiter: str = ":") -> dict[str, Any]:
    """A grain is a list that has these values."""
    known = _value(name, delimiter)
    wanted = value if isinstance(value, list) else [value]
    if known != _ABSENT and not isinstance(known, list):
        return _result(name, {}, False, f"Grain {name} is not a valid list")
    missing = [one for one in wanted if known == _ABSENT or one not in known]
    if not missing:
        return _result(name, {}, True, f"Value {value} is already in grain {name}")
    if __opts__["test"]:
        if known == _ABSENT:
            return _result(name, {"new": ""}, None, f"Grain {name} is set to be added")
        shown = ",".join(map(str, missing))
        return _result(name, {"new": missing}, None, f"Value {shown} is set to be appended to grain {name}")
    now = [*(known if isinstance(known, list) else []), *missing]
    __salt__["grains.set"](name, now, force=True, delimiter=delimiter)
    return _result(name, {"new": {name: now}}, True, f"Append value {value} to grain {name}")


def list_absent(name: str, value: Any, delimiter: str = ":") -> dict[str, Any]:
    """A grain that is a list does not have these values."""
    known = _value(name, delimiter)
    if known in (_ABSENT, None, ""):
        return _result(name, {}, True, f"Grain {name} does not exist")
    if not isinstance(known, list):
        return _result(name, {}, False, f"Grain {name} is not a valid list")
    there = [one for one in (value if isinstance(value, list) else [value]) if one in known]
    if not there:
        return _result(name, {}, True, f"Value {value} is absent from grain {name}")
    if __opts__["test"]:
        said = "\n".join(f"Value {one} in grain {name} is set to be deleted" for one in there)
        return _result(name, {"deleted": there}, None, said)
    __salt__["grains.set"](name, [one for one in known if one not in there], force=True, delimiter=delimiter)
    said = "\n".join(f"Value {one} was deleted from grain {name}" for one in there)
    return _result(name, {"deleted": there}, True, said)


def absent(name: str, destructive: bool = False, delimiter: str = ":", force: bool = False) -> dict[str, Any]:
    """A grain has no value; with `destructive` its key is not there either."""
    known = _value(name, delimiter)
    if known == _ABSENT or (known is None and not destructive):
        said = f"Grain {name} does not exist" if known == _ABSENT else f"Value for grain {name} is already None"
        return _result(name, {}, True, said)
    if __opts__["test"]:
        said = (
            f"Grain {name} is set to be deleted"
            if destructive
            else f"Value for grain {name} is set to be deleted (None)"
        )
        return _result(name, {"deleted" if destructive else "changed": name}, None, said)
    done = __salt__["grains.set"](name, None, destructive=destructive, force=force, delimiter=delimiter)
    if not done["result"]:
        return _result(name, {}, False, str(done["comment"]))
    said = f"Grain {name} was deleted" if destructive else f"Value for grain {name} was set to None"
    changes = {"deleted": name} if destructive else {"grain": name, "value": None}
    return _result(name, changes, True, said)


def append(name: str, value: Any, convert: bool = False, delimiter: str = ":") -> dict[str, Any]:
    """A grain that is a list has a value; with `convert` another kind of value becomes a list."""
    known = _value(name, delimiter)
    if known == _ABSENT:
        return _result(name, {}, False, f"Grain {name} does not exist")
    if not isinstance(known, list) and not convert:
        return _result(name, {}, False, f"Grain {name} is not a valid list")
    items = known if isinstance(known, list) else [] if known is None else [known]
    if value in items:
        return _result(name, {}, True, f"Value {value} is already in the list for grain {name}")
    if __opts__["test"]:
        return _result(name, {"added": value}, None, f"Value {value} in grain {name} is set to be added")
    __salt__["grains.set"](name, [*items, value], force=True, delimiter=delimiter)
    return _result(name, {"added": value}, True, f"Value {value} was added to grain {name}")


def _value(name: str, delimiter: str) -> Any:
    return __salt__["grains.get"](name, _ABSENT, delimiter)


def _result(name: str, changes: dict[str, Any], result: bool | None, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
