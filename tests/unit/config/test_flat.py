from __future__ import annotations

import string
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from saltern.config.flat import parse_flat, read_flat

ODD_WORDS = """
yes No TRUE off null ~ 0123 1_000 0x1f 12:30 12:30:45 1e3 1.5 .inf 2026-01-02 127.0.0.1 127.0.0.1:4510 a:b a:
- = << _1 0 00 7 -7 +1 /srv/salt web1.example.com 'quoted' "q" [a] &a *a %a @a `a
"""
QUOTED = ["'a b'", '"a # b"', "'it''s'", '"\\t"', "''", '"', "'a", "'a' b", "'a'b'", '"012"', "'a: b'", "'a' # b"]
WORDS = st.sampled_from([*ODD_WORDS.split(), "a: b", "a #b", "a# b", "{a: b}", "&a b", "!t a", "| ", "> x", *QUOTED])
LINES = st.one_of(
    st.builds("{}: {}".format, st.text(string.ascii_letters + "_-.", min_size=1, max_size=6), WORDS),
    st.builds("{}: {}".format, WORDS, WORDS),
    st.builds("{}:{}{}".format, st.sampled_from("abc"), st.sampled_from(["", " ", "  ", "\t"]), WORDS),
    st.builds("{}# {}".format, st.sampled_from(["", "  ", "a: b ", "a: b"]), st.text(string.printable, max_size=5)),
    st.sampled_from(["", "  ", "\t", "---", "...", "- a", "  more", "%YAML 1.1", "a: b  ", "a: b # c"]),
    st.text(string.printable, max_size=8),
)


@given(st.lists(LINES, max_size=6).map("\n".join))
@example("a: b\n more")
@example("a: b\n# comment\n  more")
@example("port: 4510\nid: web1\nmaster: 127.0.0.1:4510\nauto_accept: True\n")
def test_a_flat_text_means_what_it_means_to_yaml(text):
    found = parse_flat(text)
    if found is not None:
        assert found == (yaml.safe_load(text) or {})


def test_the_usual_small_file_is_flat():
    text = """
# a minion
id: "web1"
master: salt.example.com:4510   # the near one

master_port: 4510
auto_accept: yes
"""
    expected = {"id": "web1", "master": "salt.example.com:4510", "master_port": 4510, "auto_accept": True}
    assert parse_flat(text) == expected


@pytest.mark.parametrize(
    "text",
    ["a: [1]", "a:\n  b: c", "a: 'it''s'", 'a: "\\t"', "a: 010", "a: 1.5", "a:", "a: b\na: c", "a: ~", "---\na: b"],
)
def test_what_is_not_flat_is_left_to_yaml(text):
    assert parse_flat(text) is None


def test_a_file_with_other_than_ascii_is_left_to_yaml(tmp_path: Path):
    (tmp_path / "master").write_text("user: jörg\n", encoding="utf-8")
    assert read_flat(str(tmp_path / "master")) is None
    (tmp_path / "master").write_text("user: joerg\n", encoding="utf-8")
    assert read_flat(str(tmp_path / "master")) == {"user": "joerg"}


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        read_flat(str(tmp_path / "none"))
