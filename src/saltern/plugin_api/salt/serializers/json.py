"""Values as texts of json, and back."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.salt.utils.json import dumps, loads


def serialize(obj: Any, **options: Any) -> str:
    return dumps(obj, **options)


def deserialize(stream_or_string: Any, **_options: Any) -> Any:
    return loads(stream_or_string.read() if hasattr(stream_or_string, "read") else stream_or_string)
