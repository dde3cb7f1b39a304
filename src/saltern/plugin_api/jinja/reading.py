"""Reading data in templates: what the tags and filters `load_yaml`, `load_json` and `load_text` make of a text."""

from __future__ import annotations

import json
from typing import Any

from jinja2.environment import TemplateModule
from jinja2.exceptions import TemplateRuntimeError

from saltern.plugin_api.yaml.load import load_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def read_yaml(value: Any, file: str = "") -> Any:
    if isinstance(value, TemplateModule):
        value = str(value)
    if not isinstance(value, str | bytes):
        raise TypeError("a string or stream input is required")
    return load_yaml(value, file=file)


def read_json(value: Any, _file: str = "") -> Any:
    text = str(value) if isinstance(value, TemplateModule) else value
    try:
        return json.loads(text)
    except (ValueError, TypeError, AttributeError) as error:
        raise TemplateRuntimeError(f"Unable to load json from {text}") from error


def read_text(value: Any, _file: str = "") -> Any:
    return str(value) if isinstance(value, TemplateModule) else value


def apart(value: Any) -> Any:
    """Data in which no list or dictionary stands twice, as aliases (`*name`) of YAML have it, and bytes are text.

    What a template changes in one place then leaves the others alone.
    """
    if isinstance(value, dict):
        return {apart(key): apart(one) for key, one in value.items()}
    if isinstance(value, list):
        return [apart(one) for one in value]
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return value


READERS: dict[str, Callable[[Any, str], Any]] = {"yaml": read_yaml, "json": read_json, "text": read_text}
