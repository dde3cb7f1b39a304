"""`known_hosts` as text (sshd(8)): hosts by their names, also where these are hashed."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hmac
import os
from typing import NamedTuple


class Entry(NamedTuple):
    """A line: the names of a host, the type of its key, the key. `number` counts from 1."""

    names: str
    enc: str
    key: str
    number: int = 0
    marker: str = ""


def entries(text: str) -> list[Entry]:
    return [entry for entry in map(_parse, text.splitlines(), range(1, text.count("\n") + 2)) if entry is not None]


def name_of(host: str, port: int | str | None = None) -> str:
    """A host as the file names it: with its port where that is not the usual one."""
    return f"[{host}]:{port}" if port and int(port) != 22 else host


def of_host(text: str, name: str) -> list[Entry]:
    """The entries of a host."""
    return [entry for entry in entries(text) if _means(entry.names, name)]


def without(text: str, name: str) -> str:
    """The text without the lines of a host."""
    numbers = {entry.number for entry in of_host(text, name)}
    return "".join(f"{line}\n" for number, line in enumerate(text.splitlines(), 1) if number not in numbers)


def hashed(text: str) -> str:
    """The text with each name of a host hashed, in a line of its own; patterns stay as they are."""
    found = {entry.number: entry for entry in entries(text)}
    lines: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = found.get(number)
        if entry is None or entry.marker or entry.names.startswith("|") or set(entry.names) & set("*?!"):
            lines.append(line)
            continue
        lines += [f"{_hash(name, os.urandom(20))} {entry.enc} {entry.key}" for name in entry.names.split(",")]
    return "".join(f"{line}\n" for line in lines)


def _parse(line: str, number: int) -> Entry | None:
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#"):
        return None
    return Entry(words[0], words[1], words[2], number, marker)


def _means(names: str, host: str) -> bool:
    if names.startswith("|1|"):
        try:
            salt = base64.b64decode(names.split("|")[2])
        except (IndexError, binascii.Error):
            return False
        return hmac.compare_digest(_hash(host, salt), names)
    patterns = names.split(",")
    if any(one.startswith("!") and fnmatch.fnmatchcase(host, one[1:]) for one in patterns):
        return False
    return any(one == host or _fits(host, one) for one in patterns)


def _fits(host: str, pattern: str) -> bool:
    # brackets are part of a name with a port
    return bool(set(pattern) & set("*?")) and fnmatch.fnmatchcase(host, pattern.replace("[", "[[]"))


def _hash(name: str, salt: bytes) -> str:
    digest = hmac.new(salt, name.encode(), "sha1").digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"
