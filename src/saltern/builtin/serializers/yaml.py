"""YAML 1.1 as YAML has it: octal numbers, dates, the last of two equal keys. SLS files have other rules."""

from __future__ import annotations

from typing import Any

import yaml

from saltern.plugin_api.errors import DeserializationError, SerializationError
from saltern.plugin_api.yaml.dump import dump_yaml

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML that was built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


def serialize(obj: Any, **options: Any) -> str:
    """The YAML of a value; options are those of `yaml.dump`."""
    settings = {"default_flow_style": None, "allow_unicode": False, "sort_keys": True, **options}
    try:
        text = dump_yaml(obj, **settings)
    except (yaml.YAMLError, TypeError, ValueError) as error:
        raise SerializationError(str(error)) from error
    return text.rstrip("\n").removesuffix("\n...")


def deserialize(stream_or_string: Any, **options: Any) -> Any:
    """The value of the one document in a text or stream."""
    try:
        return yaml.load(stream_or_string, **{"Loader": _Loader, **options})
    except (yaml.YAMLError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise DeserializationError(str(error)) from error
