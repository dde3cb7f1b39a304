"""Pillar from a CSV file: the row of the minion, a value for each column."""

from __future__ import annotations

import csv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

__virtualname__ = "csv"


def __virtual__() -> str:
    return __virtualname__


def ext_pillar(
    mid: str,
    pillar: dict[str, Any],
    path: str,
    idkey: str = "id",
    namespace: str | None = None,
    fieldnames: Sequence[str] | None = None,
    restkey: str | None = None,
    restval: str | None = None,
    dialect: str = "excel",
) -> dict[str, Any]:
    """The first row whose column `idkey` is the minion's id; below `namespace`, if one is given.

    `fieldnames` name the columns of a file without a line of names; `restkey` takes what a row has beyond them,
    `restval` stands for what it lacks. `dialect` is one of Python's csv module.
    """
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, fieldnames=fieldnames, restkey=restkey, restval=restval, dialect=dialect)
        row = next((dict(one) for one in rows if one.get(idkey) == mid), {})
    return {namespace: row} if namespace else row
