"""`authorized_keys` as text (sshd(8)): read, and changed line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from saltern.plugin_api.ssh.keys import is_type


class Line(NamedTuple):
    """A line with a key."""

    enc: str
    key: str
    comment: str = ""
    options: tuple[str, ...] = ()

    def text(self) -> str:
        front = f"{','.join(self.options)} " if self.options else ""
        return f"{front}{self.enc} {self.key} {self.comment}"


def parse_line(text: str) -> Line | None:
    """A line of the file; None for a comment, and for what has no key."""
    options, rest = "", text.strip()
    if not rest or rest.startswith("#"):
        return None
    if not is_type(rest.partition(" ")[0]):
        options, rest = _split_at_space(rest)
    words = rest.split(None, 2)
    if len(words) < 2 or not is_type(words[0]):
        return None
    return Line(words[0], words[1], words[2] if len(words) > 2 else "", tuple(split_options(options)))


def lines(text: str) -> Iterator[Line]:
    return (line for line in map(parse_line, text.splitlines()) if line is not None)


def with_line(text: str, new: Line) -> str:
    """The text with a key's line, in the place of the one that it had or at the end."""
    kept: list[str] = []
    done = False
    for one in text.splitlines():
        line = parse_line(one)
        if line is None or line.key != new.key:
            kept.append(one)
        elif not done:
            kept.append(new.text())
            done = True
    if not done:
        kept.append(new.text())
    return "".join(f"{one}\n" for one in kept)


def without(text: str, key: str) -> str:
    """The text without the lines of a key."""
    parsed = ((one, parse_line(one)) for one in text.splitlines())
    return "".join(f"{one}\n" for one, line in parsed if line is None or line.key != key)


def split_options(text: str) -> list[str]:
    """The options in front of a key; a comma within quotes parts nothing."""
    parts: list[str] = []
    quoted = False
    for piece in text.split(","):
        if quoted:
            parts[-1] += f",{piece}"
        elif piece:
            parts.append(piece)
        quoted ^= (piece.count('"') - piece.count('\\"')) % 2 == 1
    return parts


def _split_at_space(text: str) -> tuple[str, str]:
    """What stands in front of the first space that is not within quotes, and what follows."""
    quoted = False
    for at, letter in enumerate(text):
        if letter == '"' and text[at - 1 : at] != "\\":
            quoted = not quoted
        elif letter in " \t" and not quoted:
            return text[:at], text[at:].lstrip()
    return text, ""
