"""Environment variables of this job, and of what it starts."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def get(key: Any, default: str = "") -> str | bool:
    """The value of a variable; False when `key` is no text.

    CLI Example::

        saltern run '*' environ.get foo
    """
    return os.environ.get(key, default) if isinstance(key, str) else False


def has_value(key: Any, value: str | None = None) -> bool:
    """Whether a variable is set, or has a certain value.

    CLI Example::

        saltern run '*' environ.has_value foo
    """
    if not isinstance(key, str) or key not in os.environ:
        return False
    return value is None or os.environ[key] == value


def item(keys: str | list[str], default: str = "") -> dict[str, str]:
    """The values of one or several variables.

    CLI Example::

        saltern run '*' environ.item '[foo, baz]' default=None
    """
    names = [keys] if isinstance(keys, str) else keys if isinstance(keys, list | tuple | dict) else []
    return {str(name): os.environ.get(str(name), default) for name in names}


def items() -> dict[str, str]:
    """All variables.

    CLI Example::

        saltern run '*' environ.items
    """
    return dict(os.environ)


def setval(key: Any, val: Any, false_unsets: bool = False, permanent: bool | str = False) -> str | bool | None:
    """Set a variable for the rest of this job; False sets it empty, or with `false_unsets` unsets it.

    `permanent` means the registry of Windows, and nothing here.

    CLI Example::

        saltern run '*' environ.setval foo bar
    """
    del permanent
    if not isinstance(key, str):
        return False
    if val is False and false_unsets:
        os.environ.pop(key, None)
        return None
    if val is False:
        os.environ[key] = ""
        return ""
    if not isinstance(val, str):
        return False
    os.environ[key] = val
    return val


def setenv(
    environ: Any,
    false_unsets: bool = False,
    clear_all: bool = False,
    update_minion: bool = False,
    permanent: bool | str = False,
) -> dict[str, Any] | bool:
    """Set several variables for the rest of this job; what was set. With `clear_all` all others are unset.

    Each job has an environment of its own: `update_minion` changes nothing.

    CLI Example::

        saltern run '*' environ.setenv '{"foo": "bar", "baz": "quux"}'
    """
    if not isinstance(environ, dict):
        return False
    result: dict[str, Any] = {}
    if clear_all:
        for name in [name for name in os.environ if name not in environ]:
            result[name] = setval(name, False, false_unsets)
    for name, value in environ.items():
        if isinstance(value, str) or value is False:
            result[name] = setval(name, value, false_unsets, permanent)
        else:
            return False
    return result
