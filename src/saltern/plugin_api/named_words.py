"""Entries of `ext_pillar` that are one text: a profile's name and words such as `root=/salt/%(minion_id)s`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any


def words_of(entry: str, minion_id: str) -> tuple[str, dict[str, str]]:
    """The profile that is named first, if one is, and the words by name, the minion's id put in."""
    profile, named = "", {}
    for word in shlex.split(entry):
        name, mark, value = word.partition("=")
        if mark:
            named[name] = value.replace("%(minion_id)s", minion_id)
        else:
            profile = profile or word
    return profile, named


def options_of(opts: Mapping[str, Any], profile: str, prefix: str) -> dict[str, Any]:
    """The options `PREFIX.name` of the configuration, over which those of the profile stand."""
    own = opts.get(profile)
    return {
        key.removeprefix(f"{prefix}."): value
        for source in (opts, own if isinstance(own, Mapping) else {})
        for key, value in source.items()
        if key.startswith(f"{prefix}.")
    }


def put(tree: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path such as `a/b/c`; a value that stands in the way gives way."""
    *above, last = [part for part in path.split("/") if part]
    for part in above:
        if not isinstance(tree.get(part), dict):
            tree[part] = {}
        tree = tree[part]
    tree[last] = value
