"""What is wrong in a YAML document: the words of the parser, the lines around the place, and what to do about it."""

from __future__ import annotations

from yaml.constructor import ConstructorError
from yaml.error import MarkedYAMLError
from yaml.parser import ParserError
from yaml.reader import ReaderError
from yaml.scanner import ScannerError

from saltern.errors import RenderError
from saltern.plugin_api.excerpt import excerpt
from saltern.plugin_api.yaml.hints import hint_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from yaml.error import Mark

_TELLING = (ScannerError, ParserError, ConstructorError)
"""Errors that Salt words itself; of others it shows what the YAML library says."""


def fault_of(error: Exception, text: str | bytes, file: str = "") -> RenderError:
    """The `RenderError` that an exception of the YAML library means for a text, which an error calls `file`."""
    source = text if isinstance(text, str) else text.decode(errors="replace")
    if isinstance(error, RecursionError):
        return RenderError("the data is nested too deeply", file=file, unforeseen=True)
    if isinstance(error, ReaderError):
        line = source.count("\n", 0, error.position) + 1
        return RenderError(_with_lines(str(error), source, line), file=file, line=line, unforeseen=True)
    if not isinstance(error, MarkedYAMLError):
        return RenderError(str(error), file=file, unforeseen=True)
    mark = error.problem_mark or error.context_mark
    hint = hint_for(str(error.problem or ""), source.splitlines(), mark.line + 1 if mark else 0)
    place = _cause(error) or mark
    line, column = (place.line + 1, place.column + 1) if place else (0, 0)
    return RenderError(
        _message(error, source, mark),
        file=file,
        line=line,
        column=column,
        hint=hint,
        unforeseen=not isinstance(error, _TELLING),
    )


def _cause(error: MarkedYAMLError) -> Mark | None:
    """Where a bracket or quote was opened that is not closed: the parser only notices later."""
    unclosed = "flow" in str(error.context or "") or "end of stream" in str(error.problem or "")
    return error.context_mark if unclosed else None


def _message(error: MarkedYAMLError, source: str, mark: Mark | None) -> str:
    told = str(error)
    if isinstance(error, ScannerError):
        told = f"{error.problem}\n{error.problem_mark}" if error.problem_mark else str(error.problem)
    if mark is None or "conflicting ID" in told:
        return told
    return _with_lines(told, source, mark.line + 1)


def _with_lines(told: str, source: str, line: int) -> str:
    return f"{told}\n\n{excerpt(source, line)}"
