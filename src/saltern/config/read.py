"""Reads configuration files: YAML with the position of every setting, includes merged (CFG-01).

The main file comes first, then `default_include`, then `include`; a later setting replaces an earlier one as a whole.
"""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from saltern.config.flat import parse_flat
from saltern.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    import yaml

Built = TypeVar("Built")


class Setting(msgspec.Struct, frozen=True):
    """A value and where it was written: `FILE:LINE:COLUMN` of the value, or `the command line`."""

    value: Any
    origin: str


def read_settings(main: str | Path, default_include: str) -> dict[str, Setting]:
    """All settings of a main file and what it includes; none when there is no main file.

    `default_include` is the glob of files included when the main file names no other. `ConfigError` for a file that
    cannot be read, is no mapping, or sets a key twice.
    """
    main = Path(main)
    seen = {main.resolve()}
    settings = _read_file(main) if main.exists() else {}
    include = settings.pop("include", None)
    default = settings.get("default_include", Setting(default_include, str(main)))
    for path in _matching(main.parent, default, optional=True):
        settings.update(_with_includes(path, seen))
    if include:
        settings.update(_included(main.parent, include, seen))
    return settings


def read_values(main: str | Path, default_include: str) -> dict[str, Any]:
    """The values alone."""
    return {key: setting.value for key, setting in read_settings(main, default_include).items()}


def read_sections(path: Path) -> dict[str, dict[str, Setting]]:
    """A file of sections, each a mapping (a Saltfile): section to option to setting. Errors as of `read_settings`."""
    return _composed(path, _text_of(path), _sections_of)


def _with_includes(path: Path, seen: set[Path]) -> dict[str, Setting]:
    """The settings of a file and of the files that it includes, each file once."""
    if path.resolve() in seen:
        return {}
    seen.add(path.resolve())
    settings = _read_file(path)
    include = settings.pop("include", None)
    return settings | _included(path.parent, include, seen) if include else settings


def _included(directory: Path, include: Setting, seen: set[Path]) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    for path in _matching(directory, include, optional=False):
        settings.update(_with_includes(path, seen))
    return settings


def _matching(directory: Path, wanted: Setting, *, optional: bool) -> list[Path]:
    """The files that one glob or a list of globs names, relative to a directory."""
    patterns = wanted.value if isinstance(wanted.value, list) else [wanted.value]
    found: list[Path] = []
    for pattern in patterns:
        if not isinstance(pattern, str):
            raise ConfigError(f"{wanted.origin}: include: expected a path or a list of paths, got {pattern!r}")
        names = sorted(glob.glob(str(directory / Path(pattern).expanduser())))  # noqa: PTH207  (absolute patterns)
        if not names and not optional and not glob.has_magic(pattern):
            raise ConfigError(f"{wanted.origin}: include: there is no file {pattern}")
        found += [Path(name) for name in names if Path(name).is_file()]
    return found


def _read_file(path: Path) -> dict[str, Setting]:
    text = _text_of(path)
    flat = parse_flat(text) if text.isascii() else None
    if flat is not None:
        return {key: Setting(value, _flat_origin(path, text, key)) for key, value in flat.items()}
    return _read_yaml(path, text)


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start})", hint="Save the file as UTF-8.") from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


def _flat_origin(path: Path, text: str, key: str) -> str:
    lines = text.split("\n")
    number = next(at for at, line in enumerate(lines) if line.startswith(f"{key}: "))
    value = lines[number][len(key) + 1 :].lstrip(" ")
    return f"{path}:{number + 1}:{len(lines[number]) - len(value) + 1}"


def _read_yaml(path: Path, text: str) -> dict[str, Setting]:
    return _composed(path, text, _settings_of)


def _composed(
    path: Path, text: str, build: Callable[[Path, yaml.CSafeLoader, yaml.Node], dict[str, Built]]
) -> dict[str, Built]:
    """What `build` makes of the file's one document; nothing of an empty one."""
    import yaml

    try:
        loader = yaml.CSafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return {}
            _refuse_duplicates(path, node, set())
            return build(path, loader, node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise _syntax_error(path, text, error) from error


def _sections_of(path: Path, loader: yaml.CSafeLoader, node: yaml.Node) -> dict[str, dict[str, Setting]]:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{_at(path, node)}: expected `section:` and its options below it")
    return {str(key.value): _settings_of(path, loader, section) for key, section in node.value}


def _settings_of(path: Path, loader: yaml.CSafeLoader, node: yaml.Node) -> dict[str, Setting]:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(f"{_at(path, node)}: expected `key: value` lines", hint="A configuration file is a mapping.")
    loader.flatten_mapping(node)
    found = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise ConfigError(f"{_at(path, key_node)}: expected a key that is a text, got {key!r}")
        found[key] = Setting(_value(path, loader, value_node), _at(path, value_node))
    return found


def _value(path: Path, loader: yaml.CSafeLoader, node: yaml.Node) -> Any:
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, RecursionError) as error:
        # YAML takes 2026-13-45 for a date and 1__2:3 for a number, and Python then cannot make one.
        raise ConfigError(f"{_at(path, node)}: {error}", hint="Write it in quotes if it is a text.") from error


def _refuse_duplicates(path: Path, node: yaml.Node, seen: set[int]) -> None:
    """YAML keeps the last of two equal keys without a word, which hides a mistake."""
    import yaml

    if id(node) in seen or isinstance(node, yaml.ScalarNode):
        return
    seen.add(id(node))
    first: dict[tuple[str, str], int] = {}
    for item in node.value:
        if not isinstance(node, yaml.MappingNode):
            _refuse_duplicates(path, item, seen)
            continue
        key, value = item
        _refuse_duplicates(path, value, seen)
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            continue
        line = first.setdefault((key.tag, key.value), key.start_mark.line + 1)
        if line != key.start_mark.line + 1:
            raise ConfigError(f"{_at(path, key)}: {key.value} is set twice, first on line {line}")


def _at(path: Path, node: yaml.Node) -> str:
    return f"{path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def _syntax_error(path: Path, text: str, error: yaml.YAMLError) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    if mark is None:
        return ConfigError(f"{path}: not YAML: {problem}")
    line = [*text.split("\n"), ""][mark.line]
    hint = "Indent with blanks; YAML refuses tabs." if "\t" in line else ""
    return ConfigError(f"{path}:{mark.line + 1}:{mark.column + 1}: not YAML: {problem}\n    {line}", hint=hint)
