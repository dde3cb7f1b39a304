"""Refuses tests that name a behaviour which does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
BEHAVIOURS = Path(__file__).parent.parent / "docs" / "behaviours.tsv"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    known = {line.partition("\t")[0] for line in BEHAVIOURS.read_text(encoding="utf-8").splitlines()}
    unknown = sorted(
        f"{item.nodeid}: {named}"
        for item in items
        for mark in item.iter_markers("behaviour")
        for named in mark.args
        if named not in known
    )
    if unknown:
        raise pytest.UsageError("behaviours that docs/behaviours.tsv does not know:\n" + "\n".join(unknown))
