"""Lines of a key, a separator and a value, as many programs keep their settings."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.errors import DeserializationError, SerializationError
from saltern.plugin_api.rendered import text_of


def serialize(obj: Any, separator: str = "=", quoting: bool = False, **options: Any) -> str:
    """A line for each pair of a dictionary, or of a list of pairs; with `quoting` values are quoted for a shell."""
    try:
        pairs = [(key, value) for key, value in (obj.items() if isinstance(obj, Mapping) else obj)]
    except (TypeError, ValueError) as error:
        raise SerializationError(f"keyvalue needs a dictionary or a list of pairs, not {type(obj).__name__}") from error
    return "\n".join(f"{key}{separator}{_written(value, quoting)}" for key, value in pairs)


def _written(value: Any, quoting: bool) -> str:
    text = "" if value is None else str(value)
    return shlex.quote(text) if quoting else text


def deserialize(stream_or_string: Any, separator: str = "=", quoting: bool = True, **options: Any) -> dict[str, str]:
    """The pairs. Empty lines and those that begin with `#` are left out, quotes around a value with `quoting`."""
    found = {}
    for line in text_of(stream_or_string).splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        key, mark, value = text.partition(separator)
        if not mark:
            raise DeserializationError(f"there is no {separator!r} in the line {text!r}")
        found[key.strip()] = _unquoted(value.strip()) if quoting else value.strip()
    return found


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
