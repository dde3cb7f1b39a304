"""Configuration of Apache as data, written as its text.

A mapping from directives to values; a section has its argument under `this`: `{"VirtualHost": {"this": "*:80", …}}`.
A list under a directive is one line, or one section, for each item.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def render(config: Any) -> str:
    """The text of a mapping, or of a list of mappings in their order."""
    if isinstance(config, Mapping):
        return "".join(_entry(str(name), value) for name, value in config.items() if name != "this")
    if isinstance(config, list | tuple):
        return "".join(render(one) for one in config)
    return f"{config}\n"


def _entry(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return _section(name, value.get("this"), value)
    if isinstance(value, list | tuple):
        parts = [one for one in value if isinstance(one, Mapping)]
        argument = next((one["this"] for one in parts if set(one) == {"this"}), None)
        if argument is not None:
            return _section(name, argument, [one for one in value if one != {"this": argument}])
        return "".join(_entry(name, one) for one in value)
    return f"{name} {_word(value)}\n"


def _section(name: str, argument: Any, inside: Any) -> str:
    head = f"{name} {argument}" if argument is not None else name
    return f"<{head}>\n{render(inside)}</{name}>\n"


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "On" if value else "Off"
    return str(value)
