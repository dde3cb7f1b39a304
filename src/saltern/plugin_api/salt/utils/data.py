"""Data: looking things up, converting texts, comparing."""

from __future__ import annotations

import copy
import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from saltern.plugin_api.jinja.filters.lists import compare_lists, flatten
from saltern.plugin_api.jinja.filters.mappings import (
    compare_dicts,
    from_entries,
    json_query,
    mysql_to_dict,
    to_entries,
)
from saltern.plugin_api.jinja.filters.text import substring_in_list as substr_in_list
from saltern.plugin_api.jinja.filters.values import exactly_n_true as exactly_n
from saltern.plugin_api.nested import merged
from saltern.plugin_api.nested import traverse as traverse_dict_and_list
from saltern.plugin_api.salt.utils.stringutils import to_bytes, to_unicode

__all__ = [
    "CaseInsensitiveDict", "compare_dicts", "compare_lists", "decode", "decode_dict", "decode_list", "decode_tuple",
    "encode", "encode_dict", "encode_list", "exactly_n", "exactly_one", "filter_by", "filter_falsey", "flatten",
    "from_entries", "is_dictlist", "is_iter", "is_list", "is_true", "json_query", "mysql_to_dict", "recursive_diff",
    "repack_dictlist", "simple_types_filter", "sorted_ignorecase", "stringify", "subdict_match", "substr_in_list",
    "to_entries", "traverse_dict", "traverse_dict_and_list",
]  # fmt: skip


class CaseInsensitiveDict(MutableMapping[Any, Any]):
    """A dictionary that finds its keys in capitals and small letters alike, and keeps how they were written."""

    def __init__(self, init: Any = None, **kwargs: Any) -> None:
        self._data: dict[Any, tuple[Any, Any]] = {}
        self.update(init or {}, **kwargs)

    def __len__(self) -> int:
        return len(self._data)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._data[_lower(key)] = (key, value)

    def __delitem__(self, key: Any) -> None:
        del self._data[_lower(key)]

    def __getitem__(self, key: Any) -> Any:
        return self._data[_lower(key)][1]

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self._data.values())


def _lower(key: Any) -> Any:
    return key.lower() if isinstance(key, str) else key


def decode(data: Any, encoding: str | None = None, errors: str = "strict", keep: bool = False, **_options: Any) -> Any:
    """The data with text in place of all bytes; with `keep` bytes that are no text stay."""
    return _converted(data, (bytes, bytearray), lambda value: to_unicode(value, encoding, errors), keep)


def encode(data: Any, encoding: str | None = None, errors: str = "strict", keep: bool = False, **_options: Any) -> Any:
    """The data with bytes in place of all text."""
    return _converted(data, (str,), lambda value: to_bytes(value, encoding, errors), keep)


decode_dict = decode_list = decode_tuple = decode
encode_dict = encode_list = encode


