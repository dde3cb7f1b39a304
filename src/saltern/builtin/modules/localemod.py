"""The locale of the system, and the locales that programs may use."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Grains, process
from saltern.plugin_api.linux import systemd
from saltern.plugin_api.linux.files import read_text
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions
__grains__: Grains

__virtualname__ = "locale"

_PLACES = {
    "RedHat": "/etc/locale.conf",
    "Suse": "/etc/locale.conf",
    "Arch": "/etc/locale.conf",
    "Gentoo": "/etc/env.d/02locale",
}
_SUPPORTED = "/usr/share/i18n/SUPPORTED"


def __virtual__() -> str:
    return __virtualname__


def list_avail() -> list[str]:
    """The locales that programs may use.

    CLI Example::

        saltern run '*' locale.list_avail
    """
    return str(__salt__["cmd.run"](["locale", "-a"], python_shell=False)).split("\n")


def avail(locale: str) -> bool:
    """Whether programs may use a locale; how the name of its encoding is written does not matter.

    CLI Example::

        saltern run '*' locale.avail 'en_US.UTF-8'
    """
    return _normal(locale) in map(_normal, list_avail())


def get_locale() -> str:
    """The locale of the system; empty where none is set.

    CLI Example::

        saltern run '*' locale.get_locale
    """
    if systemd.booted() and process.find_program("localectl"):
        done = __salt__["cmd.run_all"](["localectl"], python_shell=False, ignore_retcode=True)
        found = re.search(r"LANG=(\S+)", str(done["stdout"]))
        if done["retcode"] == 0:
            return found[1].strip("\"'") if found else ""
    return _variables(read_text(_place())).get("LANG", "")


def set_locale(locale: str) -> bool:
    """Set the locale of the system, for what is started from now on.

    CLI Example::

        saltern run '*' locale.set_locale 'en_US.UTF-8'
    """
    if not re.fullmatch(r"[A-Za-z0-9_.@-]+", str(locale)):
        raise CommandExecutionError(f"'{locale}' is no name of a locale")
    if systemd.booted() and process.find_program("localectl"):
        done = __salt__["cmd.run_all"](["localectl", "set-locale", f"LANG={locale}"], python_shell=False)
        return bool(done["retcode"] == 0)
    if process.find_program("update-locale"):
        done = __salt__["cmd.run_all"](["update-locale", "--no-checks", f"LANG={locale}"], python_shell=False)
        return bool(done["retcode"] == 0)
    lines = [line for line in read_whole(_place()).splitlines() if not line.startswith("LANG=")]
    write_whole(_place(), "".join(f"{line}\n" for line in [*lines, f'LANG="{locale}"']))
    return True


def gen_locale(locale: str, **kwargs: Any) -> bool | dict[str, Any]:
    """Make a locale, so that programs may use it; with `verbose` what was printed is part of the answer.

    CLI Example::

        saltern run '*' locale.gen_locale 'de_DE.UTF-8 UTF-8'
    """
    name, _, charmap = str(locale).partition(" ")
    if not name or avail(name):
        return True
    language, _, encoding = name.partition(".")
    charmap = charmap or encoding.partition("@")[0] or _charmap_of(name)
    if not _is_valid(name, charmap):
        return False
    if process.find_program("locale-gen") and __grains__.get("os") != "Ubuntu":
        _enable(name, charmap)
        argv = ["locale-gen"]
    elif process.find_program("locale-gen"):
        argv = ["locale-gen", name]
    else:
        argv = ["localedef", "--force", "-i", language, "-f", charmap, f"{language}.{charmap}"]
    done = __salt__["cmd.run_all"](argv, python_shell=False)
    good = done["retcode"] == 0 and avail(name)
    return dict(done) if kwargs.get("verbose") else bool(good)


def _is_valid(name: str, charmap: str) -> bool:
    """Whether the C library can make it."""
    lines = read_text(_SUPPORTED).splitlines()
    if lines:
        return any(_normal(line.split()[0]) == _normal(name) for line in lines if line.strip()) or any(
            line.split() == [name.partition(".")[0], charmap] for line in lines
        )
    return Path("/usr/share/i18n/locales", name.partition(".")[0]).is_file()


def _charmap_of(name: str) -> str:
    rows = (line.split() for line in read_text(_SUPPORTED).splitlines())
    return next((row[1] for row in rows if len(row) > 1 and row[0] == name), "UTF-8")


def _enable(name: str, charmap: str) -> None:
    """Name a locale in the file that `locale-gen` reads."""
    place, line = "/etc/locale.gen", f"{name} {charmap}"
    lines = [one for one in read_whole(place).splitlines() if one.lstrip("# ").strip() != line]
    write_whole(place, "".join(f"{one}\n" for one in [*lines, line]))


def _place() -> str:
    return _PLACES.get(str(__grains__.get("os_family")), "/etc/default/locale")


def _variables(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, sign, value in pairs if sign}


def _normal(locale: str) -> str:
    """A name as others may write it: `en_US.UTF-8`, `en_US.utf8`."""
    name, _, modifier = str(locale).split(" ")[0].partition("@")
    language, _, encoding = name.partition(".")
    return f"{language}.{encoding.lower().replace('-', '')}@{modifier}"
