"""SLS files that include each other."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from saltern.render.result import Rendered
from saltern.states.gather import Gathering
from saltern.states.tree import SlsTree


class Files:
    """A file tree of the environment base that holds SLS files by their data."""

    def __init__(self, **data: Any) -> None:
        self.data = data

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]:
        return [f"{name}.sls" for name in self.data]

    def file_envs(self) -> list[str]:
        return ["base"]


def gathered(**data: Any) -> Any:
    files = Files(**data)
    tree = SlsTree(files, lambda file, _: Rendered(files.data[file.name], f"salt://{file.name}.sls", None))
    return Gathering(tree).add({"base": ["a"]})


@pytest.mark.behaviour("STA-07")
def test_a_circle_of_includes_is_logged_with_its_way(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = gathered(
            a={"include": ["b"], "x": "test.nop"}, b={"include": ["c"]}, c={"include": ["a"], "y": "test.nop"}
        )
    assert (found.errors, sorted(found.states)) == ([], ["x", "y"])
    [told] = [record.getMessage() for record in caplog.records]
    assert told == "salt://c.sls:1: SLS base:a includes itself through base:b, base:c; it takes part once"


def test_a_file_that_two_others_include_is_no_circle(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = gathered(a={"include": ["b", "c"]}, b={"include": ["d"]}, c={"include": ["d"]}, d={"x": "test.nop"})
    assert (found.errors, list(found.states), caplog.records) == ([], ["x"], [])
