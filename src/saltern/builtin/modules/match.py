"""Whether target expressions mean this minion."""

from __future__ import annotations

from saltern.plugin_api import SaltInvocationError, TargetMatcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__target_matcher__: TargetMatcher

__func_alias__ = {"list_": "list"}


def compound(tgt: str, minion_id: str | None = None) -> bool:
    """Whether a compound expression means this minion.

    CLI Example::

        saltern run '*' match.compound 'L@cheese,foo and *'
    """
    return __target_matcher__.matches(tgt, "compound", minion_id=minion_id)


def glob(tgt: str, minion_id: str | None = None) -> bool:
    """Whether a glob fits this minion's id.

    CLI Example::

        saltern run '*' match.glob 'web*'
    """
    return __target_matcher__.matches(tgt, "glob", minion_id=minion_id)


def pcre(tgt: str, minion_id: str | None = None) -> bool:
    """Whether a regular expression fits this minion's id.

    CLI Example::

        saltern run '*' match.pcre '.*'
    """
    return __target_matcher__.matches(tgt, "pcre", minion_id=minion_id)


def list_(tgt: str | list[str], minion_id: str | None = None) -> bool:
    """Whether this minion is in a list of ids.

    CLI Example::

        saltern run '*' match.list 'server1,server2'
    """
    return __target_matcher__.matches(tgt, "list", minion_id=minion_id)


def grain(tgt: str, delimiter: str = ":") -> bool:
    """Whether a grain has a value that a glob fits.

    CLI Example::

        saltern run '*' match.grain 'os:Ubuntu'
    """
    return __target_matcher__.matches(tgt, "grain", delimiter=delimiter)


def grain_pcre(tgt: str, delimiter: str = ":") -> bool:
    """Whether a grain has a value that a regular expression fits.

    CLI Example::

        saltern run '*' match.grain_pcre 'os:Fedo.*'
    """
    return __target_matcher__.matches(tgt, "grain_pcre", delimiter=delimiter)


def pillar(tgt: str, delimiter: str = ":") -> bool:
    """Whether a pillar key has a value that a glob fits.

    CLI Example::

        saltern run '*' match.pillar 'cheese:foo'
    """
    return __target_matcher__.matches(tgt, "pillar", delimiter=delimiter)


def pillar_pcre(tgt: str, delimiter: str = ":") -> bool:
    """Whether a pillar key has a value that a regular expression fits.

    CLI Example::

        saltern run '*' match.pillar_pcre 'cheese:(swiss|american)'
    """
    return __target_matcher__.matches(tgt, "pillar_pcre", delimiter=delimiter)


def ipcidr(tgt: str) -> bool:
    """Whether this minion has an address, or one of a network.

    CLI Example::

        saltern run '*' match.ipcidr '192.168.44.0/24'
    """
    return __target_matcher__.matches(tgt, "ipcidr")


def data(tgt: str) -> bool:
    """Whether this minion keeps a value (`data.update`) that a glob fits.

    CLI Example::

        saltern run '*' match.data 'spam:eggs'
    """
    return __target_matcher__.matches(tgt, "data")


def filter_by(
    lookup: Mapping[str, Any],
    tgt_type: str = "compound",
    minion_id: str | None = None,
    merge: Mapping[str, Any] | None = None,
    merge_lists: bool = False,
    default: str = "default",
) -> Any:
    """The value of the first target of `lookup` that means this minion, or else that of the key `default`.

    CLI Example::

        saltern run '*' match.filter_by '{foo*: Foo!, bar*: Bar!}' minion_id=bar03
    """
    for target, value in lookup.items():
        if __target_matcher__.matches(target, tgt_type, minion_id=minion_id):
            return _with(value, merge, merge_lists)
    return lookup.get(default)


def search_by(lookup: Mapping[str, Any], tgt_type: str = "compound", minion_id: str | None = None) -> list[str] | None:
    """The keys of `lookup` of whose targets at least one means this minion; None when there is none.

    CLI Example::

        saltern run '*' match.search_by '{web: [node1, node2], db: [node3]}'
    """
    found = [
        key
        for key, targets in lookup.items()
        if any(
            __target_matcher__.matches(one, tgt_type, minion_id=minion_id)
            for one in (targets if isinstance(targets, list) else [targets])
        )
    ]
    return found or None


def ifelse(
    *args: Any,
    tgt_type: str = "compound",
    minion_id: str | None = None,
    merge: Mapping[str, Any] | None = None,
    merge_lists: bool = False,
) -> Any:
    """Of pairs of a target and a value the value of the first target that means this minion, else the last argument.

    `merge` is laid over the value of the target that was met.

    CLI Example::

        saltern run '*' match.ifelse 'foo*' 'Foo!' 'bar*' 'Bar!' 'neither'
    """
    if len(args) % 2 == 0:
        raise SaltInvocationError("The ifelse function must have an odd number of arguments!")
    for target, value in zip(args[:-1:2], args[1::2], strict=True):
        if __target_matcher__.matches(target, tgt_type, minion_id=minion_id):
            return _with(value, merge, merge_lists)
    return args[-1]


def _with(value: Any, merge: Mapping[str, Any] | None, merge_lists: bool) -> Any:
    from copy import deepcopy

    from saltern.plugin_api.nested import merged, merged_with_lists

    if not merge:
        return value
    if not isinstance(merge, dict):
        raise SaltInvocationError("filter_by merge argument must be a dictionary.")
    if value is not None and not isinstance(value, dict):
        raise SaltInvocationError(f"merge needs a dictionary to be laid over, and the value is {value!r}.")
    below = deepcopy(value) or {}
    return merged_with_lists(below, merge) if merge_lists else merged(below, merge)
