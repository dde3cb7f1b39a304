"""`/etc/fstab` as text: read, and changed line by line (fstab(5)); the rest stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

KEYS = ("name", "device", "fstype", "opts", "dump", "pass_num")
_SHARED = (
    "autofs bdev binfmt_misc bpf cgroup cgroup2 configfs cpuset debugfs devpts devtmpfs fusectl hugetlbfs mqueue none"
    " nodev overlay pipefs proc pstore ramfs rootfs rpc_pipefs securityfs selinuxfs sockfs sysfs tmpfs tracefs"
)
_SHARED_DEVICES = frozenset(_SHARED.split())
"""File systems whose device is no more than a word, so that only the mount point tells them apart."""
_SPACES = {" ": "\\040", "\t": "\\011", "\n": "\\012"}


class Entry(NamedTuple):
    """A line: what is mounted, where, and how."""

    name: str
    device: str
    fstype: str
    opts: str = "defaults"
    dump: str = "0"
    pass_num: str = "0"  # noqa: S105  (a number)

    def text(self) -> str:
        device, name = _escaped(self.device), _escaped(self.name)
        return f"{device}\t\t{name}\t{self.fstype}\t{self.opts}\t{self.dump} {self.pass_num}"

    def matches(self, other: Entry, keys: Collection[str]) -> bool:
        """Whether both mean the same file system, going by these keys."""
        return all(_escaped(getattr(self, key)) == _escaped(getattr(other, key)) for key in keys)

    def as_salt_shows(self) -> dict[str, Any]:
        opts = self.opts.split(",")
        return {"device": self.device, "fstype": self.fstype, "opts": opts, "dump": self.dump, "pass": self.pass_num}


def parse_line(line: str) -> Entry | None:
    """A line of the file; None for a comment, and for what has too few columns to be an entry."""
    words = line.split()
    if len(words) < 4 or words[0].startswith("#"):
        return None
    dump, pass_num = [*[word for word in words[4:6] if word.isdigit()], "0", "0"][:2]
    return Entry(words[1], words[0], words[2], words[3], dump, pass_num)


def entries(text: str) -> Iterator[Entry]:
    return (entry for entry in map(parse_line, text.splitlines()) if entry is not None)


def identifying(fstype: str) -> tuple[str, ...]:
    """The keys by which an entry of this type is known where nobody says: its device, or else its mount point."""
    return ("name",) if fstype in _SHARED_DEVICES else ("device",)


def with_entry(text: str, new: Entry, keys: Collection[str], keep: bool = False) -> tuple[str, str]:
    """The text with an entry, and whether that was `present`, is `new` or a `change`.

    An entry that `keys` match is replaced, and one more that they match goes; with `keep` it is left as it is.
    """
    lines: list[str] = []
    status = "new"
    for line in text.splitlines():
        found = parse_line(line)
        if found is None or not new.matches(found, keys):
            lines.append(line)
        elif keep or new.matches(found, KEYS):
            lines.append(line)
            status = "present"
        elif status == "new":
            lines.append(new.text())
            status = "change"
    if status == "new":
        lines.append(new.text())
    return "".join(f"{line}\n" for line in lines), status


def without(text: str, name: str, device: str | None = None) -> str:
    """The text without the entries of a mount point, or only without those of this device on it."""
    lines = [line for line in text.splitlines() if not _is_of(parse_line(line), name, device)]
    return "".join(f"{line}\n" for line in lines)


def _is_of(entry: Entry | None, name: str, device: str | None) -> bool:
    if entry is None or _escaped(entry.name) != _escaped(name):
        return False
    return device is None or _escaped(entry.device) == _escaped(device)


def _escaped(text: str) -> str:
    return "".join(_SPACES.get(letter, letter) for letter in text)
