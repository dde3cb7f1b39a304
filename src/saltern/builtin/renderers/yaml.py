"""YAML to data."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.rendered import text_of
from saltern.plugin_api.yaml.load import OrderedLoader, load_with


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The value of a YAML document; an empty dictionary where there is none, or one that is empty."""
    value = load_with(OrderedLoader, text_of(data), file=getattr(data, "file", ""))
    return value or {}
