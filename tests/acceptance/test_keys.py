"""Enrolment on a running system: who is let in, by whom, and what that changes at once (KEY)."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lab import SALTERN, Lab, until
from sites import FAST, Site, part, read_events, short_directory

from saltern.pki.fingerprints import certificate_fingerprint

pytestmark = pytest.mark.xdist_group("keys")
QUICK = {"acceptance_wait_time": 0.5}
HEX = r"[0-9a-f:]{32,}"


@pytest.fixture(scope="module")
def gate() -> Iterator[Site]:
    """A master that lets nobody in by itself. Each test has minions of its own."""
    with short_directory() as place, Site(place, master={**FAST, "auto_accept": False}) as lab:
        lab.start_master()
        yield lab


def keys(lab: Lab) -> dict[str, list[str]]:
    found: dict[str, list[str]] = lab.json("key", "-L")
    return found


def until_in(lab: Lab, state: str, minion: str) -> None:
    until(lambda: minion in keys(lab)[state], 15, lambda: f"{minion} is not in {state}: {keys(lab)}\n{lab.log(minion)}")


def until_log(lab: Lab, name: str, text: str) -> None:
    until(lambda: re.search(text, lab.log(name)) is not None, 15, lambda: f"no {text!r} in {name}:\n{lab.log(name)}")


def pki(lab: Lab, minion: str) -> Path:
    return lab.minion_directory(minion) / "r/etc/saltern/pki/minion"


def auth_events(lab: Lab, minion: str, count: int) -> list[dict[str, Any]]:
    """The first events `salt/auth` about a minion."""
    found: list[dict[str, Any]] = []
    for number in range(1, 200):
        (_, data) = read_events(lab, "salt/auth", number)[-1]
        found += [data] if data["id"] == minion else []
        if len(found) == count:
            break
    return found


@pytest.mark.behaviour("KEY-01", "KEY-03", "KEY-04", "KEY-06")
def test_a_new_minion_waits_and_accepting_it_takes_effect_at_once(gate: Site) -> None:
    gate.start_minion("p1", acceptance_wait_time=60)
    until_in(gate, "minions_pre", "p1")
    assert gate.run("run", "p1", "test.ping").returncode == 2
    waiting = gate.root / "r/etc/saltern/pki/master/minions_pre/p1"
    assert waiting.read_text().startswith("-----BEGIN PUBLIC KEY-----")

    fingerprint = gate.json("key", "-f", "p1")["minions_pre"]["p1"]
    assert fingerprint.replace(":", "") in gate.log("p1").replace(":", "")
    accepted = gate.run("key", "-a", "p1", "-y")
    started = time.monotonic()
    gate.wait_for_minions(["p1"], 10)
    assert time.monotonic() - started < 10, "it waited for its next question"

    assert "p1" in accepted.stdout
    assert keys(gate)["minions"] == ["p1"]
    assert not waiting.exists()
    assert gate.run("run", "p1", "test.ping").returncode == 0
    [auth] = auth_events(gate, "p1", 1)
    golden = {"result": True, "act": "pend", "id": "p1"}
    assert part(auth, golden) == golden
    assert auth["pub"].startswith("-----BEGIN PUBLIC KEY-----")
    [(_, key)] = read_events(gate, "salt/key", 1)
    golden = {"result": True, "act": "accept", "id": "p1"}
    assert part(key, golden) == golden


@pytest.mark.behaviour("KEY-01")
def test_private_keys_are_for_their_owner_alone(gate: Site) -> None:
    own = gate.root / "r/etc/saltern/pki/master"
    for path in (own / "ca.key", own / "master.key"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    for name in ("minions", "minions_pre", "minions_rejected", "minions_denied"):
        assert (own / name).is_dir()


@pytest.mark.behaviour("KEY-06")
def test_the_listing_has_salts_headings_and_names(gate: Site) -> None:
    gate.start_minion("p2", **QUICK)
    until_in(gate, "minions_pre", "p2")
    lines = [line.strip() for line in gate.run("key", "-L", "--no-color").stdout.splitlines()]
    headings = [line for line in lines if line.endswith("Keys:")]

    assert headings == ["Accepted Keys:", "Denied Keys:", "Unaccepted Keys:", "Rejected Keys:"]
    assert lines.index("p2") > lines.index("Unaccepted Keys:")
    assert list(keys(gate)) == ["minions", "minions_denied", "minions_pre", "minions_rejected"]
    assert gate.json("key", "-l", "un") == {"minions_pre": ["p2"]}
    assert gate.json("key", "-l", "pre") == {"minions_pre": ["p2"]}
    assert gate.json("key", "-l", "all") == keys(gate)
    assert gate.json("key", "-p", "p2")["minions_pre"]["p2"].startswith("-----BEGIN PUBLIC KEY-----")
    assert re.fullmatch(HEX, gate.json("key", "-F")["minions_pre"]["p2"])
    assert gate.run("key", "-a", "nobody*", "-y").returncode == 66


@pytest.mark.behaviour("KEY-06")
def test_decisions_are_asked_for(gate: Site) -> None:
    gate.start_minion("p3", **QUICK)
    until_in(gate, "minions_pre", "p3")

    def answer(line: str, *words: str) -> str:
        command = [*SALTERN, "key", "-c", str(gate.config), *words]
        return subprocess.run(command, input=line, capture_output=True, text=True, timeout=30, check=True).stdout

    assert "Proceed? [n/Y]" in answer("n\n", "-a", "p3")
    assert "p3" in keys(gate)["minions_pre"]
    assert "Proceed? [N/y]" in answer("\n", "-d", "p3")
    assert "p3" in keys(gate)["minions_pre"]
    answer("\n", "-a", "p3")
    assert "p3" in keys(gate)["minions"]
    gate.wait_for_minions(["p3"])
    answer("y\n", "-d", "p3")
    assert "p3" not in keys(gate)["minions"]


@pytest.mark.behaviour("KEY-03", "KEY-08")
def test_a_rejected_minion_ends_unless_it_shall_ask_again(gate: Site) -> None:
    gate.start_minion("r1", **QUICK)
    gate.start_minion("r2", rejected_retry=True, **QUICK)
    for minion in ("r1", "r2"):
        until_in(gate, "minions_pre", minion)
    gate.run("key", "-r", "r1,r2", "-y")

    assert {"r1", "r2"} <= set(keys(gate)["minions_rejected"])
    until(lambda: not gate.alive("r1"), 15, "r1 goes on asking")
    assert gate.stop("r1") == 77
    gate.start_minion("r1")
    until(lambda: not gate.alive("r1"), 15, "r1 goes on asking")
    assert auth_events(gate, "r1", 2)[1]["act"] == "reject"
    assert gate.alive("r2")
    gate.run("key", "-a", "r2", "--include-rejected", "-y")
    gate.wait_for_minions(["r2"])


@pytest.mark.behaviour("KEY-08")
def test_a_minion_that_waits_finds_its_master_again(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(auto_accept=False)
    lab.start_minion("w1", **QUICK)
    lab.start_master()
    until_in(lab, "minions_pre", "w1")
    lab.stop_master()
    lab.start_master()
    lab.run("key", "-A", "-y")
    lab.wait_for_minions(["w1"])


@pytest.mark.behaviour("KEY-03")
def test_the_same_id_with_another_key_is_denied_and_harms_nobody(gate: Site) -> None:
    gate.start_minion("d1", **QUICK)
    until_in(gate, "minions_pre", "d1")
    gate.run("key", "-a", "d1", "-y")
    gate.wait_for_minions(["d1"])
    gate.start_minion("stranger", id="d1", rejected_retry=True, **QUICK)
    until_in(gate, "minions_denied", "d1")

    assert auth_events(gate, "d1", 2)[1]["act"] == "denied"
    assert auth_events(gate, "d1", 2)[1]["result"] is False
    assert "d1" in keys(gate)["minions"]
    assert gate.json("run", "d1", "test.ping") == {"d1": True}
    gate.stop("stranger")
    gate.run("key", "-d", "d1", "-y")


@pytest.mark.behaviour("KEY-07")
def test_deleting_a_key_cuts_that_minion_alone_and_at_once(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(heartbeat_interval=60)
    lab.start_master()
    lab.start_minions(("cut", "kept"), **QUICK)
    for name in ("cut", "kept"):
        until(lambda name=name: "connected to master" in lab.log(name), 10, f"{name} does not say so")
    since = {name: len(re.findall("connected to master", lab.log(name))) for name in ("cut", "kept")}
    jid = lab.run("run", "kept", "--async", "cmd.run", "sleep 1; echo unharmed").stdout.split()[-1]
    # From here on nobody gets in by itself.
    lab.run("key", "-d", "cut", "-y")

    assert "cut" not in lab.ask("fleet")["minions"] or not lab.ask("fleet")["minions"]["cut"]["connected"]
    until(lambda: lab.ask("job", jid=jid)["counts"].get("returned") == 1, 15, "the other minion's job is lost")
    assert len(re.findall("connected to master", lab.log("kept"))) == since["kept"]
    [(_, data)] = read_events(lab, "salt/key", 1)
    golden = {"result": True, "act": "delete", "id": "cut"}
    assert part(data, golden) == golden
    # It has to enrol anew, which this master grants.
    until(lambda: len(re.findall("connected to master", lab.log("cut"))) > since["cut"], 20, "it did not ask again")


@pytest.mark.behaviour("KEY-05")
def test_a_join_token_lets_in_once(gate: Site) -> None:
    token = gate.run("key", "token", "--id", "t*").stdout.strip()
    gate.start_minion("t1", join_token=token, **QUICK)
    gate.wait_for_minions(["t1"])
    assert "as pinned" in gate.log("t1")
    gate.start_minion("t2", join_token=token, **QUICK)
    until_in(gate, "minions_pre", "t2")
    gate.start_minion("x1", join_token=gate.run("key", "token", "--id", "t*").stdout.strip(), **QUICK)
    until_in(gate, "minions_pre", "x1")
    assert token not in gate.log("master")
    assert token not in gate.log("t1")


@pytest.mark.behaviour("KEY-05", "GRN-08")
def test_rules_let_in_and_shut_out(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(auto_accept=False, autosign_file="/sign", autoreject_file="/reject", autosign_grains_dir="/grains")
    root = lab.root / "r"
    (root / "grains").mkdir(parents=True)
    (root / "sign").write_text("# listed\nweb*\ndb[0-9]\nbad1\n")
    (root / "reject").write_text("bad*\n")
    (root / "grains" / "site").write_text("berlin\n")
    stubs = root / "etc/saltern/pki/master/minions_autosign"
    stubs.mkdir(parents=True)
    (stubs / "stub1").touch()
    lab.start_master()
    lab.start_minion("web7", **QUICK)
    lab.start_minion("bad1", **QUICK)
    lab.start_minion("stub1", **QUICK)
    lab.start_minion("b1", grains={"site": "berlin"}, autosign_grains=["site"], **QUICK)
    lab.start_minion("p1", grains={"site": "paris"}, autosign_grains=["site"], **QUICK)
    lab.wait_for_minions(("web7", "stub1", "b1"))
    until_in(lab, "minions_pre", "p1")
    until_in(lab, "minions_rejected", "bad1")

    assert sorted(keys(lab)["minions"]) == ["b1", "stub1", "web7"]
    assert not (stubs / "stub1").exists()
    acts = {data["id"]: data["act"] for _, data in read_events(lab, "salt/auth", 5)}
    assert acts == {"web7": "accept", "stub1": "accept", "b1": "accept", "p1": "pend", "bad1": "reject"}


@pytest.mark.behaviour("KEY-03")
def test_a_full_master_says_so(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(max_minions=1)
    lab.start_master()
    lab.start_minions(("f1",))
    lab.start_minion("f2", **QUICK)
    until_log(lab, "f2", "full")
    assert keys(lab)["minions"] == ["f1"]
    assert read_events(lab, "salt/auth", 2)[1][1]["act"] == "full"
    lab.stop("f1")
    lab.wait_for_minions(["f2"])


@pytest.mark.behaviour("KEY-11", "KEY-06")
def test_a_key_that_was_made_ahead_is_accepted_at_first_contact(gate: Site) -> None:
    made = gate.root / "made"
    gate.run("key", "--gen-keys", "seed1", "--gen-keys-dir", str(made))
    assert stat.S_IMODE((made / "seed1.pem").stat().st_mode) & 0o077 == 0
    shutil.copy(made / "seed1.pub", gate.root / "r/etc/saltern/pki/master/minions/seed1")
    pki(gate, "seed1").mkdir(parents=True, mode=0o700)
    shutil.copy(made / "seed1.pem", pki(gate, "seed1") / "minion.key")
    gate.start_minion("seed1")
    gate.wait_for_minions(["seed1"])
    assert gate.json("run", "seed1", "test.ping") == {"seed1": True}


@pytest.mark.behaviour("KEY-09")
def test_a_master_is_pinned_by_its_fingerprint(gate: Site) -> None:
    fingerprint = certificate_fingerprint((gate.root / "r/etc/saltern/pki/master/ca.crt").read_text())
    assert fingerprint in gate.log("master").replace(":", "")
    assert gate.json("key", "-F")["local"]["master"].replace(":", "") == fingerprint
    wrong = ("0" if fingerprint[0] != "0" else "1") + fingerprint[1:]
    gate.start_minion("pin1", master_finger=fingerprint, **QUICK)
    gate.start_minion("pin2", master_fingerprint=wrong, **QUICK)
    until_in(gate, "minions_pre", "pin1")
    until_log(gate, "pin2", "fingerprint")

    assert gate.run("key", "-a", "pin1", "-y").returncode == 0
    gate.wait_for_minions(["pin1"])
    assert "(as pinned)" in gate.log("pin1")
    # The wrong master is told nothing, not even the id.
    assert not any("pin2" in ids for ids in keys(gate).values())
    assert "pin2" not in gate.log("master")


@pytest.mark.behaviour("KEY-09")
def test_a_minion_keeps_to_the_master_that_it_met_first(new_lab: Callable[..., Lab]) -> None:
    first = new_lab()
    first.start_master()
    first.start_minions(("loyal",))
    assert "(at first use, not pinned)" in first.log("loyal")
    first.stop_master()
    authority = (pki(first, "loyal") / "ca.crt").read_text()
    with short_directory() as place, Lab(place, master={**FAST, "auto_accept": True}, port=first.port) as other:
        other.start_master()
        until_log(first, "loyal", "(?i)(certificate|authority|trust)[^\n]*")
        time.sleep(1)
        assert other.connected() == set()
        assert not any(keys(other).values())
    assert (pki(first, "loyal") / "ca.crt").read_text() == authority
    first.start_master()
    assert first.stop("loyal") == 0
    first.start_minions(["loyal"])


def test_a_certificate_is_renewed_before_it_ends(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(certificate_days=1)
    lab.start_master()
    lab.start_minions(("old",))
    before = (pki(lab, "old") / "minion.crt").read_text()
    key = (pki(lab, "old") / "minion.key").read_text()
    lab.stop_master()
    # Of a certificate for thirty days less than a third is left.
    config = lab.config / "master"
    config.write_text(config.read_text().replace("certificate_days: 1\n", "certificate_days: 30\n"))
    lab.start_master()
    until(lambda: (pki(lab, "old") / "minion.crt").read_text() != before, 20, "the certificate is the old one")
    lab.wait_for_minions(["old"])

    assert (pki(lab, "old") / "minion.key").read_text() == key
    assert lab.json("run", "old", "test.ping") == {"old": True}
    assert keys(lab)["minions"] == ["old"]


@pytest.mark.behaviour("KEY-02")
def test_an_id_that_would_be_a_path_is_refused(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minion("climber", id="../../climber", **QUICK)
    until(lambda: not lab.alive("climber") or "cannot be a minion id" in lab.log("climber"), 15, "it is not refused")
    assert not any(keys(lab).values())
    assert not list(lab.root.rglob("master/**/climber"))


@pytest.mark.behaviour("KEY-06")
def test_keys_are_managed_without_a_master_too(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab(auto_accept=False)
    lab.start_master()
    lab.start_minion("late", **QUICK)
    until_in(lab, "minions_pre", "late")
    lab.stop_master()
    assert lab.run("key", "-A", "-y").returncode == 0
    assert keys(lab)["minions"] == ["late"]
    lab.start_master()
    lab.wait_for_minions(["late"])
    assert os.listdir(lab.root / "r/etc/saltern/pki/master/minions_pre") == []


@pytest.mark.behaviour("KEY-10")
def test_a_minion_makes_a_new_key(new_lab: Callable[..., Lab]):
    lab = new_lab()
    lab.start_master()
    lab.start_minions(["m1"])

    def key() -> str:
        return lab.run("key", "-f", "m1", "--out", "json").stdout

    before = key()
    assert lab.json("run", "m1", "saltutil.regen_keys") == {"m1": None}
    assert lab.json("run", "m1", "test.ping") == {"m1": True}
    assert lab.run("key", "-d", "m1", "-y").returncode == 0
    until(lambda: key() not in ("", before), 30, "m1 has no new key")
    lab.wait_for_minions(["m1"])
    assert lab.json("run", "m1", "test.ping") == {"m1": True}
