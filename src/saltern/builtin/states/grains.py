"""The minion's own grains, kept in its grains file."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__salt__: Functions

_ABSENT = "_|-"
_NOTHING: tuple[Any, ...] = (_ABSENT, None, "", [], {})
"""Values of grains that count as none where a list is wanted."""


def exists(name: str, delimiter: str = ":") -> dict[str, Any]:
    """A grain is there, whatever its value."""
    there = _value(name, delimiter) != _ABSENT
    return _result(name, {}, there, "Grain exists" if there else "Grain does not exist")


def _hashable(list_grain: Any, result: Any = None) -> Any:
    """The items of a list, and of lists in it, as one set."""
    found = set() if result is None else result
    for item in list_grain:
        _hashable(item, found) if isinstance(item, list) else found.add(item)
    return found


def present(name: str, value: Any, delimiter: str = ":", force: bool = False) -> dict[str, Any]:
    """A grain has a value; `force` replaces a list or a dictionary by another kind of value."""
    known = _value(name, delimiter)
    if known == value:
        return _result(name, {}, True, "Grain is already set")
    if __opts__["test"]:
        if known == _ABSENT:
            return _result(name, {"new": name}, None, f"Grain {name} is set to be added")
        return _result(name, {"changed": {name: value}}, None, f"Grain {name} is set to be changed")
    done = __salt__["grains.set"](name, value, force=force, delimiter=delimiter)
    if not done["result"]:
        return _result(name, {}, False, str(done["comment"]))
    return _result(name, done["changes"], True, f"Set grain {name} to {value}")


def list_present(name: str, value: Any, delimiter: str = ":") -> dict[str, Any]:
    """A grain is a list that has these values."""
    known = _value(name, delimiter)
    wanted = value if isinstance(value, list) else [value]
    if known in _NOTHING:
        known = []
        if __opts__["test"]:
            return _result(name, {"new": ""}, None, f"Grain {name} is set to be added")
    if not isinstance(known, list):
        return _result(name, {}, False, f"Grain {name} is not a valid list")
    missing = [one for one in wanted if one not in known]
    if not missing:
        return _result(name, {}, True, f"Value {value} is already in grain {name} (or pending)")
    if __opts__["test"]:
        shown = missing if isinstance(value, list) else value
        return _result(name, {"new": known}, None, f"Value {shown} is set to be appended to grain {name}")
    now = [*known, *missing]
    __salt__["grains.set"](name, now, force=True, delimiter=delimiter)
    there = [one for one in wanted if one in known]
    told = f'Removed value {there} from update due to value found in "{name}" (or pending).\n' if there else ""
    added = missing if isinstance(value, list) else value
    return _result(name, {"new": _deep(name, now, delimiter)}, True, f"{told}Append value {added} to grain {name}")


def _deep(name: str, value: Any, delimiter: str) -> dict[str, Any]:
    """A value below the steps of a name."""
    first, _, rest = name.partition(delimiter)
    return {first: _deep(rest, value, delimiter) if rest else value}


def list_absent(name: str, value: Any, delimiter: str = ":") -> dict[str, Any]:
    """A grain that is a list does not have these values."""
    known = _value(name, delimiter)
    if known in _NOTHING:
        return _result(name, {}, True, f"Grain {name} does not exist")
    if not isinstance(known, list):
        return _result(name, {}, False, f"Grain {name} is not a valid list")
    unwanted = value if isinstance(value, list) else [value]
    there = [one for one in unwanted if one in known]
    does = "in grain {} is set to be deleted" if __opts__["test"] else "was deleted from grain {}"
    told = [f"Value {one} {(does if one in there else 'is absent from grain {}').format(name)}" for one in unwanted]
    if not there:
        return _result(name, {}, True, "\n".join(told))
    if not __opts__["test"]:
        __salt__["grains.set"](name, [one for one in known if one not in there], force=True, delimiter=delimiter)
    return _result(name, {"deleted": there}, None if __opts__["test"] else True, "\n".join(told))


def absent(name: str, destructive: bool = False, delimiter: str = ":", force: bool = False) -> dict[str, Any]:
    """A grain has no value; with `destructive` its key is not there either."""
    known = _value(name, delimiter)
    if known == _ABSENT or (known is None and not destructive):
        said = f"Grain {name} does not exist" if known == _ABSENT else f"Value for grain {name} is already None"
        return _result(name, {}, True, said)
    changes = {"deleted": name} if destructive else {"grain": name, "value": None}
    if __opts__["test"]:
        said = (
            f"Grain {name} is set to be deleted"
            if destructive
            else f"Value for grain {name} is set to be deleted (None)"
        )
        return _result(name, changes, None, said)
    done = __salt__["grains.set"](name, None, destructive=destructive, force=force, delimiter=delimiter)
    if not done["result"]:
        return _result(name, {}, False, str(done["comment"]))
    said = f"Grain {name} was deleted" if destructive else f"Value for grain {name} was set to None"
    return _result(name, changes, True, said)


def append(name: str, value: Any, convert: bool = False, delimiter: str = ":") -> dict[str, Any]:
    """A grain that is a list has a value; with `convert` another kind of value becomes a list."""
    known = _value(name, delimiter)
    if known in _NOTHING:
        return _result(name, {}, False, f"Grain {name} does not exist")
    if not isinstance(known, list) and not convert:
        return _result(name, {}, False, f"Grain {name} is not a valid list")
    items = known if isinstance(known, list) else [known]
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
