"""Minions that ask other minions, and the master's runners."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sites import FAST, Site, short_directory

PEERS = {
    "peer": {"web.*": ["test\\.(ping|arg)", "publish\\..*"], "db1": ["grains.get"]},
    "peer_run": {"web1": ["manage.up"]},
}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with short_directory() as root, Site(root, master={**FAST, **PEERS}) as site:
        site.start_master()
        for name in ("web1", "db1"):
            site.start_minion(name, grains={"role": name[:-1]})
        site.wait_for_minions(("web1", "db1"))
        yield site


def said(site: Site, minion: str, *words: str) -> Any:
    return json.loads(site.run("run", minion, *words, "--out", "json").stdout)[minion]


@pytest.mark.behaviour("JOB-26", "ACL-08")
def test_a_minion_calls_what_peer_allows(site: Site) -> None:
    assert said(site, "web1", "publish.publish", "*", "test.ping") == {"db1": True, "web1": True}
    assert said(site, "web1", "publish.full_data", "db1", "test.ping") == {"db1": {"ret": True}}
    given = said(site, "web1", "publish.publish", "role:db", "test.arg", "[1, two, k=3]", "grain")["db1"]
    assert given["args"] == [1, "two"]
    assert given["kwargs"]["k"] == 3
    assert given["kwargs"]["__pub_user"] == "web1"
    assert said(site, "db1", "publish.publish", "web1", "grains.get", "role") == {"web1": "web"}
    assert said(site, "web1", "publish.publish", "nobody", "test.ping") == {}


@pytest.mark.behaviour("JOB-26", "ACL-08")
@pytest.mark.parametrize(
    ("minion", "words"),
    [
        ("web1", ("*", "cmd.run", "id")),
        ("web1", ("*", "test.ping.x")),
        ("db1", ("*", "test.ping")),
        ("web1", ("*", "publish.publish", "['*', test.ping]")),
        ("web1", ("a:b*", "test.ping", "''", "pillar")),
        ("web1", ("web1 or I@a:b*", "test.ping", "''", "compound")),
        ("web1", ("(J@a:b*)", "test.ping", "''", "compound")),
    ],
)
def test_a_minion_calls_nothing_else(site: Site, minion: str, words: tuple[str, ...]) -> None:
    assert said(site, minion, "publish.publish", *words) == {}


@pytest.mark.behaviour("RUN-05", "ACL-08")
def test_a_minion_calls_runners_that_peer_run_allows(site: Site) -> None:
    assert said(site, "web1", "publish.runner", "manage.up") == ["db1", "web1"]
    assert said(site, "web1", "publish.runner", "manage.down") == {}
    assert said(site, "db1", "publish.runner", "manage.up") == {}
