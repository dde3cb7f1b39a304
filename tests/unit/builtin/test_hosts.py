"""`hosts` changes a file as Salt 3008.2 does: texts recorded from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

pytestmark = pytest.mark.behaviour("LDR-14")
TEXT = "127.0.0.1 localhost\n192.0.2.1\ta.example a # note\n# c\n\n192.0.2.1 zz\nbad\n  10.0.0.1   sp1  sp2\n"
WHOLE = "127.0.0.1\t\tlocalhost\n192.0.2.1\t\ta.example a zz{more}\t\t# note\n# c\nbad\n10.0.0.1\t\tsp1 sp2\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "hosts").write_text(TEXT)
    return tmp_path / "hosts"


@pytest.fixture
def minion(tmp_path: Path, place: Path) -> Shipped:
    return Shipped(tmp_path, **{"hosts.file": str(place)})


def test_what_the_file_says(minion: Shipped):
    assert minion.call("hosts.list_hosts") == {
        "127.0.0.1": {"aliases": ["localhost"]},
        "192.0.2.1": {"aliases": ["a.example", "a", "zz"], "comment": "note"},
        "comment-0": ["# c"],
        "bad": {"aliases": []},
        "10.0.0.1": {"aliases": ["sp1", "sp2"]},
    }
    assert minion.call("hosts.get_ip", "zz") == "192.0.2.1"
    assert minion.call("hosts.get_ip", "none") == ""
    assert minion.call("hosts.get_alias", "9.9.9.9") == []
    assert minion.call("hosts.has_pair", "192.0.2.1", ["a", "zz"]) is True
    assert minion.call("hosts.has_pair", "192.0.2.1", ["a", "q"]) is False


@pytest.mark.parametrize(
    ("fun", "args", "text"),
    [
        (
            "set_host",
            ["192.0.2.1", "new"],
            "127.0.0.1 localhost\n192.0.2.1\t\tnew\n# c\n\nbad\n  10.0.0.1   sp1  sp2\n",
        ),
        ("set_host", ["192.0.2.9", "n1 n2"], TEXT + "192.0.2.9\t\tn1 n2\n"),
        ("set_host", ["192.0.2.9", ["n1", "n2"]], TEXT + "192.0.2.9\t\tn1 n2\n"),
        ("set_host", ["192.0.2.1", ""], "127.0.0.1 localhost\n# c\n\nbad\n  10.0.0.1   sp1  sp2\n"),
        (
            "set_host",
            ["192.0.2.1", "a", "hey"],
            "127.0.0.1 localhost\n192.0.2.1\t\ta\t\t# hey\n# c\n\nbad\n  10.0.0.1   sp1  sp2\n",
        ),
        ("add_host", ["192.0.2.1", "b"], WHOLE.format(more=" b")),
        ("add_host", ["192.0.2.8", "k"], WHOLE.format(more="") + "192.0.2.8\t\tk\n"),
        ("add_host", ["192.0.2.1", "a"], TEXT),
        ("rm_host", ["1.1.1.1", "zz"], TEXT),
        ("rm_host", ["192.0.2.1", "zz"], TEXT.replace("192.0.2.1 zz\n", "")),
        ("rm_host", ["192.0.2.1", "a.example"], TEXT.replace("192.0.2.1\ta.example a # note", "192.0.2.1\t\ta # note")),
        ("set_comment", ["192.0.2.1", "new"], WHOLE.format(more="").replace("note", "new")),
    ],
)
def test_changes_of_the_file(minion: Shipped, place: Path, fun: str, args: list[str], text: str):
    assert minion.call(f"hosts.{fun}", *args) is True
    assert place.read_text() == text


def test_an_address_that_is_not_there_has_no_comment(minion: Shipped, place: Path):
    assert minion.call("hosts.set_comment", "9.9.9.9", "x") is False
    assert place.read_text() == TEXT


def test_a_missing_file_is_made(minion: Shipped, place: Path):
    place.unlink()
    assert minion.call("hosts.list_hosts") == {}
    minion.call("hosts.add_host", "192.0.2.8", "k")
    assert place.read_text() == "192.0.2.8\t\tk\n"
