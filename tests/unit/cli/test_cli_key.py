"""`saltern key`."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from saltern.cli import exitcodes
from saltern.client import contract
from saltern.pki.authority import Authority
from saltern.pki.fingerprints import show
from scripted_master import ScriptedMaster

Command = Callable[..., int]
Output = pytest.CaptureFixture[str]

ALL = {
    "minions": ["m1"],
    "minions_pre": ["m3", "m2"],
    "minions_rejected": ["bad"],
    "minions_denied": [],
}


class KeysOfAMaster:
    """Answers `Keys` requests from a table, as the master does."""

    def __init__(self, keys: dict[str, list[str]]) -> None:
        self.keys = keys

    def __call__(self, request: contract.Keys) -> list[dict]:
        states = request.states or list(self.keys)
        chosen = {state: [m for m in self.keys[state] if self._matches(m, request.match)] for state in states}
        answer: object = chosen
        if request.action in ("print", "finger"):
            answer = {state: {m: f"text of {m}" for m in ids} for state, ids in chosen.items()}
        elif request.action in ("accept", "reject"):
            goal = {"accept": "minions", "reject": "minions_rejected"}[request.action]
            answer = {goal: sorted(m for ids in chosen.values() for m in ids)}
        return [{"kind": "end", "keys": answer}]

    @staticmethod
    def _matches(minion: str, match: list[str]) -> bool:
        import fnmatch

        globs = [glob for text in match for glob in text.split(",")]
        return not globs or any(fnmatch.fnmatchcase(minion, glob) for glob in globs)


@pytest.fixture
def keys(master: ScriptedMaster) -> ScriptedMaster:
    master.script[contract.Keys] = KeysOfAMaster(ALL)
    return master


def decisions(master: ScriptedMaster) -> list[contract.Keys]:
    return [request for request in master.asked(contract.Keys) if request.action in ("accept", "reject", "delete")]


@pytest.mark.behaviour("KEY-06")
@pytest.mark.parametrize("words", [("-L",), (), ("-l", "all")])
def test_lists_all_keys_below_salts_headings(
    saltern: Command, keys: ScriptedMaster, capsys: Output, words: tuple[str, ...]
) -> None:
    assert saltern("key", *words) == exitcodes.OK

    assert capsys.readouterr().out == (
        "Accepted Keys:\nm1\nDenied Keys:\nUnaccepted Keys:\nm2\nm3\nRejected Keys:\nbad\n"
    )


@pytest.mark.behaviour("KEY-06")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("acc", "Accepted Keys:\nm1\n"),
        ("pre", "Unaccepted Keys:\nm2\nm3\n"),
        ("un", "Unaccepted Keys:\nm2\nm3\n"),
        ("unaccepted", "Unaccepted Keys:\nm2\nm3\n"),
        ("rej", "Rejected Keys:\nbad\n"),
        ("den", "Denied Keys:\n"),
    ],
)
def test_lists_the_keys_of_one_state(
    saltern: Command, keys: ScriptedMaster, capsys: Output, name: str, shown: str
) -> None:
    saltern("key", "-l", name)

    assert capsys.readouterr().out == shown


@pytest.mark.behaviour("KEY-06")
def test_json_has_salts_names(saltern: Command, keys: ScriptedMaster, capsys: Output) -> None:
    saltern("key", "-L", "--out", "json")

    assert json.loads(capsys.readouterr().out) == ALL


@pytest.mark.behaviour("KEY-06")
@pytest.mark.parametrize(
    ("words", "prompt", "typed", "done"),
    [
        (("-a", "m2"), "Proceed? [n/Y] ", "y\n", True),
        (("-a", "m2"), "Proceed? [n/Y] ", "\n", True),
        (("-a", "m2"), "Proceed? [n/Y] ", "n\n", False),
        (("-a", "m2"), "Proceed? [n/Y] ", "", False),
        (("-r", "m2"), "Proceed? [n/Y] ", "\n", True),
        (("-d", "m2"), "Proceed? [N/y] ", "\n", False),
        (("-d", "m2"), "Proceed? [N/y] ", "y\n", True),
    ],
)
def test_asks_before_it_decides(
    saltern: Command,
    keys: ScriptedMaster,
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    prompt: str,
    typed: str,
    done: bool,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))

    assert saltern("key", *words) == exitcodes.OK

    shown = capsys.readouterr().out
    assert f"Unaccepted Keys:\nm2\n{prompt}" in shown
    assert bool(decisions(keys)) is done
    assert ("Key for minion m2 " in shown) is done


@pytest.mark.behaviour("KEY-06")
@pytest.mark.parametrize(
    ("words", "action", "match", "states"),
    [
        (("-a", "m*"), "accept", ["m*"], ["minions_pre"]),
        (("-A",), "accept", ["*"], ["minions_pre"]),
        (("-a", "m2,m3", "--include-rejected"), "accept", ["m2,m3"], ["minions_pre", "minions_rejected"]),
        (("-a", "*", "--include-denied"), "accept", ["*"], ["minions_pre", "minions_denied"]),
        (("-A", "--include-all"), "accept", ["*"], ["minions_pre", "minions_rejected", "minions_denied"]),
        (("-r", "*", "--include-accepted"), "reject", ["*"], ["minions_pre", "minions"]),
        (("-R", "--include-all"), "reject", ["*"], ["minions_pre", "minions", "minions_denied"]),
        (("-d", "bad"), "delete", ["bad"], []),
        (("-D",), "delete", ["*"], []),
    ],
)
def test_decides_on_the_keys_that_the_flags_name(
    saltern: Command, keys: ScriptedMaster, words: tuple[str, ...], action: str, match: list[str], states: list[str]
) -> None:
    saltern("key", *words, "-y")

    decision = decisions(keys)[0]
    assert (decision.action, decision.match, decision.states) == (action, match, states)


def test_says_what_it_did(saltern: Command, keys: ScriptedMaster, capsys: Output) -> None:
    saltern("key", "-a", "m*", "-y")

    assert capsys.readouterr().out == (
        "The following keys are going to be accepted:\nUnaccepted Keys:\nm2\nm3\n"
        "Key for minion m2 accepted.\nKey for minion m3 accepted.\n"
    )


def test_no_key_that_matches_is_an_error(saltern: Command, keys: ScriptedMaster, capsys: Output) -> None:
    assert saltern("key", "-a", "nobody*", "-y") == 66

    assert "nobody*" in capsys.readouterr().err
    assert decisions(keys) == []


@pytest.mark.behaviour("KEY-06")
@pytest.mark.parametrize("flag", ["-f", "-p"])
def test_prints_keys_and_fingerprints(saltern: Command, keys: ScriptedMaster, capsys: Output, flag: str) -> None:
    saltern("key", flag, "m*")

    assert capsys.readouterr().out == (
        "Accepted Keys:\nm1:  text of m1\nUnaccepted Keys:\nm2:  text of m2\nm3:  text of m3\n"
    )


def test_prints_all_fingerprints_as_data(saltern: Command, keys: ScriptedMaster, capsys: Output) -> None:
    saltern("key", "-F", "--out", "json")

    assert json.loads(capsys.readouterr().out)["minions"] == {"m1": "text of m1"}


@pytest.mark.behaviour("KEY-06")
def test_makes_a_key_pair(saltern: Command, tmp_path: Path, capsys: Output) -> None:
    assert saltern("key", "--gen-keys", "m9", "--gen-keys-dir", str(tmp_path)) == exitcodes.OK

    assert (tmp_path / "m9.pem").stat().st_mode & 0o077 == 0
    assert (tmp_path / "m9.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    assert str(tmp_path / "m9.pub") in capsys.readouterr().out


@pytest.mark.behaviour("KEY-06")
def test_prints_a_public_key_that_can_be_pasted(saltern: Command, conf: Path, capsys: Output) -> None:
    saltern("key", "--gen-keys", "m1", "--gen-keys-dir", str(conf))
    (conf / "pki" / "minions").mkdir(parents=True)
    pem = (conf / "m1.pub").read_text()
    (conf / "pki" / "minions" / "m1").write_text(pem)
    capsys.readouterr()

    assert saltern("key", "-p", "m1") == exitcodes.OK

    assert pem in capsys.readouterr().out


@pytest.mark.behaviour("KEY-06")
def test_all_fingerprints_include_the_masters_own(saltern: Command, conf: Path, capsys: Output) -> None:
    authority = Authority.open(conf / "pki")

    assert saltern("key", "-F") == exitcodes.OK

    assert capsys.readouterr().out == f"Local Keys:\nmaster:  {show(authority.fingerprint)}\n"


def test_makes_a_join_token(saltern: Command, master: ScriptedMaster, capsys: Output) -> None:
    master.script[contract.MakeToken] = [{"kind": "end", "token": "abc.def", "expires": 5.0}]

    assert saltern("key", "token", "--id", "web*", "--expires", "30m", "--uses", "3") == exitcodes.OK

    assert capsys.readouterr().out == "abc.def\n"
    token = master.asked(contract.MakeToken)[0]
    assert (token.minion, token.seconds, token.uses) == ("web*", 1800.0, 3)


@pytest.mark.behaviour("KEY-06", "KEY-11")
def test_without_a_master_the_key_store_is_used(saltern: Command, conf: Path, capsys: Output) -> None:
    saltern("key", "--gen-keys", "m1", "--gen-keys-dir", str(conf))
    for state, name in (("minions_pre", "m1"), ("minions_pre", "m2"), ("minions_rejected", "m3")):
        directory = conf / "pki" / state
        directory.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text((conf / "m1.pub").read_text())
    capsys.readouterr()

    assert saltern("key", "-a", "m1", "-y") == exitcodes.OK
    assert saltern("key", "-d", "m3", "-y") == exitcodes.OK
    assert saltern("key", "-L", "--out", "json", "--out-indent", "-1") == exitcodes.OK

    shown = capsys.readouterr().out.splitlines()
    assert [line for line in shown if line.startswith("Key for")] == [
        "Key for minion m1 accepted.",
        "Key for minion m3 deleted.",
    ]
    assert json.loads(shown[-1]) == {
        "minions": ["m1"],
        "minions_pre": ["m2"],
        "minions_rejected": [],
        "minions_denied": [],
    }
