"""The minion's pillar.

Texts are shown as asterisks to the commands that an operator types, unless `unmask=True`; templates and other functions
see the values.
"""

from __future__ import annotations

from copy import deepcopy

from saltern.plugin_api import (
    CommandExecutionError,
    Opts,
    Pillar,
    PillarSource,
    Plugins,
    SaltInvocationError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__opts__: Opts
__pillar__: Pillar
__plugins__: Plugins
__pillar_compiler__: PillarSource
__fun__: str | list[str]


class _NotSet:
    """In place of a value that there is not. `sys.argspec` shows its name."""

    def __repr__(self) -> str:
        return "<Constant.NOT_SET>"


_ABSENT: Any = _NotSet()
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
) -> Any:
    """The value at a key, whose steps are parted by `delimiter`; `default` where there is none.

    With `merge` the value is laid over a default that is a dictionary or a list; `merge_nested_lists` joins lists
    within. With `pillarenv` the pillar of that environment is asked, compiled anew.

    CLI Example::

        saltern run '*' pillar.get pkg:apache unmask=True
        saltern run '*' pillar.get pkg:apache default='{"a": 1}' merge=True
    """
    from saltern.plugin_api.nested import traverse

    has_default = default != _ABSENT  # compared by value, so that an undefined name of a template raises
    found = traverse(_of_environment(pillarenv, saltenv), key, _ABSENT, delimiter)
    if found is not _ABSENT:
        laid = _laid_over(default, found, lists=bool(merge_nested_lists)) if merge and has_default else found
        return _seen(laid, unmask)
    if has_default:
        return _seen(deepcopy(default), unmask)
    if __opts__.get("pillar_raise_on_missing"):
        raise CommandExecutionError(f"Pillar key not found: {key}")
    return ""


def fetch(
    key: str,
    default: Any = _ABSENT,
    merge: bool = False,
    merge_nested_lists: bool | None = None,
    delimiter: str = ":",
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
) -> Any:
    """The same as `pillar.get`.

    CLI Example::

        saltern run '*' pillar.fetch pkg:apache
    """
    return get(key, default, merge, merge_nested_lists, delimiter, pillarenv, saltenv, unmask)


def items(
    *args: str,
    pillar: Mapping[str, Any] | str | None = None,
    pillar_enc: str | None = None,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
) -> dict[str, Any]:
    """The pillar, compiled anew, or the values at several of its keys.

    `pillar` is laid over it; with `pillar_enc` it stands encrypted, and that renderer (`gpg`) makes it plain.

    CLI Example::

        saltern run '*' pillar.items
        saltern run '*' pillar.items pillarenv=dev unmask=True
    """
    override = _plain(pillar, pillar_enc)
    found = __pillar_compiler__.compile(override=override, pillarenv=pillarenv, saltenv=saltenv)
    return dict(_seen(_picked(found, args) if args else found, unmask))


def data(
    *args: str,
    pillar: Mapping[str, Any] | str | None = None,
    pillar_enc: str | None = None,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
) -> dict[str, Any]:
    """The same as `pillar.items`.

    CLI Example::

        saltern run '*' pillar.data
    """
    return items(*args, pillar=pillar, pillar_enc=pillar_enc, pillarenv=pillarenv, saltenv=saltenv, unmask=unmask)


def raw(key: str | None = None, unmask: bool | None = None) -> Any:
    """The pillar as this minion has it now, or the value of one of its keys. Nothing is masked.

    CLI Example::

        saltern run '*' pillar.raw key='roles'
    """
    return dict(__pillar__) if not key else __pillar__.get(key, {})


def item(
    *args: str,
    default: Any = None,
    delimiter: str | None = None,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
) -> dict[str, Any]:
    """The values at several keys; `default`, or an empty text, where there is none.

    CLI Example::

        saltern run '*' pillar.item foo bar:baz default=5
    """
    found = _picked(_of_environment(pillarenv, saltenv), args, "" if default is None else default, delimiter or ":")
    return dict(_seen(found, unmask))


