"""JSON to data."""

from __future__ import annotations

import json
from typing import Any

from saltern.errors import RenderError
from saltern.plugin_api.rendered import text_of

_HINT = "JSON puts keys and texts in double quotes, and takes no comma before a closing bracket and no comment."


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The value of a JSON document, which a `#!` line may stand before; an empty dictionary where there is none."""
    text = text_of(data)
    first, _, rest = text.partition("\n")
    body = rest if first.startswith("#!") else text
    if not body.strip():
        return {}
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        line = error.lineno + (body is rest)
        raise RenderError(str(error), line=line, column=error.colno, hint=_HINT, unforeseen=True) from error
