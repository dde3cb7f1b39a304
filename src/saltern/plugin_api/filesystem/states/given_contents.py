"""The contents that a state gives a file: written in it, or in the pillar or a grain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from saltern.plugin_api.nested import traverse

_MISSING = object()
_ONE = "Only one of 'contents', 'contents_pillar', and 'contents_grains' is permitted"
_COMBINED = "cannot be used in combination with 'contents', 'contents_pillar', or 'contents_grains'"


class ContentsFault(Exception):
    """Contents that cannot be had; the text is the state's comment."""


class Given(NamedTuple):
    """What a state says of contents."""

    contents: Any = None
    pillar: str | None = None
    grains: str | None = None
    newline: bool = True
    delimiter: str = ":"
    allow_empty: bool = True


def contents_of(
    given: Given, source: Any, mode: Any, pillar: Mapping[str, Any], grains: Mapping[str, Any]
) -> str | bytes | None:
    """The contents as text or bytes; None where none are given. Raises `ContentsFault`."""
    named = [one for one in (given.contents, given.pillar, given.grains) if one is not None]
    if source and named:
        raise ContentsFault(f"'source' {_COMBINED}")
    if str(mode).lower() == "keep" and named:
        raise ContentsFault(f"Mode preservation {_COMBINED}")
    if len(named) > 1:
        raise ContentsFault(_ONE)
    if not named:
        return None
    value = _value(given, pillar, grains)
    text = value if isinstance(value, bytes) else _text(value, newline=given.newline)
    if not text and not given.allow_empty:
        origin = "contents_pillar" if given.pillar else "contents_grains" if given.grains else "contents"
        raise ContentsFault(
            f"'{origin}' value would result in empty contents. Set allow_empty to True to allow the managed file to be "
            "empty."
        )
    return text


def _value(given: Given, pillar: Mapping[str, Any], grains: Mapping[str, Any]) -> Any:
    if given.pillar is not None:
        value = traverse(pillar, given.pillar, _MISSING, given.delimiter)
        missing = f"Pillar {given.pillar} does not exist"
    elif given.grains is not None:
        value = traverse(grains, given.grains, _MISSING, given.delimiter)
        missing = f"Grain {given.grains} does not exist"
    else:
        return given.contents
    if value is _MISSING:
        raise ContentsFault(missing)
    return value


def _text(value: Any, *, newline: bool) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    lines = [line for part in parts for line in str(part).splitlines() or [""] if part != ""]
    text = "".join(f"{line}\n" for line in lines)
    return text if newline else text.removesuffix("\n")
