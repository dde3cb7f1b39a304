"""Text as data: the whole, or all that is not empty, under the key `text`."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api.rendered import text_of


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The text itself, without its `#!` line; with the argument `-s` a dictionary that holds it."""
    text = text_of(data)
    first, _, rest = text.partition("\n")
    body = rest if first.startswith("#!") else text
    return {"text": body} if argline.strip() == "-s" else body
