"""`xml` finds and changes elements: answers recorded from Salt 3008.2."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

pytestmark = pytest.mark.behaviour("LDR-14")


@pytest.fixture
def file(tmp_path: Path) -> str:
    place = tmp_path / "x.xml"
    place.write_text('<?xml version="1.0"?>\n<r a="1"><s b="2">text</s><s><t/></s></r>')
    return str(place)


def test_values_and_attributes(tmp_path: Path, file: str):
    minion = Shipped(tmp_path)
    assert minion.call("xml.get_value", file, ".//s") == "text"
    assert minion.call("xml.get_value", file, ".//none") is False
    assert minion.call("xml.get_value", file, ".//t") is None
    assert minion.call("xml.get_attribute", file, ".") == {"a": "1"}
    assert minion.call("xml.get_attribute", file, ".//zz") is False
    assert minion.call("xml.set_value", file, ".//s", "new") is True
    assert minion.call("xml.set_attribute", file, ".//s", "c", 3) is True
    assert Path(file).read_text() == '<r a="1"><s b="2" c="3">new</s><s><t /></s></r>'


@pytest.mark.parametrize("fun", ["get_value", "get_attribute"])
def test_what_cannot_be_read_is_named(tmp_path: Path, file: str, fun: str):
    minion = Shipped(tmp_path)
    assert "/none.xml" in minion.outcome(f"xml.{fun}", "/none.xml", "x").value
    Path(file).write_text("<a")
    assert "line 1" in minion.outcome(f"xml.{fun}", file, "x").value
    assert f"{file} has no element" not in minion.outcome(f"xml.{fun}", file, "x").value


def test_an_element_that_is_to_change_must_be_there(tmp_path: Path, file: str):
    minion = Shipped(tmp_path)
    assert "no element at .//zz" in minion.outcome("xml.set_value", file, ".//zz", "x").value
    assert "no element at .//zz" in minion.outcome("xml.set_attribute", file, ".//zz", "k", "x").value
