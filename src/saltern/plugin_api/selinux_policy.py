"""What semanage tells of SELinux: which port has which type, and the words for kinds of files."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from saltern.plugin_api.errors import SaltInvocationError
from saltern.plugin_api.program import ask_well

FILE_TYPES = {
    "a": "all files",
    "f": "regular file",
    "d": "directory",
    "c": "character device",
    "b": "block device",
    "s": "socket",
    "l": "symbolic link",
    "p": "named pipe",
}
CONTEXT_PARTS = ("sel_user", "sel_role", "sel_type", "sel_level")
_RELABELLED = (
    re.compile(r"(?:Would relabel|Relabeled) (?P<path>.+) from (?P<old>\S+) to (?P<new>\S+)"),
    re.compile(r"restorecon reset (?P<path>.+) context (?P<old>\S+)->(?P<new>\S+)"),
)
_PORT = re.compile(r"\d+(?:-\d+)?")


class Port(NamedTuple):
    """A port or a range of ports of a protocol."""

    protocol: str
    number: str


class PortRow(NamedTuple):
    """The ports that have a type, as text: `80, 443, 8000-8010`."""

    sel_type: str
    protocol: str
    ports: str

    def names(self, port: Port) -> bool:
        return self.protocol == port.protocol and port.number in self.ports.split(", ")

    def told(self) -> dict[str, str]:
        """The row as `selinux.port_get_policy` tells it."""
        return {"sel_type": self.sel_type, "protocol": self.protocol, "port": self.ports}


def file_type(letter: str) -> str:
    """The words for a letter that means a kind of files; `SaltInvocationError` for any other."""
    try:
        return FILE_TYPES[letter]
    except KeyError:
        expected = ", ".join(FILE_TYPES)
        raise SaltInvocationError(f"Invalid file type code '{letter}'; expected one of: {expected}") from None


def port_of(name: Any, protocol: Any = None, port: Any = None) -> Port:
    """The port that is meant by `tcp/80` or by protocol and port; `SaltInvocationError` when neither says it."""
    if protocol is not None and port is not None:
        return Port(str(protocol), str(port))
    kind, _, number = str(name).partition("/")
    if kind in ("tcp", "udp") and _PORT.fullmatch(number):
        return Port(kind, number)
    raise SaltInvocationError(
        f'Invalid name "{name}" format and protocol and port not provided or invalid: "{protocol}" "{port}".'
    )


def port_rows(*, only_local: bool = False) -> list[PortRow]:
    """The ports that have a type; with `only_local` what was set on this machine and not by the policy."""
    argv = ["semanage", "port", "--list", *(["--locallist"] if only_local else [])]
    words = [line.split(None, 2) for line in ask_well(argv).splitlines()]
    return [PortRow(*row) for row in words if len(row) == 3 and row[1] in ("tcp", "udp", "dccp", "sctp")]


def relabelled(text: str) -> dict[str, Any]:
    """The paths that restorecon names, each with those parts of its context that change."""
    changes: dict[str, Any] = {}
    for line in text.splitlines():
        found = next((match for pattern in _RELABELLED if (match := pattern.match(line))), None)
        if found is None:
            continue
        old, new = (dict(zip(CONTEXT_PARTS, found[key].split(":", 3), strict=False)) for key in ("old", "new"))
        parts = [part for part in new if new[part] != old.get(part)]
        changes[found["path"]] = {"old": {one: old.get(one) for one in parts}, "new": {one: new[one] for one in parts}}
    return changes
