"""JSON."""

from __future__ import annotations

import json
from typing import Any

from saltern.plugin_api.errors import DeserializationError, SerializationError


def serialize(obj: Any, **options: Any) -> str:
    """The JSON of a value; options are those of `json.dumps`."""
    try:
        return json.dumps(obj, **{"ensure_ascii": False, **options})
    except (TypeError, ValueError) as error:
        raise SerializationError(str(error)) from error


def deserialize(stream_or_string: Any, **options: Any) -> Any:
    """The value of a JSON text, bytes or stream."""
    try:
        if hasattr(stream_or_string, "read"):
            return json.load(stream_or_string, **options)
        return json.loads(stream_or_string, **options)
    except (TypeError, ValueError) as error:
        raise DeserializationError(str(error)) from error
