"""Setting the name of this host (hostname(5), hosts(5))."""

from __future__ import annotations

import re
import socket
from collections.abc import Collection
from pathlib import Path

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.whole_file import write_whole

_HOSTS = Path("/etc/hosts")
_HOSTNAME = Path("/etc/hostname")
_SYSCONFIG = Path("/etc/sysconfig/network")


def is_valid(name: str) -> bool:
    labels = name.split(".")
    return len(name) <= 253 and all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", one) for one in labels)


def systemd_runs() -> bool:
    return Path("/run/systemd/system").is_dir()


def set_without_systemd(name: str) -> None:
    """Set the kernel's name and the file that it is read from at the next start. Raises `CommandExecutionError`."""
    try:
        socket.sethostname(name)
        _write(_HOSTNAME, f"{name}\n")
        if _SYSCONFIG.is_file():
            text = _SYSCONFIG.read_text(errors="surrogateescape")
            _write(_SYSCONFIG, re.sub(r"(?m)^HOSTNAME=.*$", f"HOSTNAME={name}", text))
    except OSError as error:
        raise CommandExecutionError(f"The host name cannot be set: {error}") from error


def replace_in_hosts_file(old: Collection[str], new: str) -> None:
    """Put the new name, and its first label, where the hosts file has one of the old names."""
    try:
        before = _HOSTS.read_text(errors="surrogateescape")
    except FileNotFoundError:
        return
    after = "".join(renamed(line, set(old) - {"localhost"}, new) for line in before.splitlines(keepends=True))
    if after != before:
        _write(_HOSTS, after)


def renamed(line: str, old: Collection[str], new: str) -> str:
    """A line of the hosts file with the old names replaced; every other line as it is."""
    content, mark, comment = line.partition("#")
    words = content.split()
    if not set(words[1:]) & set(old):
        return line
    names = dict.fromkeys([new, *([new.partition(".")[0]] if "." in new else []), *words[1:]])
    kept = " ".join(name for name in names if name not in old)
    end = f" #{comment}" if mark else "\n" if line.endswith("\n") else ""
    return f"{words[0]}\t{kept}{end}"


def _write(path: Path, text: str) -> None:
    """Written whole; in place where the file is a mount of its own, as in containers, and cannot be replaced."""
    try:
        write_whole(path, text)
    except OSError:
        path.write_text(text, errors="surrogateescape")
