"""Default values: of a formula's `defaults.yaml`, and of dictionaries."""

from __future__ import annotations

from copy import deepcopy as _deepcopy

from saltern.plugin_api import Functions, SaltInvocationError
from saltern.plugin_api.errors import UnfitTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions


def get(key: str, default: Any = "") -> Any:
    """The value at `formula:key` of `defaults.yaml` (or `.json`) of a formula; with its name alone, all of them.

    CLI Example::

        saltern run '*' defaults.get core:users:root
    """
    from saltern.plugin_api.nested import traverse

    formula, _, rest = key.partition(":")
    known = _of_formula(formula)
    return traverse(known, rest, default) if rest else known or None


def merge(
    dest: dict[str, Any],
    src: dict[str, Any],
    merge_lists: bool = False,
    in_place: bool = True,
    convert_none: bool = True,
) -> dict[str, Any]:
    """Lay one dictionary over another, in depth. With `merge_lists` lists are joined; None counts as no dictionary.

    CLI Example::

        saltern run '*' defaults.merge '{a: b}' '{d: e}'
    """
    from saltern.plugin_api.nested import merged, merged_with_lists

    below, above = dest, src
    if convert_none:
        below, above = below or {}, above or {}
    if in_place and dest is None:
        raise SaltInvocationError("Can't perform in-place merge into NoneType")
    if not isinstance(below, dict) or not isinstance(above, dict):
        raise UnfitTypeError("Cannot update using non-dict types in dictupdate.update()")
    result = merged_with_lists(below, above) if merge_lists else merged(below, above)
    if in_place:
        dest.clear()
        dest.update(result)
    return result


def update(
    dest: dict[str, Any],
    defaults: dict[str, Any],
    merge_lists: bool = True,
    in_place: bool = True,
    convert_none: bool = True,
) -> dict[str, Any]:
    """Put defaults under each value of a dictionary of dictionaries.

    CLI Example::

        saltern run '*' defaults.update '{x: {v: 9}}' '{v: 1, w: 2}'
    """
    given = defaults or {} if convert_none else defaults
    result = {
        name: merge(_deepcopy(given), value, merge_lists, in_place=False, convert_none=convert_none)
        for name, value in dest.items()
    }
    if in_place:
        dest.update(result)
    return result


def deepcopy(source: Any) -> Any:
    """A copy of data that shares nothing with it.

    CLI Example::

        saltern run '*' defaults.deepcopy '{a: [1, 2]}'
    """
    return _deepcopy(source)


def _of_formula(formula: str) -> dict[str, Any]:
    import json

    import yaml

    for end, read in (("yaml", yaml.safe_load), ("json", json.loads)):
        text = __salt__["cp.get_file_str"](f"salt://{formula}/defaults.{end}")
        if text:
            try:
                found = read(text)
            except (ValueError, yaml.YAMLError) as error:
                raise SaltInvocationError(f"salt://{formula}/defaults.{end} cannot be read: {error}") from error
            return dict(found or {})
    return {}
