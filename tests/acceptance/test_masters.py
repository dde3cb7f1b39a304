"""Several masters for one minion (SCL-01, SCL-02)."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lab import Lab, until
from sites import FAST, short_directory

pytestmark = pytest.mark.xdist_group("keys")
Pair = tuple[Lab, Lab]


@pytest.fixture
def pair() -> Iterator[Callable[..., Pair]]:
    """Two masters with one authority, as masters of one fleet have it."""
    with contextlib.ExitStack() as stack:

        def make(**second: Any) -> Pair:
            labs = [
                stack.enter_context(Lab(stack.enter_context(short_directory()), master={**FAST, "id": name, **options}))
                for name, options in (("ma", {}), ("mb", second))
            ]
            labs[0].start_master()
            own, other = (lab.root / "r/etc/saltern/pki/master" for lab in labs)
            other.mkdir(parents=True, mode=0o700)
            for name in ("ca.key", "ca.crt"):
                shutil.copy2(own / name, other / name)
            labs[1].start_master()
            return labs[0], labs[1]

        yield make


@pytest.mark.behaviour("SCL-01")
def test_a_minion_serves_two_masters_at_once(pair: Callable[..., Pair]) -> None:
    first, second = pair()
    addresses = [f"127.0.0.1:{lab.port}" for lab in (first, second)]
    first.start_minion("both", master=addresses)
    for lab in (first, second):
        lab.wait_for_minions(["both"])

    jids = [
        lab.run("run", "both", "--async", "cmd.run", "sleep 0.5; echo $$").stdout.split()[-1] for lab in (first, second)
    ]
    for lab, jid in zip((first, second), jids, strict=True):
        until(lambda lab=lab, jid=jid: lab.ask("job", jid=jid)["counts"].get("returned") == 1, 15, "no return")
    assert first.run("jobs", "show", jids[1]).returncode == 66
    first.stop_master()
    assert second.json("run", "both", "test.ping") == {"both": True}
    first.start_master()
    first.wait_for_minions(["both"])
    assert first.json("run", "both", "test.ping") == {"both": True}


@pytest.mark.behaviour("SCL-01", "KEY-03")
def test_each_master_decides_for_itself_whom_it_lets_in(pair: Callable[..., Pair]) -> None:
    first, second = pair(auto_accept=False)
    addresses = [f"127.0.0.1:{lab.port}" for lab in (first, second)]
    first.start_minion("both", master=addresses, acceptance_wait_time=0.5)
    first.wait_for_minions(["both"])
    until(lambda: second.json("key", "-L")["minions_pre"] == ["both"], 15, lambda: first.log("both"))
    jid = first.run("run", "both", "--async", "cmd.run", "sleep 1; echo undisturbed").stdout.split()[-1]

    second.run("key", "-a", "both", "-y")
    second.wait_for_minions(["both"])
    assert second.json("run", "both", "test.ping") == {"both": True}
    until(lambda: first.ask("job", jid=jid)["counts"].get("returned") == 1, 15, "the first master's job is lost")
    second.run("key", "-d", "both", "-y")
    assert second.connected() == set()
    assert first.json("run", "both", "test.ping") == {"both": True}
    until(lambda: second.json("key", "-L")["minions_pre"] == ["both"], 15, lambda: first.log("both"))
    assert first.stop("both") == 0


@pytest.mark.behaviour("SCL-02")
def test_a_minion_goes_to_the_next_master_when_the_first_is_gone(pair: Callable[..., Pair]) -> None:
    first, second = pair()
    addresses = [f"127.0.0.1:{lab.port}" for lab in (first, second)]
    first.start_minion("fickle", master=addresses, master_type="failover")
    first.wait_for_minions(["fickle"])
    assert second.connected() == set()

    jid = first.run("run", "fickle", "--async", "cmd.run", "sleep 1; echo for the first").stdout.split()[-1]
    until(lambda: first.ask("job", jid=jid)["counts"].get("running") == 1, 10, "it does not run")
    first.stop_master()
    second.wait_for_minions(["fickle"])
    assert second.json("run", "fickle", "test.ping") == {"fickle": True}
    # The return of the first master's job waits for the first master.
    first.start_master()
    second.stop_master()
    first.wait_for_minions(["fickle"])
    until(lambda: first.ask("job", jid=jid)["counts"].get("returned") == 1, 15, "the return is lost")
