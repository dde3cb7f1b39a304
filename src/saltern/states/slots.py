"""Slots: arguments that are calls, made right before the state runs (behaviour REQ-13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from saltern.errors import UserError
from saltern.states.chunks import Chunk

_MARK = "__slot__:salt:"
_CALL = re.compile(r"(?P<fun>[\w.]+)\((?P<args>.*)\)(?P<path>[^~]*?)(?:\s*~\s*(?P<append>.*))?$", re.DOTALL)


def filled(chunk: Chunk, functions: Mapping[str, Callable[..., Any]]) -> Chunk:
    """The chunk with the values of its slots, in lists and mappings too; without slots the chunk itself."""
    if not any(_has_slot(value) for value in chunk.values()):
        return chunk
    return {key: _filled(value, functions) for key, value in chunk.items()}


def _has_slot(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith(_MARK)
    if isinstance(value, Mapping):
        return any(_has_slot(one) for one in value.values())
    return isinstance(value, list) and any(_has_slot(one) for one in value)


def _filled(value: Any, functions: Mapping[str, Callable[..., Any]]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(one, functions) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, functions) for one in value]
    return _value(value, functions) if isinstance(value, str) and value.startswith(_MARK) else value


def _value(text: str, functions: Mapping[str, Callable[..., Any]]) -> Any:
    parts = _CALL.match(text.removeprefix(_MARK).strip())
    if parts is None:
        raise UserError(f"The slot {text!r} is no call: __slot__:salt:module.function(arguments)")
    args, kwargs = _words(parts["args"])
    value = functions[parts["fun"]](*args, **kwargs)
    for step in filter(None, parts["path"].strip().split(".")):
        value = value[step] if isinstance(value, Mapping) else getattr(value, step)
    return f"{value}{parts['append']}" if parts["append"] else value


def _words(text: str) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments of a call: words parted by commas, each a value of YAML."""
    import yaml

    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    for word in filter(None, (one.strip() for one in text.split(","))):
        name, mark, value = word.partition("=")
        if mark and name.strip().isidentifier():
            kwargs[name.strip()] = yaml.safe_load(value)
        else:
            args.append(yaml.safe_load(word))
    return args, kwargs
