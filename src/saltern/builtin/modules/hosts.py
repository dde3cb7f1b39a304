"""The names of hosts in `/etc/hosts`, or the file that the option `hosts.file` names."""

from __future__ import annotations

from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Functions
from saltern.plugin_api.hosts_file import Line, parse, replaced, without, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions


def list_hosts() -> dict[str, Any]:
    """The addresses of the file, each with its aliases and the comment of its line.

    CLI Example::

        saltern run '*' hosts.list_hosts
    """
    return parse(_read())


def get_ip(host: str) -> str:
    """The first address that has a name; empty when none has.

    CLI Example::

        saltern run '*' hosts.get_ip www.example.com
    """
    return next((ip for ip, aliases in _aliases().items() if host in aliases), "")


def get_alias(ip: str) -> list[str]:
    """The names of an address.

    CLI Example::

        saltern run '*' hosts.get_alias 127.0.0.1
    """
    return _aliases().get(ip, [])


def has_pair(ip: str, alias: str | list[str]) -> bool:
    """Whether an address has a name, or all names of a list.

    CLI Example::

        saltern run '*' hosts.has_pair 127.0.0.1 localhost
    """
    wanted = [alias] if isinstance(alias, str) else alias
    known = get_alias(ip)
    return ip in _aliases() and all(one in known for one in wanted)


def set_host(ip: str, alias: str | list[str], comment: str | None = None) -> bool:
    """Give an address these names and no others, parted by spaces or in a list; without names the address goes.

    CLI Example::

        saltern run '*' hosts.set_host 192.0.2.1 web1.example.com
    """
    names = alias.split() if isinstance(alias, str) else list(alias)
    _write(replaced(_read(), Line(ip, names, comment or "")))
    return True


def add_host(ip: str, alias: str | list[str]) -> bool:
    """Give an address a further name, and make the file where there is none.

    CLI Example::

        saltern run '*' hosts.add_host 192.0.2.1 web1.example.com
    """
    if has_pair(ip, alias):
        return True
    hosts = parse(_read())
    names = hosts.setdefault(ip, {"aliases": []})["aliases"]
    names += [one for one in ([alias] if isinstance(alias, str) else alias) if one not in names]
    _write(written(hosts))
    return True


def rm_host(ip: str, alias: str) -> bool:
    """Take a name from an address; an address without a name goes.

    CLI Example::

        saltern run '*' hosts.rm_host 192.0.2.1 web1.example.com
    """
    if has_pair(ip, alias):
        _write(without(_read(), ip, alias))
    return True


def set_comment(ip: str, comment: str) -> bool:
    """Set the comment of an address; False when the file does not have it.

    CLI Example::

        saltern run '*' hosts.set_comment 192.0.2.1 'the old web server'
    """
    hosts = parse(_read())
    if ip not in hosts:
        return False
    if hosts[ip].get("comment") != comment:
        hosts[ip]["comment"] = comment
        _write(written(hosts))
    return True


def _aliases() -> dict[str, list[str]]:
    return {ip: entry["aliases"] for ip, entry in list_hosts().items() if isinstance(entry, dict)}


def _place() -> Path:
    return Path(str(__salt__["config.option"]("hosts.file", default="/etc/hosts")))


def _read() -> str:
    try:
        return _place().read_text(errors="surrogateescape")
    except FileNotFoundError:
        return ""


def _write(text: str) -> None:
    place = _place()
    try:
        # Written in place: in a container this file is a mount of its own, which cannot be replaced.
        place.write_text(text, errors="surrogateescape")
    except OSError as error:
        raise CommandExecutionError(f"{place} cannot be written: {error.strerror}") from error
