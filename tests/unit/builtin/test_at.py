"""Commands that wait for their time, in a throw-away root without the daemon that would run them."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    program("at")
    return Shipped(tmp_path, grains={"kernel": "Linux"})


def told(minion: Shipped, fun: str, name: str, **kwargs) -> tuple:
    result = minion.state(fun, name, **kwargs)
    return result["result"], result["changes"], result["comment"]


@in_throwaway_root
def test_commands_wait(minion):
    minion.call("at.atrm", "all")
    made = minion.call("at.at", "23:05 2040-01-02", "echo hi", tag="trial")["jobs"]
    number = made[0]["job"]
    one = {"date": "2040-01-02", "time": "23:05", "job": number, "queue": "a", "tag": "trial", "user": "root"}
    assert made == [one]
    assert minion.call("at.atq") == {"jobs": [one]}
    assert minion.call("at.atq", "other") == {"jobs": []}
    assert minion.call("at.atc", number).endswith("### SALT: trial\necho hi\n".rstrip("\n"))
    assert minion.call("at.atc", 999999) == {"error": "invalid job id '999999'"}
    assert minion.call("at.jobcheck", tag="trial", hour=23, year=2040) == {"jobs": [one]}
    assert minion.call("at.jobcheck", hour=22)["jobs"] == []
    assert minion.outcome("at.at", "no time at all", "x").value == {"jobs": [], "error": "invalid timespec"}
    assert minion.call("at.atrm", number) == {"jobs": {"removed": [str(number)], "tag": None}}
    assert minion.call("at.atrm", number) == {"jobs": {"removed": [], "tag": None}}


@in_throwaway_root
def test_states(minion):
    minion.call("at.atrm", "all")
    common = {"timespec": "23:05 2040-01-02", "tag": "trial", "unique_tag": True}
    said = "job echo hi added and will run on 23:05 2040-01-02"
    assert told(minion, "at.present", "echo hi", test=True, **common) == (None, {}, said)
    changes = {"job": "echo hi", "timespec": "2040-01-02 23:05", "tag": "trial", "user": "root"}
    assert told(minion, "at.present", "echo hi", **common) == (True, changes, said)
    assert told(minion, "at.present", "echo hi", **common) == (True, {}, "atleast one job with tag trial exists.")
    needed = told(minion, "at.present", "x", timespec="noon", unique_tag=True)
    assert needed == (False, {}, "no tag provided and unique_tag is set to True")
    failed = told(minion, "at.present", "x", timespec="never ever")
    assert failed == (False, {}, "failed to add job: invalid timespec")
    assert told(minion, "at.present", "x", timespec="noon", user="nosuch")[2] == "user nosuch does not exists"
    assert told(minion, "at.absent", "x", tag="trial", test=True) == (None, {}, "removed 1 job(s)")
    done = told(minion, "at.absent", "x", tag="trial")
    assert done[0] is True
    assert done[2] == "removed 1 job(s)"
    assert told(minion, "at.absent", "x", tag="trial") == (True, {}, "removed 0 job(s)")
    assert told(minion, "at.absent", "x", jobid=99999) == (True, {}, "job with id 99999 not present")
