"""Data to text and back: JSON, YAML, XML, Python."""

from __future__ import annotations

import json as json_library
import pprint
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from saltern.plugin_api.jinja.reading import read_json, read_text, read_yaml
from saltern.plugin_api.jinja.strictness import needs_value
from saltern.plugin_api.yaml.dump import dump_yaml


@needs_value
def json(value: Any, sort_keys: bool = True, indent: int | None = None) -> str:
    return json_library.dumps(value, sort_keys=sort_keys, indent=indent, ensure_ascii=False).strip()


@needs_value
def yaml(value: Any, flow_style: bool = True) -> str:
    text = dump_yaml(value, default_flow_style=flow_style, sort_keys=True).strip()
    return text.removesuffix("\n...")


@needs_value
def python(value: Any) -> str:
    return pprint.pformat(value).strip()


@needs_value
def xml(value: Any) -> str:
    """One root element; values of a list repeat its element, keys with `@` are attributes, `#text` is the text."""
    if not isinstance(value, Mapping) or len(value) != 1:
        raise TypeError("xml needs a dictionary with one key, the name of the root element")
    ((name, content),) = value.items()
    root = _element(str(name), content)
    ElementTree.indent(root, " ")
    return f'<?xml version="1.0" ?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if not isinstance(content, Mapping | list | tuple):
        element.text = str(content)
        return element
    pairs = content.items() if isinstance(content, Mapping) else [pair for item in content for pair in item.items()]
    for key, value in pairs:
        if str(key).startswith("@"):
            element.set(str(key)[1:], str(value))
        elif key == "#text":
            element.text = str(value)
        else:
            element.extend(_element(str(key), item) for item in (value if isinstance(value, list | tuple) else [value]))
    return element


FILTERS = {
    "json": json,
    "yaml": yaml,
    "python": python,
    "xml": xml,
    "load_yaml": needs_value(lambda value: read_yaml(value)),
    "load_json": needs_value(lambda value: read_json(value)),
    "load_text": needs_value(lambda value: read_text(value)),
}
