"""`supervisord` and its states over a supervisord of their own; its functions against what Salt 3008.2 answered."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from thrice import Trial
from transcript import differences, entries_of

from servers import program

# Each call starts supervisorctl anew.
pytestmark = pytest.mark.timeout(600)

NAME = "supervisord_of_salt"


@pytest.fixture
def work(tmp_path: Path):
    program("supervisorctl")
    yield tmp_path
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((tmp_path / "sv.pid").read_text()), signal.SIGTERM)


@pytest.mark.behaviour("LDR-14")
def test_functions_answer_as_salt_does(work: Path):
    assert differences(NAME, work, {}) == []


@pytest.fixture
def trial(work: Path) -> Trial:
    """A minion beside a supervisord that is just started."""
    script = entries_of(NAME)[0]["sh"].replace("@WORK@", str(work))
    subprocess.run(["sh", "-ec", script], cwd=work, check=True)
    trial = Trial(work)
    ends = time.monotonic() + 60
    while not trial.minion.call("supervisord.status_bool", "one", conf_file=str(work / "sv.conf")):
        assert time.monotonic() < ends
        time.sleep(0.1)
    return trial


@pytest.mark.behaviour("STM-02", "TST-01")
def test_states(trial: Trial, work: Path):
    conf = {"conf_file": str(work / "sv.conf")}
    started = trial.thrice("supervisord.running", "two", **conf)
    assert (started.foreseen, started.done) == ("Service two will be started", "Starting service: two")
    assert trial.minion.call("supervisord.status_bool", "two", **conf) is True
    idle = trial.told("supervisord.running", "two", **conf)
    assert idle == (True, "Not starting already running service: two", {})
    before = trial.minion.call("supervisord.status", "two", **conf)
    restarted = trial.told("supervisord.running", "two", restart=True, **conf)
    assert restarted == (True, "Restarting service: two", {"two": "Restarting service: two"})
    assert trial.minion.call("supervisord.status", "two", **conf)["two"]["reason"] != before["two"]["reason"]
    trial.minion.call("supervisord.stop", "grp:three", **conf)
    group = trial.thrice("supervisord.running", "grp:", **conf)
    assert group.foreseen == "The following services will be started: grp:three"
    (work / "conf.d" / "five.conf").write_text("[program:five]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    added = trial.thrice("supervisord.running", "five", **conf)
    assert added.foreseen == "Service 'five' will be added and started"
    unknown = trial.told("supervisord.running", "nope", **conf)
    assert (unknown[0], unknown[2]) == (False, {})
    assert "no such process" in unknown[1]
    stopped = trial.thrice("supervisord.dead", "two", **conf)
    assert stopped.done == "Stopping service: two"
    assert trial.told("supervisord.dead", "two", **conf)[1] == "Service two is not running"
    (work / "conf.d" / "six.conf").write_text("[program:six]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    updated = trial.thrice("supervisord.running", "six", update=True, **conf)
    assert updated.changes == {"six": "Updating supervisor"}
    assert trial.told("supervisord.mod_watch", "six", **conf)[1] == "Restarting service: six"
