"""`saltern doctor` where a master and a minion run, and where something is wrong."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sites import FAST, Site, plain, short_directory


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with short_directory() as root, Site(root, master={**FAST, "auto_accept": False}) as site:
        site.start_master()
        site.start_minion("m1")
        site.start_minion("m2")
        until_known(site, {"m1", "m2"})
        site.ask("keys", action="accept", match=["m1"])
        site.wait_for_minions(["m1"])
        yield site


def until_known(site: Site, ids: set[str]) -> None:
    from lab import until

    until(lambda: ids == set(site.ask("keys", action="list")["keys"].get("minions_pre", ())), 20, "no keys came")


def examined(config: Path, role: str) -> tuple[int, list[dict[str, Any]]]:
    done = plain("doctor", role, "-c", str(config), "--out", "json")
    return done.returncode, json.loads(done.stdout)[role]


def told(findings: list[dict[str, Any]], area: str, state: str) -> list[str]:
    return [f"{one['text']} -> {one['advice']}" for one in findings if (one["area"], one["state"]) == (area, state)]


def test_a_master_that_is_well(site: Site) -> None:
    code, findings = examined(site.config, "master")

    assert code == 0
    assert {one["area"] for one in findings} == {
        "configuration", "clock", "DNS", "disk", "permissions", "certificate", "process", "version", "minions", "port",
    }  # fmt: skip
    assert told(findings, "minions", "warning") == ["1 wait to be accepted: m2 -> saltern key -L; saltern key -a ID"]
    assert f"127.0.0.1:{site.port} takes connections" in told(findings, "port", "good")[0]


def test_a_minion_that_is_well(site: Site) -> None:
    code, findings = examined(site.minion_directory("m1"), "minion")

    assert code == 0
    assert any(
        "shows the certificate of a master that is trusted" in text for text in told(findings, "certificate", "good")
    )
    assert any("the minion answers on" in text for text in told(findings, "process", "good"))


def test_a_minion_that_waits_says_what_to_do_on_the_master(site: Site) -> None:
    _, findings = examined(site.minion_directory("m2"), "minion")

    assert told(findings, "certificate", "warning") == [
        "no master has accepted this minion yet -> there: saltern key -a m2"
    ]


def test_a_key_that_others_can_read(site: Site) -> None:
    key = next((site.root / "r").rglob("ca.key"))
    key.chmod(0o644)
    try:
        code, findings = examined(site.config, "master")
    finally:
        key.chmod(0o600)

    assert code == 1
    assert told(findings, "permissions", "bad") == [f"{key} has mode 0644: others can use it -> chmod 600 {key}"]


def test_a_minion_of_another_fleet(site: Site) -> None:
    authority = next(site.minion_directory("m1").rglob("ca.crt"))
    ours = authority.read_text()
    with short_directory() as root, Site(root, master=FAST) as other:
        other.start_master()
        authority.write_text(next((root / "r").rglob("ca.crt")).read_text())
        try:
            code, findings = examined(site.minion_directory("m1"), "minion")
        finally:
            authority.write_text(ours)

    assert code == 1
    assert any("is not signed by ca.crt" in text for text in told(findings, "certificate", "bad"))
    assert any("is not trusted" in text for text in told(findings, "certificate", "bad"))


def test_hosts_where_nothing_runs(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / "master").write_text(f"root_dir: {tmp_path}/r\ninterface: 127.0.0.1\nport: {port}\nsock_dir: /s\n")
        (tmp_path / "minion").write_text(
            f"root_dir: {tmp_path}/n\nid: m1\nmaster: [no.such.host.invalid, '127.0.0.1:1']\nsock_dir: /s\n"
        )
        master = examined(tmp_path, "master")
        minion = examined(tmp_path, "minion")

    assert (master[0], minion[0]) == (1, 1)
    assert f"127.0.0.1:{port} cannot be used" in told(master[1], "port", "bad")[0]
    assert "start it: saltern master" in told(master[1], "process", "bad")[0]
    assert "no.such.host.invalid has no address" in told(minion[1], "DNS", "bad")[0]
    assert "127.0.0.1:1 takes no connection" in told(minion[1], "port", "bad")[0]


def test_a_configuration_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "master").write_text("port: many\n")

    done = plain("doctor", "-c", str(tmp_path))

    assert done.returncode == 1
    assert f"BAD  configuration  {tmp_path}/master:1:7:" in done.stdout
