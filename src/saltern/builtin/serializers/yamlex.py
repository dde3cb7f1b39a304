"""YAML with the tags `!aggregate` and `!reset`."""

from __future__ import annotations

from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api.errors import DeserializationError, SerializationError
from saltern.plugin_api.rendered import text_of


def serialize(obj: Any, **options: Any) -> str:
    """The YAML of a value; options are those of `yaml.dump`."""
    import yaml

    from saltern.plugin_api.yaml.dump import dump_yaml

    settings = {"default_flow_style": None, "allow_unicode": False, "sort_keys": True, **options}
    try:
        text = dump_yaml(obj, **settings)
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise SerializationError(str(error)) from error
    return text.rstrip("\n").removesuffix("\n...")


def deserialize(stream_or_string: Any, **options: Any) -> Any:
    """The value of the one document in a text or stream."""
    from saltern.plugin_api.yaml.aggregate import AggregateLoader
    from saltern.plugin_api.yaml.load import load_with

    try:
        return load_with(AggregateLoader, text_of(stream_or_string))
    except RenderError as error:
        raise DeserializationError(error.message) from error
