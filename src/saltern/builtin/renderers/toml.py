"""TOML to data."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api.rendered import text_of

_PLACE = re.compile(r"at line (\d+), column (\d+)")


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The value of a TOML document; a `#!` line is a comment of it."""
    try:
        return tomllib.loads(text_of(data))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        hint = "TOML wants 'key = value', and texts in quotes."
        raise RenderError(str(error), line=line, column=column, hint=hint) from error
