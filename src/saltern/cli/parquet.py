"""Jobs with their returns as a Parquet file, for tools that read tables by columns."""

from __future__ import annotations

import os
from pathlib import Path

from saltern.cli.output import CannotWrite, as_json
from saltern.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_ROWS = 10_000
_CHARACTERS = 16 << 20
"""A group of rows ends with so many, or with so much text."""
_KINDS = {
    "success": "bool_", "retcode": "int64", "created": "float64", "started": "float64", "finished": "float64",
}  # fmt: skip
"""Columns that are no text. Times are seconds since 1970, UTC; `arguments` and `return` are JSON."""


def write_parquet(name: str, columns: Iterable[str], lines: Iterable[dict[str, Any]]) -> None:
    """Write lines of `jobs export` to a file for the user alone, which appears when it is complete."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UserError(
            f"Parquet needs the library pyarrow ({error})", hint="pip install 'saltern[parquet]'"
        ) from error
    if name == "-":
        raise UserError("a Parquet file cannot go to standard output", hint="--file NAME.parquet")
    schema = pyarrow.schema([(column, getattr(pyarrow, _KINDS.get(column, "string"))()) for column in columns])
    part = Path(f"{name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file, pyarrow.parquet.ParquetWriter(file, schema, compression="zstd") as to:
            for some in _portions(lines):
                to.write_table(pyarrow.Table.from_pylist(some, schema=schema))
        part.replace(name)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CannotWrite(f"{name} cannot be written: {error.strerror}") from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _portions(lines: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    room = _CHARACTERS
    for line in lines:
        texts = {name: as_json(line[name], indent=None) for name in ("arguments", "return") if line[name] is not None}
        some.append({**line, **texts})
        room -= sum(map(len, texts.values()))
        if len(some) == _ROWS or room <= 0:
            yield some
            some, room = [], _CHARACTERS
    yield some
