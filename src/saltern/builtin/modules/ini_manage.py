"""Options and sections of INI files; comments stay where they are."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.file_cache import replacing
from saltern.plugin_api.ini_text import IniFile, Section

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__virtualname__ = "ini"


def __virtual__() -> str:
    return __virtualname__


def get_ini(file_name: str, separator: str = "=", encoding: str | None = None) -> dict[str, Any]:
    """The whole file: options before the first section, and sections as dictionaries. All values are texts.

    CLI Example::

        saltern run '*' ini.get_ini /path/to/ini
    """
    return _load(file_name, separator, encoding).as_dict()


def get_section(file_name: str, section: str, separator: str = "=", encoding: str | None = None) -> dict[str, str]:
    """The options of a section; empty when there is none.

    CLI Example::

        saltern run '*' ini.get_section /path/to/ini section_name
    """
    return _load(file_name, separator, encoding).sections.get(section, Section()).options()


def get_option(
    file_name: str, section: str, option: str, separator: str = "=", encoding: str | None = None
) -> str | None:
    """The value of an option; None when it is not there. An empty section means the options before all sections.

    CLI Example::

        saltern run '*' ini.get_option /path/to/ini section_name option_name
    """
    return _section(_load(file_name, separator, encoding), section).options().get(option)


def set_option(
    file_name: str,
    sections: dict[str, Any] | None = None,
    separator: str = "=",
    encoding: str | None = None,
    no_spaces: bool = False,
) -> dict[str, Any]:
    """Set options, `{section: {option: value}}`, or `{option: value}` before all sections; what changed.

    Of a section that was there each option that changed has `before` and `after`; a new section has both as a whole.

    CLI Example::

        saltern run '*' ini.set_option /path/to/ini sections='{"main": {"port": 8080}}'
    """
    file = _load(file_name, separator, encoding)
    changes: dict[str, Any] = {}
    for name, value in (sections or {}).items():
        change: dict[str, Any] | None
        if not isinstance(value, dict):
            change = _set(file.root, str(name), value)
        elif name in file.sections:
            section = file.sections[name]
            done = {str(option): _set(section, str(option), one) for option, one in value.items()}
            change = {option: one for option, one in done.items() if one}
        else:
            section = file.sections[name] = Section()
            for option, one in value.items():
                section.set(str(option), str(one))
            change = {"before": None, "after": section.options()}
        if change:
            changes[name] = change
    _save(file_name, file, encoding, no_spaces=no_spaces)
    return changes


def remove_option(
    file_name: str, section: str, option: str, separator: str = "=", encoding: str | None = None
) -> str | None:
    """Take an option away; the value that it had, None when it was not there.

    CLI Example::

        saltern run '*' ini.remove_option /path/to/ini section_name option_name
    """
    file = _load(file_name, separator, encoding)
    before = _section(file, section).remove(option)
    if before is not None:
        _save(file_name, file, encoding)
    return before


def remove_section(
    file_name: str, section: str, separator: str = "=", encoding: str | None = None
) -> dict[str, str] | None:
    """Take a section away; the options that it had, None when it was not there.

    CLI Example::

        saltern run '*' ini.remove_section /path/to/ini section_name
    """
    file = _load(file_name, separator, encoding)
    removed = file.sections.pop(section, None)
    if removed is None:
        return None
    _save(file_name, file, encoding)
    return removed.options()


def _section(file: IniFile, name: str) -> Section:
    return file.sections.get(name, Section()) if name else file.root


def _set(section: Section, option: str, value: Any) -> dict[str, Any] | None:
    before = section.set(option, str(value))
    return None if before == str(value) else {"before": before, "after": str(value)}


def _load(file_name: str, separator: str, encoding: str | None) -> IniFile:
    try:
        text = Path(file_name).read_text(encoding=encoding or "utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError, LookupError) as error:
        raise CommandExecutionError(f"Unable to open file '{file_name}'. Exception: {error}") from error
    return IniFile(text, separator)


def _save(file_name: str, file: IniFile, encoding: str | None, *, no_spaces: bool = False) -> None:
    place = Path(file_name)
    try:
        if not place.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), file_name)
        with replacing(place, place.stat().st_mode & 0o7777 if place.exists() else 0o644) as copy:
            copy.write(file.text(no_spaces=no_spaces).encode(encoding or "utf-8"))
    except OSError as error:
        raise CommandExecutionError(f"Unable to write file '{file_name}'. Exception: {error}") from error
