"""Small execution modules: answers and faults as recorded from Salt 3008.2."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from saltern.assembly.services import SERVICES


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    made = Shipped(
        tmp_path,
        pillar={"tier": "gold", "app": {"port": 80}},
        grains={"roles": ["web"]},
        store={"driver": "sqlite3", "database": str(tmp_path / "s.db")},
        files={"driver": "yaml", "files": [str(tmp_path / "v.yaml")]},
        surroundings={"driver": "env"},
    )
    made.space.scope.services = SERVICES
    return made


@pytest.mark.behaviour("TGT-12")
@pytest.mark.parametrize(
    ("fun", "args", "expected"),
    [
        ("compound", ["bogus@x"], False),
        ("compound", ["m* and G@roles:web and I@tier:g*"], True),
        ("list", [["m1"]], True),
        ("list", ["a,b"], False),
        ("data", ["spam:eggs"], True),
        ("search_by", [{"a": "m*", "b": ["zz"]}], ["a"]),
        ("search_by", [{"b": ["zz"]}], None),
        ("filter_by", [{"m*": {"a": 1}, "m1": {"b": 2}}], {"a": 1}),
        ("ifelse", ["m*", "yes", "no"], "yes"),
    ],
)
def test_whether_this_minion_is_meant(minion: Shipped, fun: str, args: list[Any], expected: Any):
    minion.call("data.update", "spam", "eggs")
    assert minion.call(f"match.{fun}", *args) == expected


@pytest.mark.behaviour("LDR-14")
def test_data_is_kept_for_its_owner_only(minion: Shipped):
    assert minion.call("data.cas", "z", 1, 2) is False
    assert minion.call("data.dump", "no json") is False
    minion.call("data.dump", {"a": 1})
    assert (minion.work / "cache" / "datastore").stat().st_mode & 0o777 == 0o600
    assert minion.call("data.pop", "none", "d") == "d"
    (minion.work / "cache" / "datastore").write_bytes(b"\xc1")
    assert "datastore cannot be read" in minion.outcome("data.load").value


@pytest.mark.behaviour("LDR-14")
def test_the_defaults_of_a_formula_are_those_of_its_file(minion: Shipped):
    minion.write("base/app/defaults.yaml", "port: 99\nname: a\n")
    assert minion.call("defaults.get", "app:port") == 99
    assert minion.call("defaults.get", "app:name") == "a"
    assert minion.call("defaults.get", "nosuch:k", "d") == "d"
    assert minion.call("defaults.merge", {"a": [1]}, {"a": [2]}) == {"a": [2]}


@pytest.mark.behaviour("LDR-14")
@pytest.mark.parametrize(
    ("fun", "args", "said"),
    [
        ("hashutil.digest", ["x", "bogus"], "Hash func 'bogus' is not supported."),
        ("hashutil.digest_file", ["/none"], "File path '/none' not found."),
        ("random.hash", ["x", "bogus"], "You must specify a valid algorithm."),
        ("random.str_encode", ["text", "hex"], "Value must be an encode-able string"),
    ],
)
def test_what_cannot_be_is_told_in_salts_words(minion: Shipped, fun: str, args: list[Any], said: str):
    assert said in minion.outcome(fun, *args).value


@pytest.mark.behaviour("LDR-14")
@pytest.mark.parametrize("path", ["salt://no/such.sls", "/none"])
def test_a_file_that_is_not_there_renders_to_nothing(minion: Shipped, path: str, caplog: pytest.LogCaptureFixture):
    assert minion.call("slsutil.renderer", path) == {}
    assert f"{path} cannot be rendered: " in caplog.text


@pytest.mark.behaviour("LDR-14")
def test_random_texts_are_of_the_wanted_kind(minion: Shipped):
    assert re.fullmatch(r"[a-z0-9]{40}", minion.call("random.get_str", 40, uppercase=False, punctuation=False))
    assert minion.call("random.get_str", 40) != minion.call("random.get_str", 40)
    assert minion.call("random.shuffle", [1, 2, 3], seed="s") == minion.call("random.shuffle", [1, 2, 3], seed="s")
    assert re.fullmatch(r"\$6\$abc\$[./\w]{86}", minion.call("random.shadow_hash", "abc", "pw"))


@pytest.mark.behaviour("SDB-01", "SDB-02", "SDB-03")
def test_values_of_other_stores(minion: Shipped, monkeypatch: pytest.MonkeyPatch):
    assert minion.call("sdb.get", "plain") == "plain"
    assert minion.call("sdb.get", "sdb://none/x") == "sdb://none/x"
    assert minion.call("sdb.set", "sdb://none/x", "v") is False
    assert 'SDB profile "none" wasnt found' in minion.outcome("sdb.get", "sdb://none/x", strict=True).value

    assert minion.call("sdb.set", "sdb://store/k", {"a": [1]}) is True
    assert minion.call("sdb.get", "sdb://store/k") == {"a": [1]}
    assert (minion.work / "s.db").stat().st_mode & 0o777 == 0o600
    made = minion.call("sdb.get_or_set_hash", "sdb://store/secret", 12)
    assert len(made) == 12
    assert minion.call("sdb.get", "sdb://store/secret") == made

    minion.write("v.yaml", "deep: {er: 5}\n")
    assert minion.call("sdb.get", "sdb://files/deep:er") == 5
    monkeypatch.setenv("SALTERN_TEST", "here")
    assert minion.call("sdb.get", "sdb://surroundings/SALTERN_TEST") == "here"
    assert minion.call("sdb.delete", "sdb://surroundings/SALTERN_TEST") is True
