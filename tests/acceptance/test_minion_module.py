"""`minion.*`: a minion ends and starts itself, and no return is lost by it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
from lab import Lab, until
from sites import documents


def answer(lab: Lab, minion: str, *words: str) -> Any:
    return documents(lab.run("run", minion, *words, "--out", "json").stdout)[minion]


def minion_processes(lab: Lab, name: str) -> set[int]:
    """The first processes of a minion: those that no process of the same minion started."""
    place = str(lab.minion_directory(name))
    found = {}
    for process in psutil.process_iter(["pid", "ppid", "cmdline", "status"]):
        words = process.info["cmdline"] or []
        if place in words and "minion" in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found[process.info["pid"]] = process.info["ppid"]
    return {pid for pid, parent in found.items() if parent not in found}


def test_a_minion_starts_itself_again_and_ends_itself(new_lab: Callable[..., Lab]) -> None:
    lab = new_lab()
    lab.start_master()
    lab.start_minion("web1")
    lab.wait_for_minions(("web1",))
    first = lab.pid("web1")
    told = answer(lab, "web1", "minion.restart", "systemd=False")
    assert (told["killed"], told["retcode"]) == (first, 0)
    until(lambda: minion_processes(lab, "web1") - {first} != set(), 20, "the minion is not started again")
    [second] = minion_processes(lab, "web1") - {first}
    try:
        lab.wait_for_minions(("web1",))
        assert answer(lab, "web1", "test.ping") is True
        assert answer(lab, "web1", "minion.list")["minions"] == []
        jid = lab.run("run", "--async", "web1", "minion.kill").stdout.split()[-1]
        until(lambda: not minion_processes(lab, "web1"), 20, "the minion has not ended")
        lab.stop("web1")
        lab.start_minion("web1")
        lab.wait_for_minions(("web1",))
        until(lambda: bool(lab.json("runner", "jobs.lookup_jid", jid)), 20, "the return is lost")
        assert lab.json("runner", "jobs.lookup_jid", jid)["web1"]["killed"] == second
    finally:
        if second in minion_processes(lab, "web1"):
            os.kill(second, signal.SIGTERM)
