"""`file.append` and `file.prepend`: texts that should be in a file."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence
from typing import Any

from saltern.plugin_api.filesystem import contents, difference, trees
from saltern.plugin_api.filesystem.states.answers import Answer, failed, fine, planned


def texts_of(text: Any) -> list[str]:
    """The texts that a state was given: one, or a list of them."""
    return [str(one) for one in text] if isinstance(text, list | tuple) else [str(text)]


def append(
    name: str, texts: Sequence[str], *, makedirs: bool, ignore_whitespace: bool, show_changes: bool, test: bool
) -> Answer:
    before, complaint = _before(name, "append")
    if complaint:
        return failed(name, complaint)
    content = before or ""
    new = [line for text in texts if not _has(content, text, ignore_whitespace) for line in text.splitlines()]
    if before is not None and not new:
        return fine(name, f"File {name} is in correct state")
    if test and before is None:
        return planned(name, f"File {name} is set to be created", {"new": name})
    lines = content.splitlines()
    changes = {"diff": _joined(lines, [*lines, *new]) if show_changes else difference.HIDDEN} if new else {}
    if test:
        return planned(name, f"File {name} is set to be updated", changes)
    complaint = _make_file(name, makedirs=makedirs)
    if complaint:
        return failed(name, complaint)
    contents.append_lines(name, list(new))
    return fine(name, f"Appended {len(new)} lines", changes)


def prepend(
    name: str, texts: Sequence[str], *, makedirs: bool, header: bool | None, show_changes: bool, test: bool
) -> Answer:
    """With `header` the texts should be the first lines, else anywhere in the file."""
    before, complaint = _before(name, "prepend")
    if complaint:
        return failed(name, complaint)
    content = before or ""
    wanted = [line for text in texts for line in text.splitlines()]
    if header:
        new = [] if content.splitlines()[: len(wanted)] == wanted else wanted
    else:
        new = [line for text in texts if not _has(content, text, True) for line in text.splitlines()]
    if before is not None and not new:
        return fine(name, f"File {name} is in correct state")
    if test and before is None:
        return planned(name, f"File {name} is set to be created", {"new": name})
    told = difference.of_texts(content, "".join(f"{line}\n" for line in new) + content)
    changes = {"diff": told if show_changes else difference.HIDDEN}
    if test:
        return planned(name, f"File {name} is set to be updated", changes)
    complaint = _make_file(name, makedirs=makedirs)
    if complaint:
        return failed(name, complaint)
    contents.prepend_lines(name, list(new))
    return fine(name, f"Prepended {len(new)} lines", changes)


def _before(name: str, what: str) -> tuple[str | None, str]:
    """The text of a file, None where there is none; and why it is not one to add text to."""
    if not os.path.exists(name):
        return None, ""
    if not os.path.isfile(name):
        return None, f"{name} exists and is not a file"
    if not contents.is_text(name):
        return None, f"No text found to {what}. Nothing {what}ed"
    with open(name, encoding="utf-8", errors="replace", newline="") as file:
        return file.read(), ""


def _has(content: str, text: str, ignore_whitespace: bool) -> bool:
    """Whether a text stands in a file as whole lines; white space may differ unless it is to count."""
    if not text.strip():
        return False
    if not ignore_whitespace:
        return re.search(text, content, re.MULTILINE) is not None
    lines = [r"(?:\s+)?".join(map(re.escape, line.split())) for line in text.splitlines()]
    body = "".join(rf"(?:\s+)?{line}(?:\s+)?" for line in lines)
    return re.search(f"^{body}$", content, re.MULTILINE) is not None


def _joined(before: list[str], after: list[str]) -> str:
    """A difference of lines without their ends, as this state of Salt tells it."""
    return "\n".join(difflib.unified_diff(before, after))


def _make_file(name: str, *, makedirs: bool) -> str:
    if os.path.exists(name):
        return ""
    if not os.path.isdir(os.path.dirname(name)):
        if not makedirs:
            return f"{name}: file not found"
        trees.make_parents(name)
    contents.touch(name)
    return ""
