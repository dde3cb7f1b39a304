"""Names and addresses: what name servers answer (by dig(1)), hosts files and zone files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, name_queries
from saltern.plugin_api.hosts_file import parse_line
from saltern.plugin_api.whole_file import read_whole

__salt__: Functions

_SOA = ("SERIAL", "REFRESH", "RETRY", "EXPIRE", "MINTTL")
_CLASSES = ("IN", "CH", "HS")


# --- what name servers answer -------------------------------------------------------------------------------------


def A(host: str, nameserver: str | None = None) -> list[str]:
    """The IPv4 addresses of a host.

    CLI Example::

        saltern run '*' dnsutil.A www.google.com
    """
    return [one for one in _dig(host, "A", nameserver) if check_ip(one)]


def AAAA(host: str, nameserver: str | None = None) -> list[str]:
    """The IPv6 addresses of a host.

    CLI Example::

        saltern run '*' dnsutil.AAAA www.google.com
    """
    return [one for one in _dig(host, "AAAA", nameserver) if check_ip(one)]


def NS(domain: str, resolve: bool = True, nameserver: str | None = None) -> list[str]:
    """The name servers of a domain: their addresses, or their names without `resolve`.

    CLI Example::

        saltern run '*' dnsutil.NS google.com
    """
    names = _dig(domain, "NS", nameserver)
    return [address for name in names for address in A(name, nameserver)] if resolve else names


def MX(domain: str, resolve: bool = False, nameserver: str | None = None) -> list[list[str]]:
    """The mail servers of a domain, each with its priority; with `resolve` by address.

    CLI Example::

        saltern run '*' dnsutil.MX saltstack.org
    """
    rows = [line.split() for line in _dig(domain, "MX", nameserver)] or [[]]
    if not resolve:
        return rows
    return [[row[0], (A(row[1], nameserver) or [""])[0]] for row in rows if len(row) > 1]


def SPF(domain: str, record: str = "SPF", nameserver: str | None = None) -> list[str]:
    """The addresses and networks that a domain allows to send its mail; those that it includes count too.

    CLI Example::

        saltern run '*' dnsutil.SPF google.com
    """
    return name_queries.senders(__salt__["cmd.run_all"], domain, nameserver)


def _dig(name: str, kind: str, nameserver: str | None) -> list[str]:
    return name_queries.records(__salt__["cmd.run_all"], str(name), kind, nameserver)


def check_ip(ip_addr: str) -> bool:
    """Whether a text is an address.

    CLI Example::

        saltern run '*' dnsutil.check_ip 127.0.0.1
    """
    return name_queries.is_address(str(ip_addr))


# --- hosts files --------------------------------------------------------------------------------------------------


def parse_hosts(hostsfile: str = "/etc/hosts", hosts: str | None = None) -> dict[str, list[str]] | str:
    """The names of the addresses in a hosts file, or in a text of that form.

    CLI Example::

        saltern run '*' dnsutil.parse_hosts
    """
    if not hosts:
        try:
            hosts = Path(hostsfile).read_text(errors="replace")
        except OSError:
            return "Error: hosts data was not found"
    found: dict[str, list[str]] = {}
    for line in filter(None, map(parse_line, hosts.splitlines())):
        found.setdefault(line.ip, []).extend(line.aliases)
    return found


def hosts_append(
    hostsfile: str = "/etc/hosts", ip_addr: str | None = None, entries: str | Sequence[str] | None = None
) -> str:
    """Add a line with the names that an address does not have yet.

    CLI Example::

        saltern run '*' dnsutil.hosts_append /etc/hosts 127.0.0.1 ad1.yuk.co,ad2.yuk.co
    """
    known = parse_hosts(hostsfile)
    has = known.get(str(ip_addr), []) if isinstance(known, dict) else []
    names = [one for one in _words(entries) if one not in has]
    if not names:
        return f"No additional hosts were added to {hostsfile}"
    line = f"{ip_addr} {' '.join(names)}"
    text = read_whole(hostsfile)
    _write(hostsfile, f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{line}\n")
    return f"The following line was added to {hostsfile}:\n{line}"


def hosts_remove(hostsfile: str = "/etc/hosts", entries: str | Sequence[str] | None = None) -> None:
    """Take names out of a hosts file; an address without a name goes.

    CLI Example::

        saltern run '*' dnsutil.hosts_remove /etc/hosts ad1.yuk.co
    """
    gone = set(_words(entries))
    lines = []
    for line in read_whole(hostsfile).splitlines():
        front, mark, behind = line.partition("#")
        words = front.split()
        if not gone.intersection(words[1:]):
            lines.append(line)
            continue
        kept = [one for one in words[1:] if one not in gone]
        if kept:
            lines.append(" ".join([words[0], *kept]) + (f" {mark}{behind}" if mark else ""))
    _write(hostsfile, "".join(f"{line}\n" for line in lines))


def _words(entries: str | Sequence[str] | None) -> list[str]:
    parts = entries.split(",") if isinstance(entries, str) else list(entries or [])
    return [one.strip() for one in parts if one.strip()]


def _write(path: str, text: str) -> None:
    try:
        # Written in place: in a container this file is a mount of its own, which cannot be replaced.
        Path(path).write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise CommandExecutionError(f"{path} cannot be written: {error.strerror}") from error


# --- zone files ---------------------------------------------------------------------------------------------------


def parse_zone(zonefile: str | None = None, zone: str | None = None) -> dict[str, Any] | str:
    """A zone file, or a text of that form: `ORIGIN`, `TTL`, what the SOA record says, and `NS`, `MX`, `A` and others.

    CLI Example::

        saltern run '*' dnsutil.parse_zone /var/lib/named/example.com.zone
    """
    if zonefile:
        try:
            zone = Path(zonefile).read_text()
        except OSError:
            zone = None
    if not zone:
        return "Error: Zone data was not found"
    found: dict[str, Any] = {}
    name = "@"
    for line in _joined(zone):
        words = line.split()
        if words[0] in ("$ORIGIN", "$TTL"):
            found[words[0][1:]] = words[1]
            continue
        if not line[0].isspace():
            name = words.pop(0)
        # In front of its type a record has its class and the seconds for which it holds, or one of both, or none.
        while words and (words[0] in _CLASSES or words[0].isdigit()):
            word = words.pop(0)
            if word in _CLASSES:
                found.setdefault("NETWORK", word)
        if words:
            _record(found, _whole(name, found), words)
    return found


def _joined(zone: str) -> list[str]:
    """The records of a zone, one a line, without comments."""
    text = re.sub(r";.*", "", zone)
    text = re.sub(r"\(([^)]*)\)", lambda found: " ".join(found[1].split()), text)
    return [line for line in text.splitlines() if line.strip()]


def _whole(name: str, found: dict[str, Any]) -> str:
    origin = found.get("ORIGIN", "")
    if name == "@":
        return str(origin)
    return name if name.endswith(".") else f"{name}.{origin}"


def _record(found: dict[str, Any], name: str, words: list[str]) -> None:
    kind, values = words[0], words[1:]
    if kind == "SOA" and len(values) >= 7:
        found["SOURCE"] = _whole(values[0], found)
        found["CONTACT"] = values[1].replace(".", "@", 1)
        found["SERIAL"] = values[2]
        found.update(dict(zip(_SOA[1:], (_seconds(one) for one in values[3:7]), strict=True)))
    elif kind == "NS" and values:
        found.setdefault("NS", []).append(values[0])
    elif kind == "MX" and len(values) > 1:
        found.setdefault("MX", []).append({"priority": values[0], "host": values[1]})
    elif values:
        found.setdefault(kind, {})[name] = values[0]


def _seconds(text: str) -> int:
    unit = {"m": 60, "h": 3600, "d": 86400, "w": 604800}.get(text[-1:].lower(), 0)
    return int(text[:-1]) * unit if unit else int(text)


def serial(zone: str = "", update: bool = False) -> str:
    """A serial number for a zone, made of the day; with `update` the next one, which is kept as a grain.

    CLI Example::

        saltern run '*' dnsutil.serial example.com
    """
    key = f"dnsserial{'_' + zone if zone else ''}"
    stored = str(__salt__["grains.get"](key, "") or "")
    present = datetime.now(UTC).strftime("%Y%m%d01")
    if not update:
        return stored or present
    current = str(int(stored) + 1) if stored and stored >= present else present
    __salt__["grains.setval"](key=key, val=current)
    return current
