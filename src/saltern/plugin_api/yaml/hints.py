"""What probably is meant where YAML cannot be read, by the parser's words and the lines at the place."""

from __future__ import annotations

import re
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class _Hint(NamedTuple):
    """Advice where the parser's problem, the line, and the line before it match these expressions."""

    advice: str
    problem: str = ""
    line: str = ""
    before: str = ""


_HINTS = (
    _Hint("Indent with spaces; YAML takes no tabs.", line=r"^ *\t"),
    _Hint(
        "This is Jinja: the first line of the file has to name the renderer jinja, or a value that is to keep its "
        "braces has to stand in quotes.",
        problem="unacceptable key|constructor|block|flow|token|expected ',' or",
        line="{[{%]",
    ),
    _Hint(
        "A value that begins with @, ` or % has to stand in quotes.",
        problem="cannot start any token",
        line=r"[:-] +[@`%]|^ *[@`%]",
    ),
    _Hint("A file holds one document: take the second '---' out.", problem="another document"),
    _Hint(
        "A value that begins with * has to stand in quotes; without them it names an anchor (&name).",
        problem="undefined alias",
    ),
    _Hint("In double quotes a backslash begins an escape; put the text in single quotes.", problem="escape char"),
    _Hint(
        "A value that begins with ! has to stand in quotes; without them it names a tag.",
        problem="could not determine a constructor",
        line="!",
    ),
    _Hint("A quote that is opened above is not closed.", problem="unexpected end of stream"),
    _Hint(
        "A bracket that is opened at the place named first is not closed, or a comma is missing.",
        problem="expected ',' or",
    ),
    _Hint(
        "A value with a colon and a space in it has to stand in quotes.", problem="mapping values", line=r": .*:( |$)"
    ),
    _Hint("The line before may lack its colon at the end.", problem="mapping values", before=r"^[ -]*[^:]+$"),
    _Hint(
        "A space has to follow the colon.",
        problem="mapping values|expected key|expected ':'",
        line=r"^ *(- )?[\w.-]+:[^ /:]",
    ),
    _Hint(
        "A space has to follow the colon in the line before.",
        problem="mapping values",
        before=r"^ *(- )?[\w.-]+:[^ /:]",
    ),
    _Hint(
        "The line is indented differently from its neighbours.",
        problem="mapping values|expected key|expected '-'|not allowed",
    ),
)
"""The first that fits is given."""


def hint_for(problem: str, lines: Sequence[str], line: int) -> str:
    """A sentence, or an empty text; `line` is counted from 1."""
    if "conflicting ID" in problem:
        return ""
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    before = next((text for text in reversed(lines[: max(line - 1, 0)]) if text.strip()), "")
    return next((hint.advice for hint in _HINTS if _fits(hint, problem, here, before)), "")


def _fits(hint: _Hint, problem: str, here: str, before: str) -> bool:
    patterns = ((hint.problem, problem), (hint.line, here), (hint.before, before))
    return all(re.search(pattern, text) for pattern, text in patterns)
