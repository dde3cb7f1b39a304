"""`file.keyvalue`: lines of a key, a separator and a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class KeyValueWish(NamedTuple):
    """The values that keys should have, and what counts as their lines. `times` is how often a key is looked for."""

    values: Mapping[str, Any]
    separator: str = "="
    at_end: bool = False
    at_start: bool = False
    search_only: bool = False
    times: int = 1
    uncomment: str | None = None
    key_ignore_case: bool = False
    value_ignore_case: bool = False
    prune: bool = False


class KeyValueEdit(NamedTuple):
    """The lines after an edit, the difference as it is told, and how many lines were changed and deleted."""

    lines: list[str]
    told: list[str]
    changed: int
    deleted: int


def edited(lines: Sequence[str], wish: KeyValueWish) -> KeyValueEdit:
    """The lines (which keep their ends) after an edit."""
    left = {str(key): int(wish.times) for key in wish.values}
    found: set[str] = set()
    result: list[str] = []
    told: list[str] = []
    changed = deleted = 0
    for line in lines:
        new, key = _new_line(line, wish, left)
        if key is not None:
            found.add(key)
        elif wish.prune and _is_pair(line, wish):
            told.append(f"- {line.rstrip()}\n")
            deleted += 1
            continue
        if new != line:
            note = "" if key is None or isinstance(wish.values[key], str) else _note(wish.values[key])
            told += [f"- {line.rstrip()}\n", f"+ {new.rstrip()}{note}\n"]
            changed += 1
        result.append(new)
    absent = [key for key in map(str, wish.values) if key not in found]
    if absent and (wish.at_end or wish.at_start) and not wish.search_only:
        result, more = _put(result, absent, wish)
        told += more
        changed += len(absent)
    return KeyValueEdit(result, told, changed, deleted)


def _new_line(line: str, wish: KeyValueWish, left: dict[str, int]) -> tuple[str, str | None]:
    """A line with the value that its key should have, and the key; None where it is not about one of the keys."""
    body = line.rstrip("\r\n")
    # Without marks white space goes, and a line that began with it is written anew.
    text = body.lstrip(str(wish.uncomment) if wish.uncomment else None)
    led = len(text) < len(body)
    for key in map(str, wish.values):
        if not _begins(text, key, wish) or not left[key]:
            continue
        left[key] -= 1
        before, value = _parts(text, wish)
        wanted = str(wish.values[key])
        same = value.lower() == wanted.lower() if wish.value_ignore_case else value == wanted
        if (same and not led) or wish.search_only:
            return line, key
        return f"{before}{wish.separator}{wanted}{line[len(body) :]}", key
    return line, None


def _begins(text: str, key: str, wish: KeyValueWish) -> bool:
    if wish.separator not in text:
        return False
    found = text.partition(wish.separator)[0]
    return found.lower() == key.lower() if wish.key_ignore_case else found == key


def _parts(text: str, wish: KeyValueWish) -> tuple[str, str]:
    """What stands before the separator as it is, and the value."""
    before, _, value = text.partition(wish.separator)
    return before, value.strip()


def _is_pair(line: str, wish: KeyValueWish) -> bool:
    text = line.strip()
    return bool(text) and wish.separator in text and not re.match(r"[#;]", text)


def _note(value: Any) -> str:
    return f" (from {type(value).__name__} type)"


def _put(lines: list[str], keys: list[str], wish: KeyValueWish) -> tuple[list[str], list[str]]:
    new = [f"{key}{wish.separator}{wish.values[key]}" for key in keys]
    if wish.at_start:
        return [*(f"{line}\n" for line in new), *lines], ["  <SOF>\n", *(f"+ {line}\n" for line in new)]
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    told = ["- <EOF>\n", *(f"+ {line}\n" for line in new), "+ <EOF>\n"]
    return [*lines, *(f"{line}\n" for line in new)], told
