"""The layout of keyboards, on the console and in X."""

from __future__ import annotations

import re

from saltern.plugin_api import CommandExecutionError, Functions, Grains, process
from saltern.plugin_api.program import ask_well
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions
__grains__: Grains

_DEBIAN_FILE = "/etc/default/keyboard"


def __virtual__() -> bool | tuple[bool, str]:
    if any(process.find_program(name) for name in ("setupcon", "localectl", "setxkbmap")):
        return True
    return (
        False,
        "The keyboard execution module cannot be loaded: only works on systems with setupcon, localectl or setxkbmap",
    )


def get_sys() -> str:
    """The layout of the console.

    CLI Example::

        saltern run '*' keyboard.get_sys
    """
    if _is_debian():
        found = re.search(r"^\s*XKBLAYOUT=[\"']?([^\"'\n]*)", read_whole(_DEBIAN_FILE), re.MULTILINE)
        return found[1] if found else ""
    return _told("VC Keymap")


def set_sys(layout: str) -> str:
    """Set the layout of the console, now and at boot.

    CLI Example::

        saltern run '*' keyboard.set_sys dvorak
    """
    if not re.fullmatch(r"[\w,+.-]+", layout):
        raise CommandExecutionError(f"{layout!r} is no layout of a keyboard")
    if not _is_debian():
        ask_well(["localectl", "set-keymap", layout])
        return layout
    text, found = re.subn(r"(?m)^\s*XKBLAYOUT=.*$", f'XKBLAYOUT="{layout}"', read_whole(_DEBIAN_FILE))
    write_whole(_DEBIAN_FILE, text if found else f'{text}XKBLAYOUT="{layout}"\n')
    if process.find_program("setupcon"):
        # Where there is no console there is nothing to set now.
        __salt__["cmd.run_all"](["setupcon", "--force"], python_shell=False, ignore_retcode=True)
    return layout


def get_x() -> str:
    """The layout of X.

    CLI Example::

        saltern run '*' keyboard.get_x
    """
    if not process.find_program("setxkbmap"):
        return _told("X11 Layout")
    found = re.search(r"^layout:\s*(\S+)", ask_well(["setxkbmap", "-query"]), re.MULTILINE)
    return found[1] if found else ""


def set_x(layout: str) -> str:
    """Set the layout of X.

    CLI Example::

        saltern run '*' keyboard.set_x dvorak
    """
    ask_well(["setxkbmap", layout])
    return layout


def _is_debian() -> bool:
    return __grains__.get("os_family") == "Debian"


def _told(what: str) -> str:
    found = re.search(rf"^\s*{what}:\s*(.+)$", ask_well(["localectl", "status"]), re.MULTILINE)
    return found[1].strip() if found else ""
