"""`file.find`: the files below a path that pass tests, and what is done with each."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from saltern.plugin_api import process
from saltern.plugin_api.filesystem import digests, owners, paths

_TYPES = {
    "b": stat.S_IFBLK,
    "c": stat.S_IFCHR,
    "d": stat.S_IFDIR,
    "f": stat.S_IFREG,
    "l": stat.S_IFLNK,
    "p": stat.S_IFIFO,
    "s": stat.S_IFSOCK,
}
_LETTERS = {kind: letter for letter, kind in _TYPES.items()}
_SIZES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_INTERVAL = re.compile(r"([+-]?)\s*((?:\d+(?:\.\d*)?[wdhms])+)$", re.IGNORECASE)


class Found(NamedTuple):
    path: str
    name: str
    status: os.stat_result


Test = Callable[[Found], bool]


class Finder:
    """Tests and an action from options in Salt's words. Raises `ValueError` for an option that it cannot read."""

    def __init__(self, options: dict[str, Any]) -> None:
        options = dict(options)
        self.maxdepth = _depth(options, "maxdepth")
        self.mindepth = _depth(options, "mindepth") or 0
        self._trial = bool(options.pop("test", False))
        self._tests: list[Test] = []
        self._action: Callable[[Found], Any] | None = None
        for name, value in options.items():
            self._read(name, value)

    def find(self, root: str) -> Iterator[Any]:
        """What the action gives for each file that passes; the path itself without an action."""
        if not os.path.lexists(root):
            return
        yield from self._visit(root, 0)

    def _visit(self, path: str, depth: int) -> Iterator[Any]:
        try:
            status = os.stat(path) if os.path.exists(path) else os.lstat(path)
        except OSError:
            return
        found = Found(path, os.path.basename(path), status)
        if depth >= self.mindepth and all(test(found) for test in self._tests):
            yield from self._acted(found)
        if os.path.isdir(path) and not os.path.islink(path) and (self.maxdepth is None or depth < self.maxdepth):
            for name in os.listdir(path):
                yield from self._visit(os.path.join(path, name), depth + 1)

    def _acted(self, found: Found) -> Iterator[Any]:
        result = self._action(found) if self._action else found.path
        if result is not None:
            yield result

    def _read(self, name: str, value: Any) -> None:
        reader = getattr(self, f"_read_{name}", None)
        if reader is None:
            raise ValueError(f'invalid option "{name}"')
        if not value:
            raise ValueError(f'missing value for "{name}" option')
        reader(value)

    def _read_name(self, value: str) -> None:
        self._tests.append(lambda found: fnmatch.fnmatchcase(found.name, str(value)))

    def _read_iname(self, value: str) -> None:
        self._tests.append(lambda found: fnmatch.fnmatchcase(found.name.lower(), str(value).lower()))

    def _read_regex(self, value: str, flags: int = 0) -> None:
        pattern = _compiled(value, flags)
        self._tests.append(lambda found: pattern.match(found.name) is not None)

    def _read_iregex(self, value: str) -> None:
        self._read_regex(value, re.IGNORECASE)

    def _read_type(self, value: str) -> None:
        kinds = _kinds(value)
        self._tests.append(lambda found: stat.S_IFMT(found.status.st_mode) in kinds)

    def _read_owner(self, value: Any) -> None:
        wanted = [_number(name, owners.uid_of, f'no such user "{name}"') for name in str(value).split(",")]
        self._tests.append(lambda found: found.status.st_uid in wanted)

    def _read_group(self, value: Any) -> None:
        wanted = [_number(name, owners.gid_of, f'no such group "{name}"') for name in str(value).split(",")]
        self._tests.append(lambda found: found.status.st_gid in wanted)

    def _read_size(self, value: Any) -> None:
        least, most = _size_bounds(str(value))
        self._tests.append(lambda found: least <= found.status.st_size <= most)

    def _read_mtime(self, value: Any) -> None:
        newer, seconds = _age(str(value))
        bound = time.time() - seconds
        self._tests.append(lambda found: (found.status.st_mtime >= bound) == newer)

    def _read_grep(self, value: str) -> None:
        pattern = _compiled(value)
        self._tests.append(lambda found: stat.S_ISREG(found.status.st_mode) and _contains(found.path, pattern))

    def _read_print(self, value: Any) -> None:
        fields = [field for field in re.split(r"[\s,]+", str(value)) if field]
        self._action = lambda found: _shown(found, fields)

    def _read_exec(self, value: str) -> None:
        words = shlex.split(str(value))
        self._action = lambda found: _executed(str(value), words, found.path)

    def _read_delete(self, value: Any) -> None:
        kinds = _kinds("" if value is True else value) or set(_TYPES.values())
        self._action = lambda found: self._deleted(found, kinds)

    def _deleted(self, found: Found, kinds: set[int]) -> str | None:
        link = os.path.islink(found.path)
        if stat.S_IFMT(found.status.st_mode) not in kinds:
            return None
        if not self._trial:
            paths.refuse_root(found.path)
            if os.path.isdir(found.path) and not link:
                shutil.rmtree(found.path)
            else:
                os.unlink(found.path)
        return found.path


