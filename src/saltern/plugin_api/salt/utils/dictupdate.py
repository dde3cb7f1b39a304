"""Merging dictionaries, and setting values deep in them."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.jinja.filters.mappings import append_value as append_dict_key_value
from saltern.plugin_api.jinja.filters.mappings import extend_value as extend_dict_key_value
from saltern.plugin_api.jinja.filters.mappings import set_value as set_dict_key_value
from saltern.plugin_api.jinja.filters.mappings import update_value as update_dict_key_value
from saltern.plugin_api.merging import merge
from saltern.plugin_api.merging import update as _update

__all__ = [
    "append_dict_key_value",
    "ensure_dict_key",
    "extend_dict_key_value",
    "merge",
    "merge_aggregate",
    "merge_list",
    "merge_overwrite",
    "merge_recurse",
    "set_dict_key_value",
    "update",
    "update_dict_key_value",
]


def update(dest: Any, upd: Any, recursive_update: bool = True, merge_lists: bool = False, strict: bool = False) -> Any:
    """Merge `upd` into `dest`, which is changed and returned; with `strict` dictionaries replace only dictionaries."""
    if strict:
        _refuse_other_kinds(dest, upd)
    return _update(dest, upd, recursive=recursive_update, merge_lists=merge_lists)


def merge_list(obj_a: Any, obj_b: Any) -> Any:
    return merge(obj_a, obj_b, "list")


def merge_recurse(obj_a: Any, obj_b: Any, merge_lists: bool = False) -> Any:
    return merge(obj_a, obj_b, "recurse", merge_lists=merge_lists)


def merge_aggregate(obj_a: Any, obj_b: Any) -> Any:
    return merge(obj_a, obj_b, "aggregate")


def merge_overwrite(obj_a: Any, obj_b: Any, merge_lists: bool = False) -> Any:
    """The values of `obj_b` for the keys that it has; other keys keep those of `obj_a`."""
    return merge(obj_a, obj_b, "overwrite")


def ensure_dict_key(in_dict: Any, keys: str, delimiter: str = ":", ordered_dict: bool = False) -> Any:
    """Make the dictionaries that lead to a key, and leave what is there as it is."""
    place = in_dict
    for key in keys.split(delimiter):
        if not isinstance(place.get(key), dict):
            place[key] = {}
        place = place[key]
    return in_dict


def _refuse_other_kinds(dest: Any, upd: Any) -> None:
    for key, value in upd.items():
        if key not in dest:
            continue
        if isinstance(value, dict) != isinstance(dest[key], dict):
            raise TypeError(f"the key {key!r} holds a dictionary in one of both only")
        if isinstance(value, dict):
            _refuse_other_kinds(dest[key], value)
