"""docs/reference/errors.md, from the error tree."""

from __future__ import annotations

from collections.abc import Iterator

from pages.source import one_line
from saltern.errors import SalternError

_INTRODUCTION = """
# Errors

Each error has an exit code, which a command ends with, and an HTTP status. Below an error stand its special cases.

| error | meaning | exit code | HTTP status |
|---|---|---|---|
"""


def page() -> str:
    return _INTRODUCTION.lstrip() + "\n".join(_rows(SalternError, 0)) + "\n"


def _rows(kind: type[SalternError], depth: int) -> Iterator[str]:
    indent = "&emsp;" * depth
    yield f"| {indent}{kind.__name__} | {one_line(kind.__doc__ or '')} | {kind.exit_code} | {kind.http_status} |"
    for child in kind.__subclasses__():
        if child.__module__ == SalternError.__module__:
            yield from _rows(child, depth + 1)