def _depth(options: dict[str, Any], name: str) -> int | None:
    value = options.pop(name, None)
    try:
        return None if value is None else int(value)
    except ValueError as error:
        raise ValueError(f'invalid value for "{name}" option: "{value}"') from error


def _kinds(value: Any) -> set[int]:
    kinds = set()
    for letter in str(value).replace(",", ""):
        if letter not in _TYPES:
            raise ValueError(f'invalid file type "{letter}"')
        kinds.add(_TYPES[letter])
    return kinds


def _compiled(value: Any, flags: int = 0) -> re.Pattern[str]:
    try:
        return re.compile(str(value), flags)
    except re.error as error:
        raise ValueError(f'invalid regular expression: "{value}"') from error


def _number(name: str, lookup: Callable[[Any], Any], complaint: str) -> int:
    number = int(name) if name.isdigit() else lookup(name)
    if number == "":
        raise ValueError(complaint)
    return int(number)


def _size_bounds(value: str) -> tuple[int, float]:
    match = re.fullmatch(r"([+-]?)(\d+(?:\.\d*)?)([bkmgt]?)", value.strip(), re.IGNORECASE)
    if not match:
        raise ValueError(f'invalid size: "{value}"')
    size = int(float(match[2]) * _SIZES[match[3].lower() or "b"])
    if match[1] == "+":
        return size, float("inf")
    if match[1] == "-":
        return 0, size
    # A size in a unit is all that rounds down to it.
    return size, size + _SIZES[match[3].lower() or "b"] - 1


def _age(value: str) -> tuple[bool, float]:
    """Whether files are to be newer, and than how many seconds."""
    match = _INTERVAL.match(value.strip())
    if not match:
        raise ValueError(f"invalid time interval: {value!r}")
    parts = re.findall(r"(\d+(?:\.\d*)?)([wdhms])", match[2].lower())
    return match[1] == "-", sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _contains(path: str, pattern: re.Pattern[str]) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return pattern.search(file.read()) is not None
    except OSError:
        return False


def _shown(found: Found, fields: list[str]) -> Any:
    values = [_field(found, field) for field in fields]
    known = [value for value in values if value is not None]
    return known[0] if len(fields) == 1 and known else known


def _field(found: Found, field: str) -> Any:
    status = found.status
    kind = stat.S_IFMT(status.st_mode)
    known: dict[str, Callable[[], Any]] = {
        "path": lambda: found.path,
        "name": lambda: found.name,
        "size": lambda: status.st_size,
        "type": lambda: _LETTERS.get(kind, "?"),
        "mode": lambda: stat.S_IMODE(status.st_mode),
        "mtime": lambda: int(status.st_mtime),
        "user": lambda: owners.user_of(status.st_uid),
        "group": lambda: owners.group_of(status.st_gid),
        "md5": lambda: digests.of_file(found.path, "md5") if kind == stat.S_IFREG else "",
    }
    return known[field]() if field in known else None


def _executed(command: str, words: list[str], path: str) -> str:
    """Run a command for a path, which takes the place of `{}`; the answer is what it was and what it said."""
    argv = [word.replace("{}", path) for word in words]
    done = process.run(argv)
    return f"{command.replace('{}', path)}:\n{process.text_of(done.stdout)}\n{process.text_of(done.stderr)}"
