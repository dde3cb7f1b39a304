"""Parsers of files of proc(5)."""

from __future__ import annotations

import socket
import sys
from typing import NamedTuple


class Cpu(NamedTuple):
    """`flags` are in the kernel's order; `model` is `Unknown` where the kernel names none."""

    processors: int
    model: str
    flags: list[str]


_MODEL_KEYS = ("model name", "Processor", "cpu", "cpu model", "processor 0")
_FLAG_KEYS = ("flags", "Features", "features")


def parse_cpuinfo(text: str) -> Cpu:
    """`/proc/cpuinfo` of x86, ARM, POWER and s390."""
    count = 0
    model = ""
    flags: list[str] = []
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        if key == "processor" or key.startswith("processor "):
            count += 1
        if key in _MODEL_KEYS:
            model = model or value
        elif key in _FLAG_KEYS and not flags:
            flags = value.split()
    return Cpu(count, model or "Unknown", flags)


def parse_meminfo(text: str) -> dict[str, int]:
    """`/proc/meminfo`: name to KiB."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        number = value.split()
        if number and number[0].isdigit():
            found[name] = int(number[0])
    return found


def parse_cmdline(text: str) -> list[list[str | None]]:
    """`/proc/cmdline`: `[name, value]` each, in order; the value of a bare word is None."""
    return [_parameter(word) for word in _words(text)]


def parse_mdstat(text: str) -> list[str]:
    """The names of the md devices of `/proc/mdstat`."""
    return [
        line.split()[0]
        for line in text.splitlines()
        if " : " in line and not line.startswith(("Personalities", "unused devices"))
    ]


def parse_route(text: str) -> list[tuple[str, str]]:
    """The default routes of `/proc/net/route`: `(interface, gateway)`, the best one first."""
    found: list[tuple[int, str, str]] = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 7 and fields[1] == "00000000" and fields[7] == "00000000" and fields[2] != "00000000":
            # the kernel prints the four bytes in the order of the machine
            gateway = socket.inet_ntoa(int(fields[2], 16).to_bytes(4, sys.byteorder))
            found.append((int(fields[6]), fields[0], gateway))
    return [(interface, gateway) for _, interface, gateway in sorted(found)]


def parse_ipv6_route(text: str) -> list[tuple[str, str]]:
    """The default routes of `/proc/net/ipv6_route`: `(interface, gateway)`, the best one first."""
    nowhere = "0" * 32
    found: list[tuple[int, str, str]] = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) > 9 and fields[:2] == [nowhere, "00"] and fields[4] != nowhere:
            gateway = socket.inet_ntop(socket.AF_INET6, bytes.fromhex(fields[4]))
            found.append((int(fields[5], 16), fields[9], gateway))
    return [(interface, gateway) for _, interface, gateway in sorted(found)]


def _words(text: str) -> list[str]:
    """The words of a kernel command line; double quotes may stand around a value."""
    words: list[str] = []
    current = ""
    quoted = False
    for character in text.strip() + " ":
        if character == '"':
            quoted = not quoted
        elif character.isspace() and not quoted:
            if current:
                words.append(current)
            current = ""
        else:
            current += character
    return words


def _parameter(word: str) -> list[str | None]:
    name, equals, value = word.partition("=")
    return [name, value if equals else None]
