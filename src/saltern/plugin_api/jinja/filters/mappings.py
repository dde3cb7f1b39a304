"""Dictionaries: values deep inside, as entries, as tables, compared."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saltern.plugin_api.errors import SaltInvocationError
from saltern.plugin_api.jinja.filters.text import to_num
from saltern.plugin_api.jinja.strictness import needs_value
from saltern.plugin_api.nested import traverse as traverse_path

_ABSENT = object()


@needs_value
def traverse(data: Any, key: Any, default: Any = None, delimiter: str = ":") -> Any:
    """The value at a path of keys and indices, given as text or as a list; `default` where there is none."""
    if not isinstance(key, list):
        return traverse_path(data, key, default, delimiter)
    for step in key:
        data = traverse_path(data, str(step), _ABSENT, "\0")
    return default if data is _ABSENT else data


def json_query(data: Any, expression: str) -> Any:
    """What a JMESPath expression finds."""
    import jmespath

    return jmespath.search(expression, data)


def set_value(data: Any, keys: str, value: Any, delimiter: str = ":", ordered_dict: bool = False) -> Any:
    """Put a value at a path of keys; what is no dictionary on the way is replaced by one."""
    *way, last = str(keys).split(delimiter)
    _lead(data, way, ordered=ordered_dict)[last] = value
    return data


def append_value(data: Any, keys: str, value: Any, delimiter: str = ":", ordered_dict: bool = False) -> Any:
    """Append to the list at a path of keys, which is made where there is none."""
    holder, last = _holder(data, keys, delimiter, ordered=ordered_dict)
    _changed(holder.setdefault(last, []), "append", value)
    return data


def extend_value(data: Any, keys: str, value: Any, delimiter: str = ":", ordered_dict: bool = False) -> Any:
    """Extend the list at a path of keys, which is made where there is none."""
    holder, last = _holder(data, keys, delimiter, ordered=ordered_dict)
    _changed(holder.setdefault(last, []), "extend", value)
    return data


def update_value(data: Any, keys: str, value: Any, delimiter: str = ":", ordered_dict: bool = False) -> Any:
    """Update the dictionary at a path of keys, which is made where there is none."""
    holder, last = _holder(data, keys, delimiter, ordered=ordered_dict)
    _changed(holder.setdefault(last, OrderedDict() if ordered_dict else {}), "update", value)
    return data


def _holder(data: Any, keys: str, delimiter: str, *, ordered: bool) -> tuple[Any, str]:
    *way, last = str(keys).split(delimiter)
    return _lead(data, way, ordered=ordered), last


def _lead(data: Any, way: Iterable[str], *, ordered: bool) -> Any:
    for key in way:
        if not isinstance(data.get(key) if isinstance(data, Mapping) else data[key], Mapping):
            data[key] = OrderedDict() if ordered else {}
        data = data[key]
    return data


def _changed(target: Any, verb: str, value: Any) -> None:
    change = getattr(target, verb, None)
    if change is None:
        raise SaltInvocationError(f"The last key contains a {type(target)}, which cannot {verb}.")
    try:
        change(value)
    except (TypeError, ValueError) as error:
        raise SaltInvocationError(f"Cannot {verb} {type(target)} with a {type(value)}.") from error


def compare_dicts(old: Mapping[Any, Any], new: Mapping[Any, Any]) -> dict[Any, dict[str, Any]]:
    """Keys whose values differ; a value that is not there is an empty text."""
    found: dict[Any, dict[str, Any]] = {}
    for key in {**new, **old}:
        before, after = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if before is _ABSENT or after is _ABSENT or before != after:
            found[key] = {"old": "" if before is _ABSENT else before, "new": "" if after is _ABSENT else after}
    return found


def to_entries(data: Any) -> list[dict[str, Any]]:
    """A list of `{key: ..., value: ...}`; of a list its indices are the keys."""
    if not isinstance(data, dict | list):
        raise ValueError("Input data must be a dict or list")
    pairs = data.items() if isinstance(data, dict) else enumerate(data)
    return [{"key": key, "value": value} for key, value in pairs]


def from_entries(entries: Iterable[Mapping[str, Any]]) -> dict[Any, Any]:
    """The dictionary that `to_entries` made a list of; the key may be called name, and both be capitalised."""
    found = {}
    for entry in entries:
        if not isinstance(entry, Mapping):
            raise ValueError(f"an entry has to be a dictionary with key and value, not {entry!r}")
        name = next((entry[known] for known in ("key", "Key", "name", "Name") if known in entry), _ABSENT)
        if name is not _ABSENT:
            found[name] = next((entry[known] for known in ("value", "Value") if known in entry), None)
    return found


def mysql_to_dict(lines: Sequence[str], key: str) -> dict[Any, dict[str, Any]]:
    """The rows of a table as the mysql client draws it, by the value that they have in the column `key`."""
    rows = [
        [to_num(field.strip()) for field in line.strip().strip("|").split("|")]
        for line in lines
        if line.strip() and not line.startswith("+")
    ]
    if not rows:
        return {}
    names = rows[0]
    tables = [dict(zip(names, row, strict=False)) for row in rows[1:]]
    if key not in names:
        raise KeyError(key)
    return {row[key]: row for row in tables}


FILTERS = {
    "traverse": traverse,
    "json_query": json_query,
    "set_dict_key_value": set_value,
    "append_dict_key_value": append_value,
    "extend_dict_key_value": extend_value,
    "update_dict_key_value": update_value,
    "compare_dicts": compare_dicts,
    "to_entries": to_entries,
    "from_entries": from_entries,
    "mysql_to_dict": mysql_to_dict,
}
