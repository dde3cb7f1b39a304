"""Replace what a regular expression finds in a file, comment lines out and in, and the old `sed` functions."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.filesystem import contents, difference


class Fallback(NamedTuple):
    """What to put into a file in which the pattern is not found: `content` at its start or its end."""

    at_start: bool = False
    at_end: bool = False
    content: str | None = None


class Change(NamedTuple):
    """The lines of a file before and after an edit."""

    before: list[str]
    after: list[str]

    @property
    def happened(self) -> bool:
        return self.before != self.after

    def shown(self, *, diff: bool) -> Any:
        """The difference, or with `diff` False whether there is one."""
        return difference.unified(self.before, self.after) if diff else self.happened


def flags_of(given: Any) -> int:
    """The flags of a regular expression from a number, a name or a list of names."""
    if isinstance(given, int):
        return given
    flags = 0
    for name in [given] if isinstance(given, str) else given or ():
        flag = getattr(re, str(name).upper(), None)
        if not isinstance(flag, re.RegexFlag):
            raise CommandExecutionError(f"Invalid re flag given: {name}")
        flags |= flag
    return flags


def read_text(path: str, encoding: str | None = None) -> str:
    """The text of a file in which things are to be replaced."""
    if not os.path.exists(path):
        raise SaltInvocationError(f"File not found: {path}")
    if not encoding and not contents.is_text(path):
        raise SaltInvocationError(f"Cannot perform string replacements on a binary file: {path}")
    try:
        with open(path, encoding=encoding or "utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise SaltInvocationError(f"Cannot perform string replacements on a binary file: {path}") from error
    except LookupError as error:
        raise SaltInvocationError(f"Unknown encoding '{encoding}'") from error


def searched(text: str, pattern: Any, flags: Any) -> bool:
    return re.search(_text(pattern), text, flags_of(flags)) is not None


def replaced(
    text: str, pattern: Any, repl: Any, count: int, flags: Any, fallback: Fallback, *, literal: bool = False
) -> Change:
    """The text with what a pattern finds replaced, or with the fallback where it finds nothing.

    With `literal` a backslash in `repl` is only that.
    """
    compiled = re.compile(_text(pattern), flags_of(flags))
    new = _text(repl)
    result, found = compiled.subn(new.replace("\\", "\\\\") if literal else new, text, count)
    before, after = text.splitlines(keepends=True), result.splitlines(keepends=True)
    content = new if fallback.content is None else fallback.content
    if not found and (fallback.at_start or fallback.at_end) and not _is_line(content, text):
        _put(after, content, at_start=fallback.at_start)
    return Change(before, after)


def commented(lines: Sequence[str], regex: str, char: str, *, comment: bool) -> Change:
    """The lines that match `regex` from their start on with `char` put before them, or taken away; only these lines."""
    body = f"({regex.removeprefix('^')})"
    pattern = re.compile(body if comment else rf"{re.escape(char)}(\s*){body}")
    before = [line for line in lines if pattern.match(line)]
    return Change(before, [char + line if comment else line[len(char) :] for line in before])


def with_changes(lines: Sequence[str], change: Change) -> list[str]:
    """The lines with those of a change exchanged, in their order."""
    news = dict(zip(change.before, change.after, strict=True))
    return [news.get(line, line) for line in lines]


def save(path: str, change: Change, backup: Any, *, encoding: str | None = None, keep_inode: bool = True) -> None:
    """Write a change back, after a copy of the file as it was was put beside it (`backup` is the copy's suffix)."""
    target = os.path.realpath(path)
    if backup:
        keep_copy(path, target, str(backup))
    data = "".join(change.after).encode(encoding or "utf-8")
    (contents.overwrite if keep_inode else contents.replace_with)(target, data)


def keep_copy(path: str, target: str, suffix: str) -> None:
    """Copy a file to its name and `suffix`; a link to the file gets a link to the copy beside it."""
    copy = f"{target}{suffix}"
    shutil.copy2(target, copy)
    status = os.stat(target)
    os.chown(copy, status.st_uid, status.st_gid)
    if os.path.islink(path):
        link = f"{path}{suffix}"
        if os.path.islink(link):
            os.unlink(link)
        if not os.path.lexists(link):
            os.symlink(f"{os.readlink(path)}{suffix}", link)


def sed_text(text: Any, *, escape_all: bool = False) -> str:
    """A text as part of a `sed` expression: slashes are escaped, with `escape_all` all characters with a meaning."""
    result = str(text)
    for char in "^.[$()|*+?{/" if escape_all else "/":
        result = result.replace(char, f"\\{char}")
    return result


def psed_lines(
    lines: Sequence[str], before: Any, after: Any, limit: str, flags: str, *, escape_all: bool, multi: bool
) -> list[str]:
    """What `sed` would make of lines, by Python's regular expressions: `g` replaces all, `I` ignores case."""
    unknown = sorted(set(flags) - set("gGiIlLmMsSuUxX"))
    if unknown:
        raise SaltInvocationError(f"Unknown flag '{unknown[0]}'; those of Python's re and g are known")
    options = 0
    for flag in set(flags.upper()) - {"G"}:
        options |= getattr(re, flag)
    pattern = re.compile(sed_text(before, escape_all=True) if escape_all else str(before), options & ~re.LOCALE)
    count = 0 if "g" in flags.lower() else 1
    if multi:
        whole: str = pattern.sub(str(after), "".join(lines), count=count)
        return [whole]
    result: list[str] = []
    left = count
    for line in lines:
        if (limit and not re.search(limit, line)) or (count and not left):
            result.append(line)
            continue
        new, made = pattern.subn(str(after), line, count=count)
        left -= made
        result.append(new)
    return result


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _is_line(content: str, text: str) -> bool:
    """Whether the content stands in the text as a line already, put there before."""
    return re.search(f"^{re.escape(content)}($|(?=\r\n))", text, re.MULTILINE) is not None


def _put(lines: list[str], content: str, *, at_start: bool) -> None:
    if at_start:
        lines.insert(0, content + "\n")
        return
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    lines.append(content + "\n")
