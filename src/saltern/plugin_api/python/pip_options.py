"""The options of pip by Salt's names, and the words of pip's command line that they become."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.python import requirement

_log = logging.getLogger(__name__)

_SWITCHES = {
    "no_index": "--no-index",
    "upgrade": "--upgrade",
    "force_reinstall": "--force-reinstall",
    "ignore_installed": "--ignore-installed",
    "no_deps": "--no-deps",
    "pre_releases": "--pre",
    "no_cache_dir": "--no-cache-dir",
    "disable_version_check": "--disable-pip-version-check",
}
_VALUES = {
    "log": "--log",
    "proxy": "--proxy",
    "timeout": "--timeout",
    "index_url": "--index-url",
    "extra_index_url": "--extra-index-url",
    "build": "--build",
    "target": "--target",
    "source": "--source",
    "exists_action": "--exists-action",
    "cert": "--cert",
    "trusted_host": "--trusted-host",
    "cache_dir": "--cache-dir",
}
_LISTS = {"find_links": "--find-links", "no_binary": "--no-binary"}
_GONE = {
    "use_wheel": ("--use-wheel", (10,)),
    "no_install": ("--no-install", (7,)),
    "no_download": ("--no-download", (7,)),
    "allow_all_external": ("--allow-all-external", (10,)),
    "allow_external": ("--allow-external", (10,)),
    "allow_unverified": ("--allow-unverified", (10,)),
    "process_dependency_links": ("--process-dependency-links", (19,)),
    "install_options": ("--install-option", (23, 1)),
    "download": ("--download", (8,)),
}
"""Options that pip had, and the version from which it has them no more."""

Version = Callable[[], tuple[int, ...]]


class Wanted(NamedTuple):
    """The options of an installation; what they mean is pip's."""

    pkgs: Any = None
    editable: Any = None
    use_wheel: bool = False
    no_use_wheel: bool = False
    log: str | None = None
    proxy: str | None = None
    timeout: Any = None
    find_links: Any = None
    index_url: str | None = None
    extra_index_url: str | None = None
    no_index: bool = False
    mirrors: Any = None
    build: str | None = None
    target: str | None = None
    download: str | None = None
    download_cache: str | None = None
    source: str | None = None
    upgrade: bool = False
    force_reinstall: bool = False
    ignore_installed: bool = False
    exists_action: str | None = None
    no_deps: bool = False
    no_install: bool = False
    no_download: bool = False
    global_options: Any = None
    install_options: Any = None
    pre_releases: bool = False
    cert: str | None = None
    allow_all_external: bool = False
    allow_external: Any = None
    allow_unverified: Any = None
    process_dependency_links: bool = False
    trusted_host: str | None = None
    no_cache_dir: bool = False
    extra_args: Any = None
    cache_dir: str | None = None
    no_binary: Any = None
    disable_version_check: bool = False


def words_of(wanted: Wanted, version: Version) -> list[str]:
    """The command line of these options. `version` is asked only where an option is of some versions of pip.

    Raises `CommandExecutionError` for what no pip takes, `ValueError` for a timeout that is no number.
    """
    _check(wanted)
    given = wanted._asdict()
    given["cache_dir"] = wanted.cache_dir or wanted.download_cache
    given["no_binary"] = wanted.no_binary or (":all:" if wanted.no_use_wheel else None)
    words = [switch for name, switch in _SWITCHES.items() if given[name]]
    for name, option in _VALUES.items():
        if given[name] is not None:
            words += [option, str(given[name])]
    for name, option in _LISTS.items():
        for one in _items(given[name]):
            words += [option, one]
    for name, (option, until) in _GONE.items():
        if given[name]:
            words += _old(option, given[name], until, version)
    for one in _items(wanted.global_options):
        words.append(f"--global-option={one}")
    words += _extra(wanted.extra_args)
    words += _packages(wanted.pkgs)
    for one in _items(wanted.editable):
        words += ["--editable", one]
    return words


def _check(wanted: Wanted) -> None:
    if wanted.timeout is not None:
        try:
            float(wanted.timeout)
        except (TypeError, ValueError):
            raise ValueError(f"'{wanted.timeout}' is not a valid timeout, must be an integer") from None
    if wanted.exists_action is not None and wanted.exists_action not in ("s", "i", "w", "b"):
        raise CommandExecutionError(
            "The exists_action pip option only supports the values s, i, w, and b. "
            f"'{wanted.exists_action}' is not valid."
        )
    if wanted.mirrors:
        raise CommandExecutionError(
            "pip >= 7.0.0 does not support mirror argument: use index_url and/or extra_index_url instead"
        )
    if wanted.no_index and (wanted.extra_index_url or wanted.index_url):
        raise CommandExecutionError("'no_index' and ('index_url' or 'extra_index_url') are mutually exclusive.")
    for url in (wanted.index_url, wanted.extra_index_url):
        if url and not str(url).startswith(("http://", "https://", "file://", "ftp://")):
            raise CommandExecutionError(f"'{url}' is not a valid URL")
    for one in _items(wanted.editable):
        if "egg=" not in one and one.startswith(("git+", "hg+", "svn+", "bzr+")):
            raise CommandExecutionError("You must specify an egg for this editable")


def _old(option: str, value: Any, until: tuple[int, ...], version: Version) -> list[str]:
    if version() >= until:
        _log.error("pip has the option %s no more since its version %s", option, ".".join(map(str, until)))
        return []
    return [option] if value is True else [word for one in _items(value) for word in (option, one)]


def _packages(pkgs: Any) -> list[str]:
    if not pkgs:
        return []
    if isinstance(pkgs, str):
        return requirement.split(pkgs)
    found = []
    for one in pkgs if isinstance(pkgs, list | tuple) else [pkgs]:
        if isinstance(one, dict):
            found += [f"{name}=={wanted}" if wanted else str(name) for name, wanted in one.items()]
        else:
            found.append(str(one))
    return found


def _items(value: Any) -> list[str]:
    if not value:
        return []
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _extra(given: Any) -> list[str]:
    """Further options: a text, or a list of texts and of mappings from an option to its value."""
    if not given:
        return []
    if isinstance(given, str):
        return shlex.split(given)
    words: list[str] = []
    for one in given if isinstance(given, list | tuple) else [given]:
        if isinstance(one, dict):
            words += [word for option, value in one.items() for word in (str(option), str(value))]
        else:
            words.append(str(one))
    return words
