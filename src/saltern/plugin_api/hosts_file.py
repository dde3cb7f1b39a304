"""`/etc/hosts` as text: read, and changed line by line (hosts(5))."""

from __future__ import annotations

from typing import Any, NamedTuple


class Line(NamedTuple):
    """A line with an address: its names, and what stands behind `#`."""

    ip: str
    aliases: list[str]
    comment: str = ""

    def text(self) -> str:
        behind = f"\t\t# {self.comment}" if self.comment else ""
        return f"{self.ip}\t\t{' '.join(self.aliases)}{behind}".rstrip()


def parse_line(text: str) -> Line | None:
    """A line of the file; None for one that is empty or only a comment."""
    words, mark, comment = text.partition("#")
    names = words.split()
    return Line(names[0], names[1:], comment.strip() if mark else "") if names else None


def parse(text: str) -> dict[str, Any]:
    """Each address with `aliases` and, where there is one, `comment`; a line that is only a comment as `comment-<n>`.

    An address that stands in several lines has the names of all.
    """
    found: dict[str, Any] = {}
    comments = 0
    for line in text.splitlines():
        parsed = parse_line(line)
        if parsed is not None:
            entry = found.setdefault(parsed.ip, {"aliases": []})
            entry["aliases"] += parsed.aliases
            if parsed.comment:
                entry["comment"] = parsed.comment
        elif line.strip():
            found[f"comment-{comments}"] = [line]
            comments += 1
    return found


def written(hosts: dict[str, Any]) -> str:
    """The text of what `parse` gives."""
    lines = [
        entry[0] if isinstance(entry, list) else Line(ip, entry["aliases"], entry.get("comment", "")).text()
        for ip, entry in hosts.items()
    ]
    return "".join(f"{line}\n" for line in lines)


def replaced(text: str, new: Line) -> str:
    """The text with one line for an address instead of all that it had; without aliases the address goes."""
    lines: list[str] = []
    done = not new.aliases
    for line in text.splitlines():
        parsed = parse_line(line)
        if parsed is None or parsed.ip != new.ip:
            lines.append(line)
        elif not done:
            lines.append(new.text())
            done = True
    if not done:
        lines.append(new.text())
    return "".join(f"{line}\n" for line in lines)


def without(text: str, ip: str, alias: str) -> str:
    """The text without an alias of an address; a line that loses its last alias goes."""
    lines: list[str] = []
    for line in text.splitlines():
        parsed = parse_line(line)
        if parsed is None or parsed.ip != ip or alias not in parsed.aliases:
            lines.append(line)
            continue
        kept = [one for one in parsed.aliases if one != alias]
        if kept:
            behind = f" # {parsed.comment}" if parsed.comment else ""
            lines.append(f"{ip}\t\t{' '.join(kept)}{behind}")
    return "".join(f"{line}\n" for line in lines)
