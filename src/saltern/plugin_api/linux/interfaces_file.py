"""The file `/etc/network/interfaces` of Debian's ifupdown: reading and replacing what it says of one interface."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_STANZA = re.compile(r"(?:iface|mapping|auto|allow-\S+|rename|source|source-directory|no-auto-down|no-scripts)\b")


class _Block(NamedTuple):
    """A stanza with its options, or lines that belong to none."""

    lines: list[str]

    @property
    def words(self) -> list[str]:
        return self.lines[0].split()

    def is_iface(self, name: str) -> bool:
        return self.words[:2] == ["iface", name]

    def starts(self, name: str) -> bool:
        """Whether it is a line such as `auto eth0 eth1` that names the interface."""
        words = self.words
        return bool(words) and (words[0] == "auto" or words[0].startswith("allow-")) and name in words[1:]


def told(text: str, name: str) -> list[str]:
    """The lines about an interface, each with its end: how it is started, then its stanzas, their options indented."""
    blocks = list(_blocks(text))
    started = [f"{block.words[0]} {name}\n" for block in blocks if block.starts(name)]
    stanzas = [line for block in blocks if block.is_iface(name) for line in _tidy(block.lines)]
    return [*started, *stanzas, "\n"] if started or stanzas else []


def replaced(text: str, name: str, lines: Sequence[str]) -> str:
    """The text with these lines about an interface in the place of those that there are, or at its end.

    Everything else stays as it is.
    """
    new = [line.rstrip("\n") for line in lines if line.strip()]
    kept: list[str] = []
    places: dict[bool, int] = {}
    for block in _blocks(text):
        if block.is_iface(name) or block.starts(name):
            places.setdefault(block.is_iface(name), len(kept))
            others = [word for word in block.words[1:] if word != name]
            kept += [" ".join([block.words[0], *others])] if block.starts(name) and others else []
        else:
            kept += block.lines
    place = places.get(True, places.get(False))
    if place is None:
        kept, place = [*kept, *([""] if kept and kept[-1].strip() else [])], len(kept) + 1
    return "\n".join([*kept[:place], *new, *kept[place:]]).strip("\n") + "\n"


def _blocks(text: str) -> Iterator[_Block]:
    lines: list[str] = []
    for line in text.splitlines():
        starts = _STANZA.match(line.strip()) is not None
        if lines and (starts or not _has_options(lines[0])):
            yield from _split(lines)
            lines = []
        lines.append(line)
    yield from _split(lines)


def _has_options(line: str) -> bool:
    return line.split()[:1] in (["iface"], ["mapping"])


def _split(lines: list[str]) -> Iterator[_Block]:
    """A stanza without the comments and empty lines at its end, which stand before the next one."""
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    if lines:
        yield _Block(lines[:end])
    for line in lines[end:]:
        yield _Block([line])


def _tidy(lines: list[str]) -> list[str]:
    options = [line.strip() for line in lines[1:] if line.strip() and not line.lstrip().startswith("#")]
    return [" ".join(lines[0].split()) + "\n", *(f"    {line}\n" for line in options)]
