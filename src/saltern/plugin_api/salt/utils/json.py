"""JSON, with text that stays readable."""

from __future__ import annotations

import json as _json
from typing import IO, Any


def loads(s: str | bytes, **kwargs: Any) -> Any:
    return _json.loads(s, **_plain(kwargs))


def load(fp: IO[str], **kwargs: Any) -> Any:
    return loads(fp.read(), **kwargs)


def dumps(obj: Any, **kwargs: Any) -> str:
    """As Python's, but letters beyond ASCII stay themselves unless `ensure_ascii` is asked for."""
    kwargs.setdefault("ensure_ascii", False)
    return _json.dumps(obj, **_plain(kwargs))


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    fp.write(dumps(obj, **kwargs))


def find_json(s: str) -> Any:
    """The first JSON value that begins a line of a text with other lines around it; `ValueError` when there is none."""
    lines = s.splitlines()
    decoder = _json.JSONDecoder()
    for number, line in enumerate(lines):
        if line.lstrip().startswith(("{", "[")):
            try:
                return decoder.raw_decode("\n".join(lines[number:]).lstrip())[0]
            except ValueError:
                continue
    raise ValueError("there is no JSON in this text")


def _plain(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kwargs.items() if name != "_json_module"}
