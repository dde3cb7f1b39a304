"""TOML."""

from __future__ import annotations

import tomllib
from typing import Any

from saltern.plugin_api.errors import DeserializationError, SerializationError
from saltern.plugin_api.rendered import text_of


def serialize(obj: Any, **options: Any) -> str:
    """The TOML of a dictionary; options are those of `tomli_w.dumps`."""
    import tomli_w

    try:
        return tomli_w.dumps(obj, **options)
    except (TypeError, ValueError, AttributeError) as error:
        raise SerializationError(str(error)) from error


def deserialize(stream_or_string: Any, **options: Any) -> Any:
    """The dictionary that a TOML text or stream holds."""
    try:
        return tomllib.loads(text_of(stream_or_string), **options)
    except (TypeError, ValueError) as error:
        raise DeserializationError(str(error)) from error
