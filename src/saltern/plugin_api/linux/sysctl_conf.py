"""sysctl.conf(5) as text: kernel parameters, read and changed line by line."""

from __future__ import annotations

from pathlib import Path

_SEPARATORS = str.maketrans("./", "/.")

NEW_FILE = "#\n# Kernel sysctl configuration\n#\n"


def parse(text: str) -> dict[str, str]:
    """The parameters of the file with their values; the last line of a parameter counts."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        pair = _pair(line)
        if pair is not None:
            found[pair[0]] = pair[1]
    return found


def with_value(text: str, name: str, value: str) -> str:
    """The text with a parameter at this value, in each of its lines, or in a new one at the end."""
    lines: list[str] = []
    done = False
    for line in text.splitlines():
        pair = _pair(line)
        if pair is not None and dotted(pair[0]) == dotted(name):
            line = f"{name} = {value}"
            done = True
        lines.append(line)
    if not done:
        lines.append(f"{name} = {value}")
    return "".join(f"{line}\n" for line in lines)


def dotted(name: str) -> str:
    """A name with the separator that most write; a dot within a part (`eth0.1`) is a slash then."""
    if "/" not in name:
        return name
    return name.translate(_SEPARATORS)


def running(name: str) -> str | None:
    """The value of a parameter of the running kernel; None where it has no such parameter, or does not tell."""
    try:
        return Path("/proc/sys", dotted(name).translate(_SEPARATORS)).read_text(errors="replace").strip()
    except OSError:
        return None


def exists(name: str) -> bool:
    """Whether the running kernel has a parameter."""
    return Path("/proc/sys", dotted(name).translate(_SEPARATORS)).exists()


def same(one: object, other: object) -> bool:
    """Whether two values are the same to the kernel, which tells of several numbers with tabs between them."""
    return str(one).split() == str(other).split()


def _pair(line: str) -> tuple[str, str] | None:
    name, equals, value = line.partition("=")
    if not equals or line.lstrip().startswith(("#", ";")):
        return None
    return name.strip(), value.strip()
