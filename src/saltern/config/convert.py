"""From settings as read to a typed configuration; every error names the place, the value and what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from saltern.config.option import Declared, choices, declared, describe
from saltern.config.paths import default_path, resolved_root, under_root
from saltern.config.read import Setting
from saltern.config.salt_keys import SALT_KEYS
from saltern.errors import ConfigError

Config = TypeVar("Config", bound=msgspec.Struct)
_LONGEST_SHOWN = 60
_SLIPS_OF_A_CHOICE = 2


def build(
    kind: type[Config], settings: Mapping[str, Setting], directory: Path, also_known: Callable[[], Iterable[str]]
) -> Config:
    """A configuration of a kind from settings.

    `directory` is the configuration directory, where a relative `root_dir` starts. `also_known` gives keys that are
    no options of this kind and yet no mistakes (the other daemon's). `ConfigError` for a wrong type or a misspelt key.
    """
    options = declared(kind)
    settings = _by_first_name(options, settings)
    extra = {name: found.value for name, found in settings.items() if name not in options}
    if extra:
        _refuse_misspelt(settings, extra, {*options, *also_known(), *SALT_KEYS})
    values = _typed(options, settings)
    root_dir = resolved_root(str(values.get("root_dir", "/")), str(directory))
    placed = {one.field: _placed(one, values.get(one.name), root_dir) for one in options.values() if one.option.place}
    given = {options[name].field: value for name, value in values.items()}
    return kind(**{**given, **placed, "root_dir": Path(root_dir), "extra": extra})


def command_line(overrides: Mapping[str, Any]) -> dict[str, Setting]:
    """Settings that did not come from a file; a Path counts as its text."""
    return {
        key: Setting(str(value) if isinstance(value, Path) else value, "the command line")
        for key, value in overrides.items()
    }


def _by_first_name(options: Mapping[str, Declared], settings: Mapping[str, Setting]) -> dict[str, Setting]:
    first_names = {one.option.alias: one.name for one in options.values() if one.option.alias}
    renamed: dict[str, Setting] = {}
    for name, found in settings.items():
        first = first_names.get(name, name)
        if first in renamed and renamed[first].value != found.value:
            raise ConfigError(f"{found.origin}: {name} says something else than {renamed[first].origin}: keep one")
        renamed[first] = found
    return renamed


def _typed(options: Mapping[str, Declared], settings: Mapping[str, Setting]) -> dict[str, Any]:
    """The values in their options' types; a key without a value leaves the default."""
    return {
        name: _converted(options[name], found)
        for name, found in settings.items()
        if name in options and found.value is not None
    }


def _converted(one: Declared, found: Setting) -> Any:
    try:
        return msgspec.convert(_listed(one, found.value), one.type, dec_hook=_path)
    except (msgspec.ValidationError, ValueError) as error:
        raise _wrong_type(one, found) from error


def _listed(one: Declared, value: Any) -> Any:
    """Salt's users write one item where a list is meant."""
    return [value] if isinstance(value, str) and isinstance(one.default, list) else value


def _path(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value).expanduser()
    raise ValueError(value)


def _placed(one: Declared, value: Any, root_dir: str) -> Any:
    """A path option at its place; no path (nothing, an empty text, a URL) as it is."""
    if isinstance(one.default, dict):
        # As in Salt, roots that are named stay where they are.
        return value if value is not None else _moved_roots(one.default, root_dir)
    if value is None:
        moved = default_path(str(one.default), root_dir) if one.default else one.default
    else:
        moved = str(value) if "://" in str(value) or str(value) == "" else under_root(str(value), root_dir)
    return moved if isinstance(one.default, str) or moved is None else Path(moved)


def _moved_roots(roots: dict[str, list[Path]], root_dir: str) -> dict[str, list[Path]]:
    return {env: [Path(default_path(str(path), root_dir)) for path in paths] for env, paths in roots.items()}


def _wrong_type(one: Declared, found: Setting) -> ConfigError:
    shown = repr(found.value)
    shown = shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "…"
    message = f"{found.origin}: {one.name}: expected {describe(one.type)}, got {_name_of(found.value)} {shown}"
    return ConfigError(message, hint=_remedy(one, found.value))


def _name_of(value: Any) -> str:
    names = {bool: "the word", int: "the number", float: "the number", str: "the text", list: "the list"}
    return names.get(type(value), "the mapping" if isinstance(value, dict) else f"the {type(value).__name__}")


def _remedy(one: Declared, value: Any) -> str:
    words = choices(one.type)
    if words:
        likely = min(words, key=lambda word: distance(str(value), word))
        return f"Did you mean {likely}?" if distance(str(value), likely) <= _SLIPS_OF_A_CHOICE else ""
    expected = describe(one.type)
    if isinstance(value, str) and value.replace(".", "", 1).isdigit() and "number" in expected:
        return "Write it without quotes."
    if isinstance(value, int | float) and ("text" in expected or "path" in expected):
        return "Write it in quotes."
    return ""


def _refuse_misspelt(settings: Mapping[str, Setting], unknown: Iterable[str], known: set[str]) -> None:
    for key in unknown:
        likely = "" if key in known else nearest(key, known)
        if likely:
            raise ConfigError(
                f"{settings[key].origin}: there is no option {key}",
                hint=f"Did you mean {likely}? A key of your own needs a name that differs more from an option's.",
            )


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that differs from `word` by a slip of the finger (long words: two), or an empty text."""
    near = [(far, one) for one in known if (far := _slips(word, one)) is not None]
    return min(near)[1] if near else ""


def _slips(word: str, known: str) -> int | None:
    """How many slips make `word` of `known`, or None when they are different words."""
    longer = abs(len(word) - len(known))
    allowed = 1 if len(known) < 9 else 2
    # Next to a short option there is room for words of their own: `users` beside `user`.
    if len(known) < 4 or longer > allowed or (len(known) == 4 and longer):
        return None
    far = distance(word, known)
    return far if far <= allowed else None


def distance(left: str, right: str) -> int:
    """Letters inserted, dropped, changed or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, letter in enumerate(left, start=1):
        line = [row]
        for column, other in enumerate(right, start=1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]
