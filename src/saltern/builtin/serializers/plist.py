"""Apple property lists."""

from __future__ import annotations

import plistlib
from typing import Any

from saltern.plugin_api.errors import DeserializationError, SerializationError


def serialize(obj: Any, **options: Any) -> bytes:
    """The property list of a value; `fmt` is `FMT_XML` or `FMT_BINARY`, further options those of `plistlib.dumps`."""
    try:
        return plistlib.dumps(obj, **_with_format(options))
    except (TypeError, ValueError, OverflowError) as error:
        raise SerializationError(str(error)) from error


def deserialize(stream_or_string: Any, **options: Any) -> Any:
    """The value of a property list, as text, bytes or a stream."""
    content = stream_or_string.read() if hasattr(stream_or_string, "read") else stream_or_string
    try:
        return plistlib.loads(content.encode() if isinstance(content, str) else content, **_with_format(options))
    except Exception as error:  # the parser lets errors of the XML parser through, too
        raise DeserializationError(f"{type(error).__name__}: {error}") from error


def _with_format(options: dict[str, Any]) -> dict[str, Any]:
    name = options.get("fmt")
    if not isinstance(name, str):
        return options
    formats = {"FMT_XML": plistlib.FMT_XML, "FMT_BINARY": plistlib.FMT_BINARY}
    if name not in formats:
        raise ValueError(f"fmt is {' or '.join(formats)}, not {name}")
    return {**options, "fmt": formats[name]}
