"""What name servers answer, by dig(1), in the words of DNS."""

from __future__ import annotations

import shutil

from saltern.plugin_api import Functions, name_queries

__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    return True if shutil.which("dig") else (False, "the program dig is missing")


def check_ip(addr: str) -> bool:
    """Whether a text is an address, with or without the length of a prefix.

    CLI Example::

        saltern run '*' dig.check_ip 127.0.0.1
        saltern run '*' dig.check_ip fe80::1/64
    """
    return name_queries.is_address(str(addr).partition("/")[0])


def A(host: str, nameserver: str | None = None) -> list[str]:
    """The IPv4 addresses of a host.

    CLI Example::

        saltern run '*' dig.A www.example.com
    """
    return [one for one in _records(host, "A", nameserver) if check_ip(one)]


def AAAA(host: str, nameserver: str | None = None) -> list[str]:
    """The IPv6 addresses of a host.

    CLI Example::

        saltern run '*' dig.AAAA www.example.com
    """
    return [one for one in _records(host, "AAAA", nameserver) if check_ip(one)]


def CNAME(host: str, nameserver: str | None = None) -> str:
    """The name that a host's name stands for; an empty text when it is no alias.

    CLI Example::

        saltern run '*' dig.CNAME mail.example.com
    """
    return "\n".join(_records(host, "CNAME", nameserver))


def MX(domain: str, resolve: bool = False, nameserver: str | None = None) -> list[list[str]]:
    """The mail servers of a domain, each with its priority; with `resolve` by their first address.

    CLI Example::

        saltern run '*' dig.MX example.com
    """
    rows = [line.split() for line in _records(domain, "MX", nameserver)] or [[]]
    if not resolve:
        return rows
    return [[row[0], (A(row[1], nameserver) or [""])[0]] for row in rows if len(row) > 1]


def NS(domain: str, resolve: bool = True, nameserver: str | None = None) -> list[str]:
    """The name servers of a domain: their addresses, or their names without `resolve`.

    CLI Example::

        saltern run '*' dig.NS example.com
    """
    names = _records(domain, "NS", nameserver)
    if not resolve:
        return names or [""]
    return [address for name in names for address in A(name, nameserver)]


def PTR(host: str, nameserver: str | None = None) -> list[str]:
    """The names of an address; one empty name when it has none.

    CLI Example::

        saltern run '*' dig.PTR 1.2.3.4
    """
    return name_queries.names_of(__salt__["cmd.run_all"], str(host), nameserver) or [""]


def SPF(domain: str, record: str = "SPF", nameserver: str | None = None) -> list[str]:
    """The addresses and networks that a domain allows to send its mail; those that it includes count too.

    They are looked for in TXT records, where they are kept today, whatever `record` says.

    CLI Example::

        saltern run '*' dig.SPF example.com
    """
    return name_queries.senders(__salt__["cmd.run_all"], domain, nameserver)


def TXT(host: str, nameserver: str | None = None) -> list[str]:
    """The texts of a name, in quotes; one empty text when it has none.

    CLI Example::

        saltern run '*' dig.TXT example.com
    """
    return _records(host, "TXT", nameserver) or [""]


a, aaaa, cname, mx, ns, ptr, spf = A, AAAA, CNAME, MX, NS, PTR, SPF


def _records(name: str, kind: str, nameserver: str | None) -> list[str]:
    return name_queries.records(__salt__["cmd.run_all"], str(name), kind, nameserver)
