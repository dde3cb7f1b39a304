"""`ini` reads and changes files as Salt 3008.2 does: texts recorded from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

pytestmark = pytest.mark.behaviour("LDR-14")
TEXT = "; top\nglob = 1\n[main]\na = 1\nb=2\n# c\nc : 3\n[other]\nx = y=z\n k  =  v w \nempty =\nnoval\n[main2]\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "x.ini").write_text(TEXT)
    return tmp_path / "x.ini"


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path)


def test_what_a_file_says(minion: Shipped, place: Path):
    assert minion.call("ini.get_ini", str(place)) == {
        "glob": "1",
        "main": {"a": "1", "b": "2"},
        "other": {"x": "y=z\n k  =  v w ", "empty": ""},
        "main2": {},
    }
    assert minion.call("ini.get_section", str(place), "main") == {"a": "1", "b": "2"}
    assert minion.call("ini.get_section", str(place), "none") == {}
    assert minion.call("ini.get_option", str(place), "main", "a") == "1"
    assert minion.call("ini.get_option", str(place), "main", "zz") is None
    assert minion.call("ini.get_ini", "/nonexistent.ini") == {}


def test_options_are_set_and_comments_stay(minion: Shipped, place: Path):
    changes = minion.call("ini.set_option", str(place), {"main": {"a": 5, "new": "n"}, "fresh": {"q": "r"}})
    assert changes == {
        "main": {"a": {"before": "1", "after": "5"}, "new": {"before": None, "after": "n"}},
        "fresh": {"before": None, "after": {"q": "r"}},
    }
    assert place.read_text() == (
        "; top\nglob = 1\n\n[main]\na = 5\nb = 2\n# c\nc : 3\nnew = n\n\n[other]\nx = y=z\n k  =  v w \n"
        "empty = \nnoval\n\n[main2]\n\n[fresh]\nq = r\n"
    )


def test_options_before_all_sections(minion: Shipped, place: Path):
    changes = minion.call("ini.set_option", str(place), {"glob": 2, "g2": 3})
    assert changes == {"glob": {"before": "1", "after": "2"}, "g2": {"before": None, "after": "3"}}
    assert place.read_text().startswith("; top\nglob = 2\ng2 = 3\n\n[main]\n")


def test_nothing_changes_where_nothing_is_new(minion: Shipped, place: Path):
    assert minion.call("ini.set_option", str(place), {"main": {"a": 1}}) == {}


def test_options_and_sections_go(minion: Shipped, place: Path):
    assert minion.call("ini.remove_option", str(place), "main", "b") == "2"
    assert minion.call("ini.remove_option", str(place), "main", "b") is None
    assert minion.call("ini.remove_section", str(place), "other") == {"x": "y=z\n k  =  v w ", "empty": ""}
    assert minion.call("ini.remove_section", str(place), "other") is None
    assert place.read_text() == "; top\nglob = 1\n\n[main]\na = 1\n# c\nc : 3\n\n[main2]\n"


def test_other_separators(minion: Shipped, place: Path):
    minion.call("ini.set_option", str(place), {"main": {"a": 6}}, no_spaces=True)
    assert "[main]\na=6\nb=2\n# c\nc : 3\n" in place.read_text()
    changes = minion.call("ini.set_option", str(place), {"main": {"a": 7}}, separator=":")
    assert changes == {"main": {"a": {"before": None, "after": "7"}}}
    assert "[main]\na=6\nb=2\n# c\nc : 3\na : 7\n" in place.read_text()


def test_a_file_that_cannot_be_written_is_named(minion: Shipped):
    said = minion.outcome("ini.set_option", "/proc/x.ini", {"a": {"b": 1}}).value
    assert "Unable to write file '/proc/x.ini'" in said
