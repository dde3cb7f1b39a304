"""Slots: arguments that are calls, made right before the state runs (behaviour REQ-13)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from saltern.states.chunks import Chunk

log = logging.getLogger(__name__)

_MARK = "__slot__:salt:"
_TOKEN = re.compile(r"'[^']*'|\"[^\"]*\"|.", re.DOTALL)


class _Call(NamedTuple):
    """The arguments of a call, and what stands behind it."""

    args: list[str]
    kwargs: dict[str, str]
    behind: str


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
    """The value of a slot; the text itself where it is no call of a function that there is."""
    name, _, rest = text.removeprefix(_MARK).strip().partition("(")
    call = _call(rest)
    if call is None or name not in functions:
        log.warning("The slot %r calls no function that there is: __slot__:salt:module.function(arguments)", text)
        return text
    value = functions[name](*call.args, **call.kwargs)
    path, _, append = (part.strip() for part in call.behind.partition("~"))
    for step in filter(None, path.split(".")):
        value = value.get(step) if isinstance(value, Mapping) else None
    return f"{value}{append}" if append else value


def _call(text: str) -> _Call | None:
    """The arguments of a call up to its closing bracket, which are texts; None where that lacks.

    As in Salt, quotes keep commas, brackets and white space, and brackets keep commas.
    """
    args: list[str] = []
    kwargs: dict[str, str] = {}
    name, word, depth = "", "", 0
    for token in _TOKEN.finditer(text):
        char = token[0]
        if len(char) > 1:
            word += char[1:-1]
        elif depth == 0 and char in ",)":
            if name:
                kwargs[name] = word
            elif word:
                args.append(word)
            if char == ")":
                return _Call(args, kwargs, text[token.end() :])
            name, word = "", ""
        elif depth == 0 and char == "=":
            name, word = word, ""
        elif not char.isspace():
            depth += (char in "([{") - (char in ")]}")
            word += char
    return None
