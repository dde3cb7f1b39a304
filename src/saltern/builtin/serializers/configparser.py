"""INI files: dictionaries of dictionaries."""

from __future__ import annotations

import configparser
import io
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.errors import DeserializationError, SerializationError
from saltern.plugin_api.rendered import text_of


def serialize(obj: Any, **options: Any) -> str:
    """The INI file of a dictionary whose values are dictionaries; options are those of `ConfigParser.write`."""
    if not isinstance(obj, Mapping):
        raise SerializationError(f"configparser can only serialize dictionaries, not {type(obj)}")
    parser = configparser.RawConfigParser()
    written = io.StringIO()
    try:
        parser.read_dict(obj)
        parser.write(written, **options)
    except (configparser.Error, TypeError, ValueError, AttributeError) as error:
        raise SerializationError(str(error)) from error
    return written.getvalue()


def deserialize(stream_or_string: Any, **options: Any) -> dict[str, dict[str, str]]:
    """Sections and their options; options are those of `ConfigParser`."""
    try:
        parser = configparser.ConfigParser(**options)
        parser.read_string(text_of(stream_or_string))
        return {section: dict(parser.items(section)) for section in parser.sections()}
    except (configparser.Error, TypeError, ValueError) as error:
        raise DeserializationError(str(error)) from error
