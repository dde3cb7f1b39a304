"""Data to text and back: JSON, YAML, XML, Python."""

from __future__ import annotations

import json as json_library
import pprint
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from jinja2.exceptions import TemplateRuntimeError
from jinja2.utils import htmlsafe_json_dumps

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
    """The element that a dictionary with one key describes, by its name and its content.

    Of a content that is a dictionary, dictionaries and the items of lists are elements, and all else is attributes. A
    list of dictionaries is one dictionary. Anything else is text.
    """
    if not isinstance(value, Mapping | list):
        raise TemplateRuntimeError("Value is not a dict or list. Cannot render as XML")
    if not isinstance(value, Mapping) or len(value) != 1:
        raise TemplateRuntimeError("xml needs a dictionary with one key, the name of the root element")
    ((name, content),) = value.items()
    root = _element(str(name), content)
    ElementTree.indent(root, " ")
    written = ElementTree.tostring(root, encoding="unicode").replace(" />", "/>")
    return f'<?xml version="1.0" ?>\n{written}\n'


def _element(name: str, content: Any) -> ElementTree.Element:
    element = ElementTree.Element(name)
    if isinstance(content, list | tuple) and all(isinstance(item, Mapping) for item in content):
        content = [pair for item in content for pair in item.items()]
    elif isinstance(content, Mapping):
        content = content.items()
    else:
        element.text = str(content)
        return element
    for key, value in content:
        if isinstance(value, Mapping):
            element.append(_element(str(key), value))
        elif isinstance(value, list | tuple):
            element.extend([_element(str(key), item) for item in value])
        else:
            element.set(str(key).removeprefix("@"), str(value))
    return element


def dict_to_sls_yaml_params(value: Mapping[str, Any], flow_style: bool = False) -> str:
    """The items of a dictionary as the arguments of a state: a list of single pairs."""
    return dump_yaml(
        [{key: item} for key, item in value.items()], default_flow_style=flow_style, sort_keys=True
    ).strip()


@needs_value
def tojson(value: Any, indent: int | None = None) -> str:
    """JSON that may stand in HTML, with whatever is not ASCII escaped."""
    return str(htmlsafe_json_dumps(value, json_library.dumps, indent=indent))


FILTERS = {
    "dict_to_sls_yaml_params": dict_to_sls_yaml_params,
    "tojson": tojson,
    "json": json,
    "yaml": yaml,
    "python": python,
    "xml": xml,
    "load_yaml": needs_value(lambda value: read_yaml(value)),
    "load_json": needs_value(lambda value: read_json(value)),
    "load_text": needs_value(lambda value: read_text(value)),
}