def ls(
    *args: str,
    pillar: Mapping[str, Any] | str | None = None,
    pillar_enc: str | None = None,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
) -> list[str]:
    """The keys at the top of the pillar, compiled anew.

    CLI Example::

        saltern run '*' pillar.ls
    """
    return list(items(*args, pillar=pillar, pillar_enc=pillar_enc, pillarenv=pillarenv, saltenv=saltenv))


def keys(key: str, delimiter: str = ":", unmask: bool | None = None) -> list[str]:
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


def obfuscate(
    *args: str,
    pillar: Mapping[str, Any] | str | None = None,
    pillar_enc: str | None = None,
    pillarenv: str | None = None,
    saltenv: str | None = None,
    unmask: bool | None = None,
) -> dict[str, Any]:
    """The pillar, compiled anew, with the names of types in place of its values.

    CLI Example::

        saltern run '*' pillar.obfuscate
    """
    found = items(*args, pillar=pillar, pillar_enc=pillar_enc, pillarenv=pillarenv, saltenv=saltenv, unmask=True)
    return dict(_mapped(found, lambda value: f"<{type(value).__name__}>"))


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


def ext(external: Mapping[str, Any], pillar: Mapping[str, Any] | None = None, unmask: bool | None = None) -> Any:
    """What an external pillar gives that is named and configured here.

    The master has to allow it: see its option `on_demand_ext_pillar`.

    CLI Example::

        saltern run '*' pillar.ext '{libvirt: _}'
    """
    if not isinstance(external, dict) or len(external) != 1:
        raise SaltInvocationError("The external pillar has to be a dictionary with one key, its name.")
    return _seen(__pillar_compiler__.compile(override=pillar, external=external), unmask)


def _of_environment(pillarenv: str | None, saltenv: str | None) -> Mapping[str, Any]:
    """The pillar of another environment, or the one that there is."""
    if pillarenv is None and not (saltenv and __opts__.get("pillarenv_from_saltenv")):
        return __pillar__
    return __pillar_compiler__.compile(pillarenv=pillarenv, saltenv=saltenv)


def _plain(pillar: Mapping[str, Any] | str | None, renderer: str | None) -> Mapping[str, Any] | None:
    """Pillar data that was given, made plain."""
    if pillar and renderer:
        allowed = __opts__.get("decrypt_pillar_renderers") or ["gpg"]
        if renderer not in allowed:
            raise CommandExecutionError(
                f"Failed to decrypt pillar override: '{renderer}' is not a valid decryption renderer."
                f" Valid choices are: {', '.join(allowed)}"
            )
        pillar = __plugins__.table("renderers")[f"{renderer}.render"](pillar)
    if isinstance(pillar, str) and renderer:
        from saltern.plugin_api.yaml.load import load_yaml

        pillar = load_yaml(pillar)
    if pillar is not None and not isinstance(pillar, dict):
        raise SaltInvocationError("Pillar data must be formatted as a dictionary")
    return pillar


def _picked(
    pillar: Mapping[str, Any], keys: tuple[str, ...], default: Any = "", delimiter: str = ":"
) -> dict[str, Any]:
    from saltern.plugin_api.nested import traverse

    return {key: traverse(pillar, key, default, delimiter) for key in keys}


def _seen(value: Any, unmask: bool | None) -> Any:
    """The value as the caller may see it: texts are hidden from commands that are typed, and only from them."""
    if unmask or not _is_typed():
        return value
    return _mapped(value, lambda one: _HIDDEN if isinstance(one, str) and one else one)


def _is_typed() -> bool:
    """Whether the job that this is asks for a function of this module."""
    asked = globals().get("__fun__") or ()
    return any(str(fun).startswith("pillar.") for fun in ([asked] if isinstance(asked, str) else asked))


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {key: one if key == "_errors" else _mapped(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    return change(value)


def _laid_over(default: Any, found: Any, *, lists: bool) -> Any:
    """A value over its default: dictionaries in depth, lists behind one another; other defaults count for nothing."""
    from saltern.plugin_api.nested import merged, merged_with_lists

    if isinstance(default, dict) and isinstance(found, dict):
        return merged_with_lists(default, found) if lists else merged(default, found)
    if isinstance(default, list) and isinstance(found, list):
        return [*default, *(one for one in found if one not in default)]
    return found