def _converted(data: Any, kinds: tuple[type, ...], convert: Callable[[Any], Any], keep: bool) -> Any:
    if isinstance(data, kinds):
        try:
            return convert(data)
        except UnicodeError:
            if keep:
                return data
            raise
    if isinstance(data, Mapping):
        return {
            _converted(key, kinds, convert, keep): _converted(value, kinds, convert, keep)
            for key, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [_converted(item, kinds, convert, keep) for item in data]
    return data


def is_true(value: Any = None) -> bool:
    """Whether this is a number above zero, the text `true` in any letters, or something else that counts as true."""
    try:
        return float(value) > 0
    except (TypeError, ValueError):
        return value.lower() == "true" if isinstance(value, str) else bool(value)


def exactly_one(iterable: Iterable[Any]) -> bool:
    return exactly_n(iterable)


def traverse_dict(data: Any, key: str, default: Any = None, delimiter: str = ":") -> Any:
    """The value at `a:b:c` within dictionaries, or the default."""
    place = data
    for step in str(key).split(delimiter):
        if not isinstance(place, Mapping) or step not in place:
            return default
        place = place[step]
    return place


def subdict_match(
    data: Any, expr: str, delimiter: str = ":", regex_match: bool = False, exact_match: bool = False
) -> bool:
    """Whether `a:b:pattern` fits a value of the data: a glob, a regular expression, or the value itself."""
    parts = str(expr).split(delimiter)
    for cut in range(1, len(parts)):
        found = traverse_dict_and_list(data, delimiter.join(parts[:cut]), _ABSENT, delimiter)
        if found is not _ABSENT and _fits(found, delimiter.join(parts[cut:]), regex_match, exact_match):
            return True
    return False


_ABSENT = object()


def _fits(found: Any, pattern: str, regex: bool, exact: bool) -> bool:
    if isinstance(found, Mapping):
        return pattern == "*" or any(_fits(key, pattern, regex, exact) for key in found)
    if isinstance(found, list | tuple):
        return any(_fits(item, pattern, regex, exact) for item in found)
    text, wanted = str(found).lower(), pattern.lower()
    if exact:
        return text == wanted
    return re.match(wanted, text) is not None if regex else fnmatch.fnmatchcase(text, wanted)


def filter_by(
    lookup_dict: Mapping[str, Any],
    lookup: str,
    traverse: Mapping[str, Any],
    merge: Mapping[str, Any] | None = None,
    default: str = "default",
    base: str | None = None,
) -> Any:
    """The value of the key of `lookup_dict` that a value in `traverse` fits, over that of `base`, under `merge`."""
    given = traverse_dict_and_list(traverse, lookup, None)
    values = given if isinstance(given, list) else [given]
    hit = next(
        (key for value in values for key in lookup_dict if value is not None and fnmatch.fnmatchcase(str(value), key)),
        default,
    )
    found = copy.deepcopy(lookup_dict.get(hit))
    if base and isinstance(lookup_dict.get(base), Mapping):
        found = merged(lookup_dict[base], found or {})
    return merged(found or {}, merge) if merge else found


def is_list(value: Any) -> bool:
    return isinstance(value, list)


def is_iter(thing: Any, ignore: tuple[type, ...] = (str,)) -> bool:
    return isinstance(thing, Iterable) and not isinstance(thing, ignore)


def is_dictlist(data: Any) -> bool:
    """Whether this is a list of dictionaries of one key each."""
    return isinstance(data, list) and all(isinstance(item, dict) and len(item) == 1 for item in data)


def repack_dictlist(
    data: Any,
    strict: bool = False,
    recurse: bool = False,
    key_cb: Callable[[Any], Any] | None = None,
    val_cb: Callable[[Any, Any], Any] | None = None,
) -> dict[Any, Any]:
    """One dictionary of a list of texts and of dictionaries of one key each; empty if the list has anything else."""
    found: dict[Any, Any] = {}
    for item in data if isinstance(data, list) else []:
        if isinstance(item, str | int | float):
            found[key_cb(item) if key_cb else item] = None
        elif isinstance(item, dict) and len(item) == 1:
            ((key, value),) = item.items()
            if recurse and value and is_dictlist(value):
                value = repack_dictlist(value, recurse=True)
            found[key_cb(key) if key_cb else key] = val_cb(key, value) if val_cb else value
        else:
            return {}
    return found


def filter_falsey(data: Any, recurse_depth: int | None = None, ignore_types: Iterable[type] = ()) -> Any:
    """The data without what counts as false, but for values of `ignore_types`."""
    kept = tuple(ignore_types)

    def wanted(value: Any) -> bool:
        return bool(value) or type(value) in kept

    def inner(value: Any) -> Any:
        if not recurse_depth or not isinstance(value, list | dict | set):
            return value
        return filter_falsey(value, recurse_depth - 1, kept)

    if isinstance(data, dict):
        pairs = ((key, inner(value)) for key, value in data.items())
        return {key: value for key, value in pairs if wanted(value)}
    if isinstance(data, list | set | tuple):
        return type(data)(value for value in map(inner, data) if wanted(value))
    return data


def recursive_diff(
    old: Any,
    new: Any,
    ignore_keys: Iterable[Any] | None = None,
    ignore_order: bool = False,
    ignore_missing_keys: bool = False,
) -> dict[str, Any]:
    """`{"old": …, "new": …}` with only what differs; empty when nothing does."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _mapping_diff(old, new, set(ignore_keys or ()), ignore_order, ignore_missing_keys)
    if isinstance(old, list | tuple | set) and isinstance(new, list | tuple | set):
        same = sorted(map(repr, old)) == sorted(map(repr, new)) if ignore_order else list(old) == list(new)
        return {} if same else {"old": old, "new": new}
    return {} if old == new else {"old": old, "new": new}


def _mapping_diff(
    old: Mapping[Any, Any], new: Mapping[Any, Any], ignored: set[Any], ignore_order: bool, ignore_missing: bool
) -> dict[str, Any]:
    before: dict[Any, Any] = {}
    after: dict[Any, Any] = {}
    for key in [*old, *(key for key in new if key not in old)]:
        if key in ignored or (ignore_missing and key not in new):
            continue
        if key in old and key in new:
            found = recursive_diff(old[key], new[key], ignored, ignore_order, ignore_missing)
            if found:
                before[key], after[key] = found.get("old"), found.get("new")
        elif key in old:
            before[key] = old[key]
        else:
            after[key] = new[key]
    return {**({"old": before} if before else {}), **({"new": after} if after else {})}


def simple_types_filter(data: Any) -> Any:
    """The data with `repr` in place of all that is neither number, text, list nor dictionary."""
    if isinstance(data, Mapping):
        return {
            key if isinstance(key, _SIMPLE) else repr(key): simple_types_filter(value) for key, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [simple_types_filter(item) for item in data]
    return data if data is None or isinstance(data, _SIMPLE) else repr(data)


_SIMPLE = (str, bytes, int, float, bool)


def stringify(data: Iterable[Any]) -> list[str]:
    return [item.decode() if isinstance(item, bytes) else str(item) for item in data]


def sorted_ignorecase(to_sort: Iterable[str]) -> list[str]:
    return sorted(to_sort, key=str.lower)
