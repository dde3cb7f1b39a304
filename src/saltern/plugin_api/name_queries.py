"""What name servers answer, asked by dig(1): for the modules `dig` and `dnsutil`."""

from __future__ import annotations

import ipaddress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Run = Callable[..., dict[str, Any]]
    """`cmd.run_all`."""

_MOST_INCLUDES = 10
"""How many domains an SPF record may lead to (RFC 7208, section 4.6.4)."""


def records(run: Run, name: str, kind: str, nameserver: str | None = None) -> list[str]:
    """The records of a name, of a kind such as `MX`, as `dig +short` shows them. None when no server answers."""
    return _asked(run, ["-q", name, "-t", kind], nameserver)


def names_of(run: Run, address: str, nameserver: str | None = None) -> list[str]:
    """The names of an address. None when no server answers."""
    return _asked(run, ["-x", address], nameserver)


def senders(run: Run, domain: str, nameserver: str | None = None) -> list[str]:
    """The addresses and networks that a domain allows to send its mail (SPF); those that it includes count too."""
    return _senders(run, domain, nameserver, set())


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _senders(run: Run, domain: str, nameserver: str | None, known: set[str]) -> list[str]:
    known.add(domain)
    found: list[str] = []
    for line in records(run, domain, "TXT", nameserver):
        words = line.replace('" "', "").strip('"').split()
        if words[:1] != ["v=spf1"]:
            continue
        for word in words[1:]:
            kind, _, value = word.lstrip("+").replace("redirect=", "redirect:").partition(":")
            if kind in ("ip4", "ip6"):
                found.append(value)
            elif kind in ("include", "redirect") and value not in known and len(known) < _MOST_INCLUDES:
                found += _senders(run, value, nameserver, known)
    return found


def _asked(run: Run, question: list[str], nameserver: str | None) -> list[str]:
    server = [f"@{nameserver}"] if nameserver else []
    argv = ["dig", "+short", "+time=5", "+tries=2", *server, *question]
    done = run(argv, python_shell=False, ignore_retcode=True)
    lines = str(done["stdout"]).splitlines() if done["retcode"] == 0 else []
    return [line for line in lines if line and not line.startswith(";")]
