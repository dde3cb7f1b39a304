"""Merging one tree of data into another, by the strategies that Salt names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.yaml.aggregate import aggregated


def update(target: Any, changes: Any, *, recursive: bool = True, merge_lists: bool = False) -> Any:
    """Merge `changes` into `target`, which is changed and returned; copy it before if it has to stay.

    Dictionaries that both have are merged, with `merge_lists` lists get the items that they lack, and any other value
    is replaced. Without `recursive` that is done at the top alone: whatever a key holds is replaced.
    """
    if not isinstance(target, Mapping) or not isinstance(changes, Mapping):
        raise TypeError("Cannot update using non-dict types in dictupdate.update()")
    tree: Any = target
    for key, value in changes.items():
        before = tree.get(key)
        if recursive and isinstance(before, Mapping) and isinstance(value, Mapping):
            tree[key] = update(before, value, merge_lists=merge_lists)
        elif recursive and merge_lists and isinstance(before, list) and isinstance(value, list):
            tree[key] = [*before, *(item for item in value if item not in before)]
        else:
            tree[key] = value
    return target


def merge(one: Any, other: Any, strategy: str = "smart", *, renderer: str = "yaml", merge_lists: bool = False) -> Any:
    """Both trees as one, of which `other` wins; neither is changed.

    The strategies: `recurse` as `update`; `overwrite` replaces the values of the top; `list` makes a list of both
    values of a key that both have, and leaves keys out that `other` alone has; `aggregate` merges what the renderer
    `yamlex` marked with `!aggregate`; `smart` is `aggregate` where that renderer is used, else `recurse`. Any other
    name is `recurse` that never merges lists.
    """
    if strategy == "smart":
        strategy = "aggregate" if renderer == "yamlex" or renderer.endswith("|yamlex") else "recurse"
    if strategy == "list":
        return {key: [value, other[key]] if key in other else value for key, value in one.items()}
    if strategy == "aggregate":
        return aggregated(one, other)
    if strategy == "overwrite":
        return update(_copied(one), _copied(other), recursive=False)
    return update(_copied(one), _copied(other), merge_lists=merge_lists and strategy == "recurse")


def _copied(tree: Any) -> Any:
    """The tree with dictionaries of its own; what else it holds is shared, and never changed by merging."""
    if not isinstance(tree, Mapping):
        return tree
    found = tree.copy() if isinstance(tree, dict) else dict(tree)
    for key, value in found.items():
        found[key] = _copied(value)
    return found
