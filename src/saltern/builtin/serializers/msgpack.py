"""MessagePack."""

from __future__ import annotations

from typing import Any

import msgpack

from saltern.plugin_api.errors import DeserializationError, SerializationError


def serialize(obj: Any, **options: Any) -> bytes:
    """The MessagePack of a value; options are those of `msgpack.packb`."""
    try:
        packed: bytes = msgpack.packb(obj, **options)
    except (TypeError, ValueError, OverflowError) as error:
        raise SerializationError(str(error)) from error
    return packed


def deserialize(stream_or_string: Any, **options: Any) -> Any:
    """The value of MessagePack bytes or a stream of them; options are those of `msgpack.unpackb`."""
    content = stream_or_string.read() if hasattr(stream_or_string, "read") else stream_or_string
    try:
        return msgpack.unpackb(content, **options)
    except (TypeError, ValueError, msgpack.UnpackException) as error:
        raise DeserializationError(str(error)) from error
