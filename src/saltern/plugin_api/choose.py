"""Choosing a value by what a grain or a pillar key says: `filter_by` of several modules."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from saltern.plugin_api.errors import DeliberateError, UnfitTypeError
from saltern.plugin_api.nested import merged

_MISSING: Any = object()


def chosen_by(
    lookup: Mapping[Any, Any], value: Any, merge: Mapping[Any, Any] | None, default: str, base: str | None
) -> Any:
    """The entry of the first key that a value (or one of a list) matches as a glob, or that of the key `default`.

    It is laid over the entry of the key `base`, and `merge` over both; an empty `merge`, whatever its type, over none.
    """
    if merge and not isinstance(merge, Mapping):
        raise DeliberateError("filter_by merge argument must be a dictionary.")
    values = value if isinstance(value, list) else [value]
    found = next(
        (lookup[key] for one in values for key in lookup if key == one or fnmatch.fnmatchcase(str(one), str(key))),
        _MISSING,
    )
    found = deepcopy(lookup.get(default) if found is _MISSING else found)
    if base and isinstance(lookup.get(base), Mapping):
        found = _over(lookup[base], found)
    return _over(found, merge) if merge else found


def _over(weaker: Any, stronger: Any) -> Any:
    """`stronger` laid over `weaker`; nothing laid over something, or under it, is the something."""
    if weaker is None or stronger is None:
        return deepcopy(stronger if weaker is None else weaker)
    if not isinstance(weaker, Mapping) or not isinstance(stronger, Mapping):
        raise UnfitTypeError("Cannot update using non-dict types in dictupdate.update()")
    return deepcopy(merged(weaker, stronger))
