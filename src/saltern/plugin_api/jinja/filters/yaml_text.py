"""Values as YAML scalars on one line."""

from __future__ import annotations

import io
import sys
from typing import Any

from yaml.emitter import Emitter


def yaml_dquote(value: Any) -> str:
    """The text in double quotes, whatever is not ASCII escaped."""
    return _written("write_double_quoted", str(value))


def as_written(text: str) -> str:
    """The text in double quotes, with letters of all scripts left as they are."""
    return _written("write_double_quoted", text, allow_unicode=True)


def yaml_squote(value: Any) -> str:
    """The text in single quotes."""
    return _written("write_single_quoted", str(value))


def yaml_encode(value: Any) -> str:
    """A text in double quotes; a number, a boolean or nothing as YAML writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return yaml_dquote(value)
    raise TypeError(f"yaml_encode() only works with YAML scalar data; failed for {type(value)}")


def _written(method: str, text: str, *, allow_unicode: bool = False) -> str:
    stream = io.StringIO()
    getattr(Emitter(stream, width=sys.maxsize, allow_unicode=allow_unicode), method)(text, split=False)
    return stream.getvalue()


FILTERS = {"yaml_dquote": yaml_dquote, "yaml_squote": yaml_squote, "yaml_encode": yaml_encode}
