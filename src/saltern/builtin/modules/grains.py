"""Read grains, and set those of this minion.

What is set is kept in the file `grains` beside the minion's configuration file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.choose import chosen_by
from saltern.plugin_api.nested import traverse

__opts__: Opts
__grains__: dict[str, Any]
__salt__: Functions

__func_alias__ = {"set_": "set"}
__outputter__ = {"items": "nested", "item": "nested", "setval": "nested"}

_MISSING = object()
_SANITIZED = {
    "domain": "DOMAINNAME",
    "fqdn": "MINION.DOMAINNAME",
    "host": "MINION",
    "id": "MINION.DOMAINNAME",
    "localhost": "MINION",
    "nodename": "MINION",
}
_EXISTS = "The key '{}' exists but is a dict or a list. Use 'force=True' to overwrite."
_GIVEN = "The key '{}' exists and the given value is a dict or a list. Use 'force=True' to overwrite."
_DIFFERENT = "The key '{}' value is '{}', which is different from the provided key '{}'. Use 'force=True' to overwrite."


def items(sanitize: bool = False) -> dict[str, Any]:
    """All grains; with `sanitize` those that name this machine are replaced.

    CLI Example::

        saltern run '*' grains.items sanitize=True
    """
    return _shown(dict(__grains__), sanitize)


def item(*args: str, **kwargs: Any) -> dict[str, Any]:
    """The grains of these keys, `default` for those that are not set; with `delimiter` and `sanitize` as elsewhere.

    CLI Example::

        saltern run '*' grains.item os site:room
    """
    default, delimiter = kwargs.get("default", ""), kwargs.get("delimiter", ":")
    return _shown({key: get(key, default, delimiter) for key in args}, kwargs.get("sanitize", False))


def get(key: str, default: Any = "", delimiter: str = ":", ordered: bool = True) -> Any:
    """The value of a grain, which may lie in a nested one: `site:room:rack`.

    `ordered` is accepted for its callers; order is always kept.

    CLI Example::

        saltern run '*' grains.get pkg:apache
    """
    del ordered
    return _lookup(key, default, delimiter)


def fetch(key: str, default: Any = "", delimiter: str = ":", ordered: bool = True) -> Any:
    """The same as `grains.get`.

    CLI Example::

        saltern run '*' grains.fetch pkg:apache
    """
    return get(key, default, delimiter, ordered)


def ls() -> list[str]:
    """The names of all grains, sorted.

    CLI Example::

        saltern run '*' grains.ls
    """
    return sorted(__grains__)


def has_value(key: str) -> bool:
    """Whether a grain is set, to whatever value.

    CLI Example::

        saltern run '*' grains.has_value site:room
    """
    return _lookup(key, _MISSING) is not _MISSING


def equals(key: str, value: Any) -> bool:
    """Whether a grain, as text, is the value.

    CLI Example::

        saltern run '*' grains.equals os_family Debian
    """
    return str(value) == str(get(key))


def setval(key: str, val: Any, destructive: bool = False, refresh_pillar: bool = True) -> dict[str, Any]:
    """Set a grain; `destructive` removes it when the value is None. The delimiter means nothing here.

    CLI Example::

        saltern run '*' grains.setval key "{'sub-key': 'val'}"
    """
    return setvals({key: val}, destructive, refresh_pillar)


def setvals(grains: dict[str, Any], destructive: bool = False, refresh_pillar: bool = True) -> dict[str, Any]:
    """Set several grains; `destructive` removes those whose value is None. The answer is what was given.

    CLI Example::

        saltern run '*' grains.setvals "{'key1': 'val1', 'key2': 'val2'}"
    """
    if not isinstance(grains, Mapping):
        raise SaltInvocationError("setvals grains must be a dictionary.")
    path = _grains_file()
    kept = _read(path)
    for key, value in grains.items():
        if value is None and destructive:
            kept.pop(key, None)
            __grains__.pop(key, None)
        else:
            kept[key] = value
            __grains__[key] = value
    _write(path, kept)
    if "saltutil.refresh_grains" in __salt__:
        __salt__["saltutil.refresh_grains"](refresh_pillar=refresh_pillar)
    return dict(grains)


def append(key: str, val: Any, convert: bool = False, delimiter: str = ":") -> dict[str, Any] | str:
    """Append to a list; a list as value is appended item by item. `convert` makes a list of a grain that is none.

    CLI Example::

        saltern run '*' grains.append roles web
    """
    current = get(key, [], delimiter)
    if not isinstance(current, list):
        if not convert:
            return f"The key {key} is not a valid list"
        current = [current]
    if val in current:
        return f"The val {val} was already in the list {key}"
    grown = current + (val if isinstance(val, list) else [val])
    return setval(*_with_value(key, grown, delimiter, force=True))


def remove(key: str, val: Any, delimiter: str = ":") -> dict[str, Any] | str:
    """Remove a value from a list.

    CLI Example::

        saltern run '*' grains.remove roles web
    """
    current = get(key, [], delimiter)
    if not isinstance(current, list):
        return f"The key {key} is not a valid list"
    if val not in current:
        return f"The val {val} was not in the list {key}"
    rest = list(current)
    rest.remove(val)
    return setval(*_with_value(key, rest, delimiter, force=True))


def delkey(key: str, force: bool = False) -> dict[str, Any]:
    """Remove a grain from the grains file; `force` does it to a dict or a list too.

    CLI Example::

        saltern run '*' grains.delkey roles force=True
    """
    return delval(key, destructive=True, force=force)


def delval(key: str, destructive: bool = False, force: bool = False) -> dict[str, Any]:
    """Set a grain to None; `destructive` removes it instead. See `grains.set` for `force` and the answer.

    CLI Example::

        saltern run '*' grains.delval rack
    """
    return set_(key, None, force=force, destructive=destructive)


def set_(
    key: str, val: Any = "", force: bool = False, destructive: bool = False, delimiter: str = ":"
) -> dict[str, Any]:
    """Set a grain, which may lie in a nested one.

    Without `force` neither the old nor the new value may be a dict or a list. `destructive` removes it when the value
    is None. The answer is `{"result": bool, "changes": {top key: its value}, "comment": str}`.

    CLI Example::

        saltern run '*' grains.set apps:myApp:port 2209
    """
    current = _lookup(key, None, delimiter)
    if current is not None and current == val:
        return _answer(True, comment="Grain is already set")
    if current is not None and not force:
        if isinstance(current, dict | list):
            return _answer(False, comment=_EXISTS.format(key))
        if isinstance(val, dict | list):
            return _answer(False, comment=_GIVEN.format(key))
    try:
        top, value = _with_value(key, val, delimiter, force=force, destructive=destructive)
    except _KeyInTheWay as obstacle:
        return _answer(False, comment=str(obstacle))
    setval(top, value, destructive=destructive)
    return _answer(True, changes={top: value})


def filter_by(
    lookup_dict: Mapping[Any, Any],
    grain: str = "os_family",
    merge: Mapping[Any, Any] | None = None,
    default: str = "default",
    base: str | None = None,
) -> Any:
    """The value of the first key of `lookup_dict` that a grain's value matches (a glob), or that of the key `default`.

    It is laid over the value of the key `base`, and `merge` over both.

    CLI Example::

        saltern run '*' grains.filter_by '{Debian: Debheads rule, RedHat: I love my hat}'
    """
    return chosen_by(lookup_dict, get(grain, []), merge, default, base)


def _lookup(key: str, default: Any, delimiter: str = ":") -> Any:
    """As `traverse`, but a first step that needs one grain computes that one only."""
    top, found, rest = str(key).partition(delimiter)
    if not found:
        return __grains__.get(key, default)
    return traverse(__grains__[top], rest, default, delimiter) if top in __grains__ else default


def _shown(grains: dict[str, Any], sanitize: bool) -> dict[str, Any]:
    if not sanitize:
        return grains
    return {key: _sanitized(key, value) for key, value in grains.items()}


def _sanitized(key: str, value: Any) -> Any:
    if key == "serialnumber":
        known = len(str(value)) * 3 // 4
        return str(value)[:known] + "X" * (len(str(value)) - known)
    return _SANITIZED.get(key, value)


class _KeyInTheWay(Exception):
    """A value that is no dict stands where a key has to go."""


def _with_value(key: str, val: Any, delimiter: str, *, force: bool, destructive: bool = False) -> tuple[str, Any]:
    """The top level grain that `key` leads into, and its value once `val` is there; `_KeyInTheWay`."""
    top, *rest = key.split(delimiter)
    if not rest:
        return top, val
    return top, _placed(_lookup(top, {}), [top], rest, val, delimiter, force=force, destructive=destructive)


def _placed(
    current: Any, path: list[str], rest: list[str], val: Any, delimiter: str, *, force: bool, destructive: bool
) -> Any:
    """`current`, which lies at `path`, with `val` put at `rest` in it."""
    key, *deeper = rest
    inner = val
    if deeper:
        below = traverse(current, key, {}, delimiter)
        inner = _placed(below, [*path, key], deeper, val, delimiter, force=force, destructive=destructive)
    if isinstance(current, Mapping):
        if inner is None and destructive:
            return {name: value for name, value in current.items() if name != key}
        return {**current, key: inner}
    if isinstance(current, list):
        return _placed_in_list(current, key, inner)
    if current is None or current == key or force:
        return {key: inner}
    raise _KeyInTheWay(_DIFFERENT.format(delimiter.join(path), current, key))


def _placed_in_list(current: list[Any], key: str, inner: Any) -> list[Any]:
    """A list takes a key as a dict of one item: in place of the bare word, in the dict that has it, or at its end."""
    if key in current:
        return [{key: inner} if item == key else item for item in current]
    if any(isinstance(item, Mapping) and key in item for item in current):
        return [{**item, key: inner} if isinstance(item, Mapping) and key in item else item for item in current]
    return [*current, {key: inner}]


def _answer(result: bool, *, changes: dict[str, Any] | None = None, comment: str = "") -> dict[str, Any]:
    return {"result": result, "changes": changes or {}, "comment": comment}


def _grains_file() -> str:
    configuration = str(__opts__["conf_file"])
    directory = configuration if os.path.isdir(configuration) else os.path.dirname(configuration)
    return os.path.join(directory, "grains")


def _read(path: str) -> dict[str, Any]:
    import yaml

    try:
        with open(path, encoding="utf-8") as file:
            found = yaml.safe_load(file)
    except FileNotFoundError:
        return {}
    except (OSError, yaml.YAMLError) as error:
        raise CommandExecutionError(f"Unable to read existing grains file: {error}") from error
    if found is not None and not isinstance(found, dict):
        raise CommandExecutionError(f"Unable to read existing grains file: {path} holds no mapping")
    return found or {}


def _write(path: str, grains: Mapping[str, Any]) -> None:
    """Written beside and moved into place: a reader sees the old file or the new one."""
    import tempfile

    from saltern.plugin_api.yaml.dump import dump_yaml

    text = dump_yaml(dict(grains), sort_keys=True)
    mode = os.stat(path).st_mode & 0o777 if os.path.exists(path) else 0o644
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile("w", dir=os.path.dirname(path), prefix=".grains.", delete=False) as file:
            temporary = file.name
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise CommandExecutionError(f"Unable to write to grains file {path}: {error}") from error
