"""YAML with the tags `!aggregate` and `!reset`, by which a key may be there several times."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.rendered import text_of
from saltern.plugin_api.yaml.aggregate import AggregateLoader
from saltern.plugin_api.yaml.load import load_with


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The value of the document; an empty dictionary where there is none."""
    value = load_with(AggregateLoader, text_of(data), file=getattr(data, "file", ""))
    return {} if value is None else value
