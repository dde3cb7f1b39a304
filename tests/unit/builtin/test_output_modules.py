"""Modules that show what plugins of other kinds give: outputters and returners."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path)


@pytest.mark.parametrize(
    ("out", "expected"),
    [("json", '{\n    "a": 1\n}'), ("yaml", "a: 1"), ("nested", "----------\na:\n    1"), ("raw", "{'a': 1}")],
)
def test_a_value_as_an_outputter_prints_it(minion: Shipped, out: str, expected: str):
    assert minion.call("out.string_format", {"a": 1}, out=out).strip() in (
        expected,
        expected.removeprefix("----------\n"),
    )


def test_html_keeps_spaces_and_escapes_marks(minion: Shipped):
    assert minion.call("out.html_format", {"a": "<b>"}, out="json") == (
        '{<br />&nbsp;&nbsp;&nbsp;&nbsp;"a":&nbsp;"&lt;b&gt;"<br />}'
    )


def test_an_unknown_outputter_is_named_with_those_that_are_known(minion: Shipped):
    assert (
        "There is no outputter 'nosuch'. Known are: highstate, json, key"
        in minion.outcome("out.string_format", {}, out="nosuch").value
    )


def test_returners_that_keep_nothing_say_so(minion: Shipped):
    assert "The returner 'nosuch' is not available" in minion.outcome("ret.get_jid", "nosuch", "1").value
    assert "keeps nothing that get_jids could read" in minion.outcome("ret.get_jids", "local").value


def test_temporary_files_are_their_owners_alone(minion: Shipped, tmp_path: Path):
    folder, file = minion.call("temp.dir", parent=str(tmp_path)), minion.call("temp.file", "y", "x", str(tmp_path))
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert Path(file).stat().st_mode & 0o777 == 0o600
    assert Path(file).name.startswith("x") and Path(file).name.endswith("y")
    assert "there is no such directory" in minion.outcome("temp.dir", parent=str(tmp_path / "none")).value
