"""Which id a minion has (CFG-05): configured, remembered, computed by a function, or found on the host."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from saltern.errors import ConfigError

log = logging.getLogger(__name__)
_LONGEST = 255
_LOCAL_NAMES = ("localhost", "localhost4", "localhost6", "ip6-localhost", "ip6-loopback")


def minion_id(
    configured: str,
    *,
    cache: Path | None = None,
    id_function: Mapping[str, Any] | None = None,
    call: Callable[[str, Any], str] | None = None,
    lowercase: bool = False,
    remove_domain: bool | list[str] = False,
    append_domain: str = "",
    names: Callable[[], Iterable[str]] | None = None,
) -> str:
    """The id. `cache` is the file that remembers one that was found; `names` gives the host's names, best first.

    `ConfigError` for an id that cannot be one.
    """
    named = configured or _remembered(cache)
    if not named:
        found = _computed(id_function, call) or next(iter((names or host_names)()), "localhost")
        named = checked(_shaped(found, lowercase=lowercase, remove_domain=remove_domain))
        _remember(cache, named)
    return checked(_with_domain(named, append_domain))


def checked(named: str) -> str:
    """The id itself; `ConfigError` when it is empty, too long, has blanks, or could be a path."""
    if named in ("", ".", "..") or len(named) > _LONGEST or not named.isprintable() or set(named) & set("/\\ "):
        raise ConfigError(f"{named!r} cannot be a minion id", hint="Set id in the minion's configuration.")
    return named


def host_names() -> Iterator[str]:
    """Names of the host, best first: its full name, its name, those of the hosts file, an address."""
    import socket

    yield from (name for name in (socket.getfqdn(), socket.gethostname()) if _is_telling(name))
    yield from (name for name in hosts_file_names(Path("/etc/hosts")) if _is_telling(name))
    yield from _addresses()


def hosts_file_names(path: Path) -> list[str]:
    """Names that a hosts file gives to a loopback address."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    entries = [line.partition("#")[0].split() for line in lines]
    return [name for entry in entries if entry and _is_loopback(entry[0]) for name in entry[1:]]


def _remembered(cache: Path | None) -> str:
    try:
        return cache.read_text(encoding="utf-8").strip() if cache else ""
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{cache}: the remembered minion id cannot be read: {error}") from error


def _remember(cache: Path | None, named: str) -> None:
    if cache is None or not cache.parent.is_dir():
        return
    scratch = cache.with_name(f".{cache.name}.{os.getpid()}")
    try:
        scratch.write_text(named, encoding="utf-8")
        scratch.replace(cache)
    except OSError as error:
        log.warning("The minion id %s is not remembered in %s: %s", named, cache, error.strerror)


def _computed(id_function: Mapping[str, Any] | None, call: Callable[[str, Any], str] | None) -> str:
    if not id_function:
        return ""
    if call is None or len(id_function) > 1:
        raise ConfigError("id_function: expected one function, and it cannot be run here", hint="Set id instead.")
    function, arguments = next(iter(id_function.items()))
    return call(function, arguments)


def _shaped(named: str, *, lowercase: bool, remove_domain: bool | list[str]) -> str:
    named = named.lower() if lowercase else named
    host, _, domain = named.partition(".")
    if not remove_domain or _is_address(named):
        return named
    return host if remove_domain is True or domain in remove_domain else named


def _with_domain(named: str, domain: str) -> str:
    if not domain or named.endswith(domain) or _is_address(named):
        return named
    return f"{named.rstrip('.')}.{domain.lstrip('.')}"


def _is_telling(name: str) -> bool:
    return bool(name) and name.partition(".")[0] not in _LOCAL_NAMES and not _is_loopback(name)


def _addresses() -> list[str]:
    import socket

    try:
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(entry[4][0]) for entry in found if not _is_loopback(str(entry[4][0]))]


def _is_address(text: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_loopback(text: str) -> bool:
    from ipaddress import ip_address

    return _is_address(text) and ip_address(text).is_loopback
