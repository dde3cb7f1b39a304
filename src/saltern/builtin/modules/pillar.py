"""The minion's pillar.

Texts are shown as asterisks to the commands that an operator types, unless `unmask=True`; templates and other functions
see the values.
"""

from __future__ import annotations

from copy import deepcopy

from saltern.plugin_api import CommandExecutionError, Grains, Opts, Pillar, PillarSource, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__opts__: Opts
__grains__: Grains
__pillar__: Pillar
__pillar_compiler__: PillarSource

__func_alias__ = {"keys_": "keys"}

_ABSENT: Any = object()
_HIDDEN = "*" * 10


def get(
    key: str,
    default: Any = _ABSENT,
    merge: bool = False,
    merge_nested_lists: bool | None = None,
    delimiter: str = ":",
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
    **kwargs: Any,
) -> Any:
    """The value at a key, whose steps are parted by `delimiter`; `default` where there is none.

    With `merge` the value is laid over a default that is a dictionary or a list; `merge_nested_lists` joins lists
    within. With `pillarenv` the pillar of that environment is asked.

    CLI Example::

        saltern run '*' pillar.get pkg:apache unmask=True
        saltern run '*' pillar.get pkg:apache default='{"a": 1}' merge=True
    """
    from saltern.plugin_api.nested import traverse

    data = __pillar_compiler__.compile(pillarenv=pillarenv, saltenv=saltenv) if pillarenv else __pillar__
    found = traverse(data, key, _ABSENT, delimiter)
    if merge and default is not _ABSENT:
        found = _laid_over(default, found, lists=bool(merge_nested_lists))
    if found is not _ABSENT:
        return _seen(found, unmask, kwargs)
    if default is not _ABSENT:
        return default
    if __opts__.get("pillar_raise_on_missing"):
        raise CommandExecutionError(f"Pillar key not found: {key}")
    return ""


def fetch(key: str, default: Any = _ABSENT, **kwargs: Any) -> Any:
    """The same as `pillar.get`.

    CLI Example::

        saltern run '*' pillar.fetch pkg:apache
    """
    return get(key, default, **kwargs)


def items(
    *args: str,
    pillar: Mapping[str, Any] | None = None,
    pillar_enc: str | None = None,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """The pillar, compiled anew; `pillar` is laid over it.

    CLI Example::

        saltern run '*' pillar.items
        saltern run '*' pillar.items pillarenv=dev unmask=True
    """
    if pillar_enc:
        raise SaltInvocationError("An encrypted pillar cannot be given yet: decrypt it before.")
    found = __pillar_compiler__.compile(override=pillar, pillarenv=pillarenv, saltenv=saltenv)
    return dict(_seen(found, unmask, kwargs))


def data(*args: str, **kwargs: Any) -> dict[str, Any]:
    """The same as `pillar.items`.

    CLI Example::

        saltern run '*' pillar.data
    """
    return items(*args, **kwargs)


def raw(key: str | None = None, unmask: bool | None = None, **kwargs: Any) -> Any:
    """The pillar as this minion has it now, or the value of one of its keys.

    CLI Example::

        saltern run '*' pillar.raw key='roles'
    """
    return _seen(dict(__pillar__) if key is None else __pillar__.get(key, {}), unmask, kwargs)


def item(
    *args: str,
    default: Any = "",
    delimiter: str = ":",
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """The values at several keys.

    CLI Example::

        saltern run '*' pillar.item foo bar:baz default=5
    """
    from saltern.plugin_api.nested import traverse

    known = __pillar_compiler__.compile(pillarenv=pillarenv, saltenv=saltenv) if pillarenv else __pillar__
    found = {key: traverse(known, key, default, delimiter) for key in args}
    return dict(_seen(found, unmask, kwargs))


def ls(*args: str) -> list[str]:
    """The keys at the top of the pillar.

    CLI Example::

        saltern run '*' pillar.ls
    """
    return list(__pillar_compiler__.compile())


def keys_(key: str, delimiter: str = ":") -> list[str]:
    """The keys of a dictionary in the pillar.

    CLI Example::

        saltern run '*' pillar.keys web:sites
    """
    from saltern.plugin_api.nested import traverse

    found = traverse(__pillar__, key, _ABSENT, delimiter)
    if found is _ABSENT:
        raise KeyError(f"Pillar key not found: {key}")
    if not isinstance(found, dict):
        raise ValueError(f"Pillar value in key {key} is not a dict")
    return list(found)


def obfuscate(*args: str, **kwargs: Any) -> dict[str, Any]:
    """The pillar with the names of types in place of its values.

    CLI Example::

        saltern run '*' pillar.obfuscate
    """
    return dict(_mapped(__pillar_compiler__.compile(), lambda value: f"<{type(value).__name__}>"))


def filter_by(
    lookup_dict: Mapping[Any, Any],
    pillar: str,
    merge: Mapping[Any, Any] | None = None,
    default: str = "default",
    base: str | None = None,
) -> Any:
    """The value of the first key of `lookup_dict` that a pillar value matches (a glob), or that of the key `default`.

    It is laid over the value of the key `base`, and `merge` over both.

    CLI Example::

        saltern run '*' pillar.filter_by '{web: Serve it up, db: I query}' role
    """
    from saltern.plugin_api.choose import chosen_by
    from saltern.plugin_api.nested import traverse

    return chosen_by(lookup_dict, traverse(__pillar__, pillar, []), merge, default, base)


def file_exists(path: str, saltenv: str | None = None) -> bool:
    """Whether a file is in the pillar roots; only where they are on this machine.

    CLI Example::

        saltern run '*' pillar.file_exists my_pillar/foo.sls
    """
    from pathlib import Path

    if __opts__.get("file_client") != "local":
        return False
    if path.startswith("/") or ".." in Path(path).parts:
        return False
    roots = __opts__.get("pillar_roots") or {}
    folders = roots.get(saltenv, ()) if saltenv else [one for some in roots.values() for one in some]
    return any(Path(folder, path).is_file() for folder in folders)


def ext(external: Mapping[str, Any], pillar: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What an external pillar gives that is named and configured here.

    CLI Example::

        saltern run '*' pillar.ext '{libvirt: _}'
    """
    return dict(__pillar_compiler__.compile(override=pillar, external=[external]))


def _seen(value: Any, unmask: bool | None, kwargs: Mapping[str, Any]) -> Any:
    """The value as the caller may see it: texts are hidden from commands that are typed, and only from them."""
    if unmask or not str(kwargs.get("__pub_fun", "")).startswith("pillar."):
        return value
    return _mapped(value, lambda one: _HIDDEN if isinstance(one, str) and one else one)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: one if key == "_errors" else _mapped(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    return change(value)


def _laid_over(default: Any, found: Any, *, lists: bool) -> Any:
    """A value over its default: dictionaries in depth, lists behind one another; other defaults count for nothing."""
    from saltern.plugin_api.nested import merged, merged_with_lists

    if found is _ABSENT:
        return deepcopy(default)
    if isinstance(default, dict) and isinstance(found, dict):
        return merged_with_lists(default, found) if lists else merged(default, found)
    if isinstance(default, list) and isinstance(found, list):
        return [*default, *(one for one in found if one not in default)]
    return found
