"""Small data that this minion keeps between jobs, by key."""

from __future__ import annotations

from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts


def load() -> dict[str, Any]:
    """All data that is kept.

    CLI Example::

        saltern run '*' data.load
    """
    import msgspec

    try:
        found: dict[str, Any] = msgspec.msgpack.decode(_place().read_bytes())
    except FileNotFoundError:
        return {}
    except msgspec.DecodeError as error:
        raise CommandExecutionError(f"{_place()} cannot be read: {error}") from error
    return found


def dump(new_data: dict[str, Any] | str) -> bool:
    """Keep this data, a dictionary or the JSON of one, instead of all that there is. False for anything else.

    CLI Example::

        saltern run '*' data.dump '{"eggs": "spam"}'
    """
    import msgspec

    from saltern.plugin_api.file_cache import replacing

    if isinstance(new_data, str):
        try:
            new_data = msgspec.json.decode(new_data)
        except msgspec.DecodeError:
            return False
    if not isinstance(new_data, dict):
        return False
    with replacing(_place(), 0o600) as file:
        file.write(msgspec.msgpack.encode(new_data))
    return True


def get(key: str | list[str], default: Any = None) -> Any:
    """The value of a key; of several keys a list of their values.

    CLI Example::

        saltern run '*' data.get spam
    """
    known = load()
    return [known.get(one, default) for one in key] if isinstance(key, list) else known.get(key, default)


def update(key: str, value: Any) -> bool:
    """Keep a value under a key.

    CLI Example::

        saltern run '*' data.update spam eggs
    """
    return dump({**load(), key: value})


def cas(key: str, value: Any, old_value: Any) -> bool:
    """Keep a value under a key, but only if the value there is `old_value`.

    CLI Example::

        saltern run '*' data.cas spam new_value old_value
    """
    known = load()
    if key not in known or known[key] != old_value:
        return False
    return dump({**known, key: value})


def pop(key: str, default: Any = None) -> Any:
    """Take a key away; the value that it had.

    CLI Example::

        saltern run '*' data.pop spam
    """
    known = load()
    value = known.pop(key, default)
    dump(known)
    return value


def has_key(key: str) -> bool:
    """Whether a value is kept under a key.

    CLI Example::

        saltern run '*' data.has_key spam
    """
    return key in load()


def keys() -> list[str]:
    """The keys of all data that is kept.

    CLI Example::

        saltern run '*' data.keys
    """
    return list(load())


def values() -> list[Any]:
    """The values of all data that is kept.

    CLI Example::

        saltern run '*' data.values
    """
    return list(load().values())


def items() -> dict[str, Any]:
    """All data that is kept.

    CLI Example::

        saltern run '*' data.items
    """
    return load()


def clear() -> bool:
    """Forget all data.

    CLI Example::

        saltern run '*' data.clear
    """
    _place().unlink(missing_ok=True)
    return True


def _place() -> Path:
    return Path(str(__opts__.get("cachedir", "")), "datastore")
