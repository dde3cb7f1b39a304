"""The configuration of logrotate(8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.whole_file import read_whole, write_whole

__func_alias__ = {"set_": "set"}

_CONF = "/etc/logrotate.conf"
_SCRIPTS = ("postrotate", "prerotate", "firstaction", "lastaction", "preremove")


def show_conf(conf_file: str = _CONF) -> dict[str, Any]:
    """The configuration: words with their values, blocks by the paths that they are for, included files.

    CLI Example::

        saltern run '*' logrotate.show_conf
    """
    return _parse(conf_file)


def get(key: str, value: str | None = None, conf_file: str = _CONF) -> Any:
    """The value of a word, or of a word (`value`) in the block of a path; False where it is not set.

    CLI Example::

        saltern run '*' logrotate.get rotate
        saltern run '*' logrotate.get /var/log/wtmp rotate
    """
    found = _parse(conf_file).get(key, False)
    if value is None:
        return found
    return found.get(value, False) if isinstance(found, dict) else False


def set_(key: str, value: Any, setting: Any = None, conf_file: str = _CONF) -> bool:
    """Give a word a value, or a word (`value`) in the block of a path its `setting`.

    A word that stands alone is set by True and taken away by False. A block that stands in an included file is changed
    there; one that is nowhere is added to the file.

    CLI Example::

        saltern run '*' logrotate.set rotate 2
        saltern run '*' logrotate.set /var/log/wtmp rotate 2
    """
    conf = _parse(conf_file)
    known = conf.get(key)
    if isinstance(known, dict) and setting is None:
        said = f"Error: {key} includes a dict, and a specific setting inside the dict was not declared"
        raise SaltInvocationError(said)
    if known is not None and not isinstance(known, dict) and setting is not None:
        said = "Error: A setting for a dict was declared, but the configuration line given is not a dict"
        raise SaltInvocationError(said)
    if setting is None:
        _change(conf_file, lambda lines: _with_word(lines, key, value, 0, len(lines)))
        return True
    place = next((path for path in _included(conf_file) if key in _blocks(_read(path))), conf_file)
    _change(place, lambda lines: _with_block(lines, key, str(value), setting))
    return True


def _parse(path: str, known: frozenset[str] = frozenset()) -> dict[str, Any]:
    found: dict[str, Any] = {}
    block: dict[str, Any] | None = None
    names: list[str] = []
    script = False
    for raw in _read(path):
        line = raw.partition("#")[0].strip() if not script else raw.strip()
        if script:
            script = line != "endscript"
        elif not line:
            continue
        elif line in _SCRIPTS:
            script = True
        elif line.endswith("{"):
            names = line[:-1].split()
            block = {}
        elif line == "}" and block is not None:
            found.update({name: {**found.get(name, {}), **block} for name in names})
            names, block = [], None
        elif line.startswith("include ") and block is None:
            _include(found, line.split()[1], known | {path})
        elif block is None and line.startswith(("/", '"/')):
            names += line.split()
        else:
            word, _, value = line.partition(" ")
            (found if block is None else block)[word] = _value(value.strip())
    return found


def _include(found: dict[str, Any], target: str, known: frozenset[str]) -> None:
    for path in _files(target):
        if str(path) in known:
            continue
        inner = _parse(str(path), known)
        found.setdefault("include files", {})[path.name] = [key for key in inner if key.startswith("/")]
        for key, value in inner.items():
            if isinstance(value, dict) and isinstance(found.get(key), dict):
                found[key].update(value)
            elif key != "include files":
                found[key] = value


def _files(target: str) -> list[Path]:
    place = Path(target)
    if place.is_dir():
        return sorted(one for one in place.iterdir() if one.is_file())
    return [place] if place.is_file() else []


def _included(path: str) -> list[str]:
    words = (line.split() for line in _read(path))
    return [str(one) for row in words if row[:1] == ["include"] and len(row) > 1 for one in _files(row[1])]


def _value(text: str) -> Any:
    if not text:
        return True
    return int(text) if text.isdigit() else text


def _line(word: str, value: Any) -> str:
    return word if value is True else f"{word} {value}"


def _blocks(lines: list[str]) -> dict[str, tuple[int, int]]:
    """The paths that blocks are for, with the first line within the block and the line that ends it."""
    found: dict[str, tuple[int, int]] = {}
    names: list[str] = []
    start = 0
    for number, raw in enumerate(lines):
        line = raw.partition("#")[0].strip()
        if line.endswith("{"):
            names += line[:-1].split()
            start = number + 1
        elif line == "}":
            found.update(dict.fromkeys(names, (start, number)))
            names = []
        elif not start and line.startswith("/"):
            names += line.split()
        if line == "}":
            start = 0
    return found


def _with_word(lines: list[str], word: str, value: Any, start: int, end: int, indent: str = "") -> list[str]:
    inside = (
        {number for first, last in _blocks(lines).values() for number in range(first, last + 1)} if not indent else ()
    )
    at = [n for n in range(start, end) if n not in inside and lines[n].split()[:1] == [word]]
    new = [] if value is False else [f"{indent}{_line(word, value)}"]
    if at:
        return [*lines[: at[0]], *new, *lines[at[0] + 1 :]]
    place = end if indent else 0
    return [*lines[:place], *new, *lines[place:]]


def _with_block(lines: list[str], key: str, word: str, setting: Any) -> list[str]:
    known = _blocks(lines).get(key)
    if known is None:
        return [*lines, f"{key} {{", f"    {_line(word, setting)}", "}"]
    return _with_word(lines, word, setting, known[0], known[1], "    ")


def _change(path: str, change: Any) -> None:
    try:
        write_whole(path, "".join(f"{line}\n" for line in change(read_whole(path).splitlines())))
    except OSError as error:
        raise CommandExecutionError(f"{path} cannot be written: {error.strerror}") from error


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text(errors="replace").splitlines()
    except FileNotFoundError as error:
        raise CommandExecutionError(f"There is no file {path}") from error
