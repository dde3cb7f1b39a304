"""TOML to data."""

from __future__ import annotations

import tomllib
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api.rendered import text_of


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The value of a TOML document; a `#!` line is a comment of it."""
    try:
        return tomllib.loads(text_of(data))
    except tomllib.TOMLDecodeError as error:
        raise RenderError(str(error)) from error
