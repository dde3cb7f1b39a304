"""`saltern match` and `saltern output`: matching and showing without a master."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from saltern.cli import match, output, show
from saltern.errors import ArgumentError, TargetError, UserError

TABLE = {"nodegroups": {"webs": "web*"}, "minions": [{"id": "web1", "grains": {"os": "Debian"}}, {"id": "db1"}]}


@pytest.fixture
def files(tmp_path):
    def write(table=TABLE, *expressions):
        (tmp_path / "minions.json").write_text(json.dumps(table))
        (tmp_path / "exprs.json").write_text(json.dumps(list(expressions)))
        return ["--minions", str(tmp_path / "minions.json"), "--expr-file", str(tmp_path / "exprs.json")]

    return write


def test_match_prints_who_is_meant_by_each_expression(files, capsys):
    words = files(
        TABLE,
        {"name": "a", "tgt": "web*", "tgt_type": "glob"},
        {"name": "b", "tgt": "not N@webs", "tgt_type": "compound"},
        {"name": "c", "tgt": "os|Debian", "tgt_type": "grain", "delimiter": "|"},
        {"name": "d", "tgt": "web* and", "tgt_type": "compound"},
        {"name": "e", "tgt": ["web1", "x"], "tgt_type": "list"},
    )
    assert match.main([*words, "--out", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"a": ["web1"], "b": ["db1"], "c": ["web1"], "d": [], "e": ["web1"]}


def test_match_can_be_strict(files):
    words = files(TABLE, {"name": "a", "tgt": "web* and", "tgt_type": "compound"})
    with pytest.raises(TargetError, match="ends after 'and'"):
        match.main([*words, "--strict"])


@pytest.mark.parametrize("table", [{}, [], {"minions": [{}]}, {"minions": 5}])
def test_match_tells_what_its_files_lack(files, table):
    with pytest.raises(ArgumentError):
        match.main(files(table, {"name": "a", "tgt": "*"}))


def test_match_tells_of_files_that_it_cannot_read(files, tmp_path):
    words = files()
    (tmp_path / "minions.json").write_text("{")
    with pytest.raises(ArgumentError, match=r"minions\.json cannot be read"):
        match.main(words)
    with pytest.raises(UserError):
        match.main([])


@pytest.mark.behaviour("OUT-02")
def test_output_shows_a_file(tmp_path, capsys):
    (tmp_path / "data.json").write_text('{"m1": {"b": 1, "a": [true]}}')
    words = ["json", "--file", str(tmp_path / "data.json"), "--opts", '{"output_indent": -1}']
    assert output.main(words) == 0
    assert capsys.readouterr().out == '{"m1": {"b": 1, "a": [true]}}\n'


def test_output_shows_several_things_one_after_the_other(tmp_path, capsys):
    (tmp_path / "data.json").write_text('{"_each": [{"m1": 1}, {"m2": 2}]}')
    assert show.main(["nested", "--file", str(tmp_path / "data.json")]) == 0
    assert capsys.readouterr().out == "m1:\n    1\nm2:\n    2\n"


def test_output_reads_standard_input_and_quiet_prints_nothing(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"m1": true}'))
    assert show.main(["quiet"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("words", [["nested", "--opts", "5"], ["nested", "--opts", "{"], ["nested", "--file", "/none"]])
def test_output_tells_what_it_cannot_read(words, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("{}"))
    with pytest.raises(ArgumentError):
        show.main(words)


@pytest.mark.parametrize("module", ["match", "output", "show"])
def test_the_commands_are_programs_too(module):
    done = subprocess.run(
        [sys.executable, "-m", f"saltern.cli.{module}", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("usage: saltern ")
