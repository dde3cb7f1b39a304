"""States of services, whose processes are really started and stopped, in a throw-away root.

Comments are those of Salt 3008.2; what test mode foresees is what is done then.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped
from test_services import PID_FILE, trial_service

from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")

NAME = "trial"
GRAINS = {"os_family": "Debian", "os": "Debian", "kernel": "Linux"}


@pytest.fixture
def minion(tmp_path) -> Shipped:
    return Shipped(tmp_path, grains=GRAINS)


def told(minion: Shipped, fun: str, name: str = NAME, **kwargs) -> tuple:
    result = minion.state(fun, name, **kwargs)
    return result["result"], result["changes"], result["comment"]


@in_throwaway_root
def test_a_service_runs(minion):
    with trial_service():
        assert told(minion, "service.running", test=True) == (None, {NAME: True}, "Service trial is set to start")
        assert not PID_FILE.exists()
        assert told(minion, "service.running") == (True, {NAME: True}, "Started service trial")
        assert told(minion, "service.running") == (True, {}, "The service trial is already running")
        dead = told(minion, "service.dead", test=True)
        assert dead == (None, {NAME: False}, "Service trial is set to be killed")
        assert told(minion, "service.dead") == (True, {NAME: False}, "Service trial was killed")
        assert told(minion, "service.dead") == (True, {}, "The service trial is already dead")


@in_throwaway_root
def test_a_service_runs_and_is_started_at_boot(minion):
    with trial_service():
        assert told(minion, "service.running", enable=True) == (
            True,
            {NAME: True},
            "Service trial has been enabled, and is running",
        )
        assert told(minion, "service.running", enable=True)[1] == {}
        foreseen = told(minion, "service.running", enable=False, test=True)
        done = told(minion, "service.running", enable=False)
        assert foreseen == (None, {NAME: True}, "Service trial set to be disabled")
        assert done == (True, {NAME: True}, "Service trial has been disabled, and is in the desired state")
        foreseen = told(minion, "service.dead", enable=True, test=True)
        done = told(minion, "service.dead", enable=True)
        assert foreseen[1] == done[1] == {NAME: True}
        assert done[2] == "Service trial has been enabled, and is dead"


@in_throwaway_root
def test_a_service_is_started_at_boot_or_not(minion):
    with trial_service():
        assert told(minion, "service.enabled", test=True) == (None, {NAME: True}, "Service trial set to be enabled")
        done = told(minion, "service.enabled")
        assert done == (True, {NAME: True}, "Service trial has been enabled, and is in the desired state")
        again = told(minion, "service.enabled")
        assert again == (True, {}, "Service trial is already enabled, and is in the desired state")
        done = told(minion, "service.disabled")
        assert done == (True, {NAME: True}, "Service trial has been disabled, and is in the desired state")
        again = told(minion, "service.disabled")
        assert again == (True, {}, "Service trial is already disabled, and is in the desired state")


@in_throwaway_root
def test_a_service_that_is_not_there(minion):
    with trial_service():
        missing = "The named service nosuch is not available"
        assert told(minion, "service.running", "nosuch") == (False, {}, missing)
        assert told(minion, "service.running", "nosuch", test=True) == (
            None,
            {},
            "Service nosuch not present; if created in this state run, it would have been started",
        )
        assert told(minion, "service.enabled", "nosuch", test=True) == (
            None,
            {},
            "Service nosuch not present; if created in this state run, it would have been enabled",
        )
        assert told(minion, "service.dead", "nosuch") == (True, {}, missing)
        assert told(minion, "service.enabled", "nosuch") == (False, {}, missing)
        assert told(minion, "service.disabled", "nosuch") == (True, {}, missing)
        assert told(minion, "service.masked", "nosuch") == (False, {}, "Service masking not available on this minion")


@in_throwaway_root
def test_services_are_left_alone_where_systemd_is_there_and_does_not_run(minion):
    """As in Salt: in an image that is being built units can be enabled, and nothing can be started."""
    Path("/usr/bin/systemctl").write_text("#!/bin/sh\nexit 1\n")
    Path("/usr/bin/systemctl").chmod(0o755)
    for function in ("service.running", "service.dead"):
        for test in (True, False):
            assert told(minion, function, test=test) == (True, {}, "Running in OFFLINE mode. Nothing to do")
    assert minion.call("service.offline") is True


@in_throwaway_root
def test_a_service_that_does_not_start(minion):
    with trial_service() as script:
        script.write_text("#!/bin/sh\nexit 1\n")
        assert told(minion, "service.running") == (False, {}, "Service trial failed to start")
        assert told(minion, "service.running", timeout=0.3)[0] is False


@in_throwaway_root
def test_a_watched_change_restarts_or_reloads(minion):
    sls = "trial:\n  service.{fun}:\n    - watch: [test: change]\n{more}change:\n  test.succeed_with_changes: []\n"

    def watched(fun: str, more: str = "", **kwargs) -> tuple:
        minion.write("base/main.sls", sls.format(fun=fun, more=more))
        anew = Shipped(minion.work, grains=GRAINS)  # a space reads a file once
        results = {one["__id__"]: one for one in anew.call("state.apply", "main", **kwargs).values()}
        return tuple(results[NAME][key] for key in ("result", "changes", "comment"))

    with trial_service():
        # a state that starts the service has made the change already
        assert watched("running") == (True, {NAME: True}, "Started service trial")
        first = PID_FILE.read_text()
        assert watched("running") == (True, {NAME: True}, "Service restarted")
        second = PID_FILE.read_text()
        assert first != second
        assert watched("running", "    - reload: true\n") == (True, {NAME: True}, "Service reloaded")
        assert PID_FILE.read_text() == second
        forced = watched("running", "    - reload: true\n    - force: true\n")
        assert forced == (True, {NAME: True}, "Service forcefully reloaded")
        unable = watched("enabled")
        assert unable == (True, {NAME: True}, "Service trial has been enabled, and is in the desired state")
        assert watched("enabled") == (False, {}, "Unable to trigger watch for service.enabled")
        assert told(minion, "service.mod_watch", sfun="running", test=True) == (
            None,
            {NAME: True},
            "Service is set to be restarted",
        )
        assert told(minion, "service.mod_watch", sfun="dead") == (True, {NAME: True}, "Service stopped")
        assert told(minion, "service.mod_watch", sfun="dead") == (True, {}, "Service is already stopped")
        assert told(minion, "service.mod_watch", sfun="running") == (True, {NAME: True}, "Service started")


FAKE = """
state = {}
def offline(): return False
def available(name): return True
def status(name, sig=None): return state.get("run", False)
def start(name, no_block=False): state["run"] = not state.get("masked"); return state["run"]
def stop(name): state["run"] = False; return True
def masked(name, runtime=False): return state.get("masked", False) and not runtime
def mask(name, runtime=False): state["masked"] = True; return True
def unmask(name, runtime=False): state["masked"] = False; return True
"""


def test_masks(minion):
    """Where masks are: a module of services that keeps them in memory."""
    minion.write("cache/extmods/modules/service.py", FAKE)
    foreseen, done = told(minion, "service.masked", test=True), told(minion, "service.masked")
    assert foreseen == (None, {"masked": {"old": False, "new": True}}, "Service trial would be masked")
    assert done == (True, {"masked": {"old": False, "new": True}}, "Service trial was masked")
    assert told(minion, "service.masked") == (True, {}, "Service trial is already masked")
    assert told(minion, "service.running")[0] is False
    change = {"masked": {"old": True, "new": False}}
    foreseen = told(minion, "service.running", unmask=True, test=True)
    assert foreseen == (
        None,
        {NAME: True, **change},
        "Service trial is set to start\nService trial would be unmasked",
    )
    done = told(minion, "service.running", unmask=True)
    assert done == (True, {NAME: True, **change}, "Started service trial\nService trial was unmasked")
    assert told(minion, "service.unmasked") == (True, {}, "Service trial was already unmasked")
