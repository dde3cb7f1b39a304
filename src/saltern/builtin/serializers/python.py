"""Python literals."""

from __future__ import annotations

import ast
import pprint
from typing import Any

from saltern.plugin_api.errors import DeserializationError, SerializationError
from saltern.plugin_api.rendered import text_of


def serialize(obj: Any, **options: Any) -> str:
    """The value as a Python literal; options are those of `pprint.pformat`."""
    try:
        return pprint.pformat(obj, **options)
    except (TypeError, ValueError) as error:
        raise SerializationError(str(error)) from error


def deserialize(stream_or_string: Any, **options: Any) -> Any:
    """The value of a Python literal. No code is run."""
    try:
        return ast.literal_eval(text_of(stream_or_string).strip())
    except (SyntaxError, ValueError, TypeError, RecursionError) as error:
        raise DeserializationError(str(error)) from error
