"""The systems of the acceptance tests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lab import Lab, until
from sites import FAST, Site, short_directory


@pytest.fixture
def new_lab() -> Iterator[Callable[..., Lab]]:
    """Makes laboratories, each with options of its master; they are closed after the test."""
    with contextlib.ExitStack() as stack:

        def make(**master: Any) -> Lab:
            place = stack.enter_context(short_directory())
            return stack.enter_context(Lab(place, master={**FAST, **master}))

        yield make


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One system for all tests that leave it as it was; they share the group `site`, and so one process of tests."""
    with short_directory() as place:
        roots = place / "srv"
        roots.mkdir()
        options = {
            **FAST,
            "file_roots": {"base": [str(roots)]},
            "nodegroups": {"webs": "web*", "all_db": "G@role:db"},
        }
        with Site(place, master=options) as lab:
            lab.start_master()
            for name, role in (("web1", "web"), ("web2", "web"), ("db1", "db"), ("gone1", "gone")):
                lab.start_minion(name, grains={"role": role})
            lab.wait_for_minions(("web1", "web2", "db1", "gone1"))
            lab.stop("gone1")
            until(lambda: "gone1" not in lab.connected(), 10, "gone1 is still there")
            yield lab
