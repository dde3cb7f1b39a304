"""General names: `DNS:a.b`, `IP:1.2.3.4`, `URI:…`, `email:…`, `RID:…` and `dirName:…`, and back."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any

from cryptography import x509

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.x509 import names


def parse_all(given: Any) -> list[x509.GeneralName]:
    """The names of a text in which commas part them, or of a list of texts or mappings."""
    if isinstance(given, str):
        return [parse(*_split(part)) for part in _parts(given)]
    if isinstance(given, Mapping):
        return [parse(str(kind), value) for kind, value in given.items()]
    return [name for one in given for name in parse_all(one)]


def parse(kind: str, value: Any) -> x509.GeneralName:
    text = str(value).strip()
    kinds: dict[str, Callable[[], x509.GeneralName]] = {
        "dns": lambda: x509.DNSName(_ascii(text)),
        "email": lambda: x509.RFC822Name(_ascii_mail(text)),
        "uri": lambda: x509.UniformResourceIdentifier(text),
        "ip": lambda: x509.IPAddress(_address(text)),
        "rid": lambda: x509.RegisteredID(_oid(text)),
        "dirname": lambda: x509.DirectoryName(names.parse(value if isinstance(value, Mapping | list) else text)),
    }
    if kind.lower() not in kinds:
        raise CommandExecutionError(f"GeneralName type {kind} is invalid")
    try:
        return kinds[kind.lower()]()
    except ValueError as error:
        raise CommandExecutionError(f"Provided value {text} is no {kind}: {error}") from error


def text(name: x509.GeneralName) -> str:
    """A general name as it can be given."""
    if isinstance(name, x509.DirectoryName):
        return f"dirName:{names.as_text(name.value)}"
    if isinstance(name, x509.RegisteredID):
        return f"RID:{name.value.dotted_string}"
    kinds = {x509.DNSName: "DNS", x509.RFC822Name: "mail", x509.UniformResourceIdentifier: "URI", x509.IPAddress: "IP"}
    return f"{kinds.get(type(name), 'otherName')}:{getattr(name, 'value', '')}"


def _parts(given: str) -> list[str]:
    """The parts of a text; what follows `dirName:` keeps its commas, as it is a name of its own."""
    parts: list[str] = []
    for part in given.split(","):
        inside = parts and parts[-1].lower().startswith("dirname:") and ":" not in part
        if inside:
            parts[-1] += f",{part}"
        else:
            parts.append(part.strip())
    return [part for part in parts if part]


def _split(part: str) -> tuple[str, str]:
    kind, mark, value = part.partition(":")
    return (kind, value) if mark else (part, "")


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    star = "*." if name.startswith("*.") else ""
    return star + name.removeprefix("*.").encode("idna").decode()


def _ascii_mail(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{_ascii(domain)}" if not domain.startswith(".") else address


def _address(value: str) -> Any:
    try:
        return ipaddress.ip_network(value) if "/" in value else ipaddress.ip_address(value)
    except ValueError as error:
        raise CommandExecutionError(
            f"Provided value {value} does not seem to be an IP address or network range."
        ) from error


def _oid(value: str) -> x509.ObjectIdentifier:
    try:
        return x509.ObjectIdentifier(value)
    except ValueError as error:
        raise CommandExecutionError(f"Invalid oid: {value}") from error
