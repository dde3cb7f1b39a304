"""A fault test that fails shows the ends of the logs of its laboratory."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from lab import Lab

_SHOWN = 6_000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        given = getattr(item, "funcargs", {}).values()
        for lab in {id(lab): lab for lab in given if isinstance(lab, Lab)}.values():
            for path in sorted(lab.root.glob("*.log")):
                report.sections.append((f"log of {path.stem}", lab.log(path.stem)[-_SHOWN:]))
    return report
