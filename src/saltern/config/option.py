"""How an option is declared: a field of a configuration struct, with its name, type, default and sentence at one place.

::

    class MasterConfig(PluginConfig, frozen=True, kw_only=True):
        timeout: Annotated[float, option("Seconds that a command waits for returns.")] = 5.0

Names are Salt's keys. Everything that has to know the options (reading, the reference, plugins' `__opts__`) asks
`declared`.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """What is said about an option beside its type and default."""

    sentence: str
    alias: str = ""
    """A second name under which files may set it."""
    place: bool = False
    """A path that lies below `root_dir`; of a mapping of roots only the default does."""
    ours: bool = False
    """Salt has no such option."""


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """One option of a configuration. `name` is the key in files, `field` the attribute."""

    name: str
    field: str
    type: Any
    default: Any
    option: Option


def option(sentence: str, *, alias: str = "", place: bool = False, ours: bool = False) -> Option:
    return Option(sentence=sentence, alias=alias, place=place, ours=ours)


@functools.cache
def declared(config: type[msgspec.Struct]) -> Mapping[str, Declared]:
    """The options of a configuration struct by name, in the order of declaration."""
    hints = get_type_hints(config, include_extras=True)
    found = {}
    for field in msgspec.structs.fields(config):
        notes = get_args(hints[field.name])[1:]
        about = next((note for note in notes if isinstance(note, Option)), None)
        if about is not None:
            found[field.encode_name] = Declared(
                name=field.encode_name,
                field=field.name,
                type=hints[field.name],
                default=default_of(field),
                option=about,
            )
    return found


def default_of(field: msgspec.structs.FieldInfo) -> Any:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def plain(config: msgspec.Struct) -> dict[str, Any]:
    """All options by name as plain values (paths as text), and the user's own keys: what `__opts__` is made from."""
    values = {name: _plain_value(getattr(config, one.field)) for name, one in declared(type(config)).items()}
    return {**getattr(config, "extra", {}), **values}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(item) for item in value]
    return value


_WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    str: "a text",
    Path: "a path",
    Any: "any value",
    type(None): "nothing",
    list: "a list",
    dict: "a mapping",
}


def describe(kind: Any) -> str:
    """A type in words: `a whole number from 0 to 65535`, `a list, each item a text`, `one of full, terse`."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return describe(inner[0]) + _bounds(inner[1:])
    if origin is Literal:
        return "one of " + ", ".join(str(choice) for choice in inner)
    if origin in (Union, types.UnionType):
        return " or ".join(describe(one) for one in inner)
    if origin is list:
        return "a list" if inner[0] is Any else f"a list, each item {describe(inner[0])}"
    if origin is dict:
        return "a mapping" if inner[1] is Any else f"a mapping, each value {describe(inner[1])}"
    return _WORDS.get(kind, str(kind))


def _bounds(notes: tuple[Any, ...]) -> str:
    for note in notes:
        if isinstance(note, msgspec.Meta) and note.ge is not None:
            return f" from {note.ge} to {note.le}" if note.le is not None else f", at least {note.ge}"
    return ""


def choices(kind: Any) -> tuple[str, ...]:
    """The words that a `Literal` allows, wherever it stands in the type."""
    if get_origin(kind) is Literal:
        return tuple(str(choice) for choice in get_args(kind))
    return tuple(word for inner in get_args(kind) for word in choices(inner))
