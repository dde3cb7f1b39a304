"""`quota` on a file system in an image, and its state over programs that switch files; shapes are Salt 3008.2's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from quota_tools import make_quota_tools
from shipped import Shipped
from thrice import Trial

from servers import program

pytestmark = pytest.mark.behaviour("LDR-14")


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[str]:
    """A file system with files of quotas."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts file systems")
    program("setquota")
    image, mount = tmp_path / "image", tmp_path / "mnt"
    mount.mkdir()
    for argv in (
        ["truncate", "-s", "20M", str(image)],
        ["mkfs.ext4", "-q", str(image)],
        ["mount", "-o", "loop,usrquota,grpquota", str(image), str(mount)],
        ["quotacheck", "-cugm", str(mount)],
    ):
        subprocess.run(argv, check=True, capture_output=True)
    yield str(mount)
    subprocess.run(["umount", str(mount)], check=True)


def test_limits(mounted: str, tmp_path: Path):
    call = Shipped(tmp_path / "minion").call
    given = {"user": "daemon", "block-soft-limit": 1048, "file-hard-limit": "20"}
    whole = {"block-soft-limit": 1048, "block-hard-limit": 0, "file-soft-limit": 0, "file-hard-limit": 20}
    assert call("quota.set", mounted, **given) == {"User: daemon": whole}
    more = {"group": "daemon", "block-hard-limit": 5}
    assert call("quota.set", mounted, **more)["Group: daemon"]["block-hard-limit"] == 5
    # What is not named stays: a limit that is set takes no other away.
    again = call("quota.set", mounted, **{"user": "daemon", "file-soft-limit": 10})
    assert again == {"User: daemon": {**whole, "file-soft-limit": 10}}
    found = call("quota.report", mounted)[mounted]
    assert found["User Quotas"]["Block Grace Time"] == found["User Quotas"]["Inode Grace Time"] == ["7days"]
    assert found["User Quotas"]["Users"]["daemon"] == {
        "block-used": "0", "block-soft-limit": "1048", "block-hard-limit": "0", "block-grace": "0",
        "file-used": "0", "file-soft-limit": "10", "file-hard-limit": "20", "file-grace": "0",
    }  # fmt: skip
    assert found["Group Quotas"]["Groups"]["daemon"]["block-hard-limit"] == "5"
    assert found["User Quotas"]["Users"]["root"]["file-used"] == "2"


def test_who_is_meant_has_to_be_said(mounted: str, tmp_path: Path):
    minion = Shipped(tmp_path / "minion")
    wrong = {
        "A valid user or group was not found": {},
        "Please specify a user or group, not both.": {"user": "a", "group": "b"},
        "user nosuch does not exist": {"user": "nosuch", "file-hard-limit": 1},
    }
    for reason, given in wrong.items():
        done = minion.outcome("quota.set", mounted, **given)
        assert done.faults
        assert reason in str(done.value)


def test_a_place_without_quotas_has_none(tmp_path: Path):
    program("setquota")
    call = Shipped(tmp_path).call
    nowhere = f"{tmp_path}/nosuch"
    assert call("quota.get_mode", nowhere) == {nowhere: "Not found"}
    empty = {"User Quotas": {"Users": {}}, "Group Quotas": {"Groups": {}}}
    assert call("quota.report", nowhere) == {nowhere: empty}
    assert call("quota.stats")["Number of dquot lookups"].isdigit()


@pytest.fixture
def trial(tmp_path: Path, monkeypatch) -> Trial:
    program("setquota")
    monkeypatch.setenv("PATH", f"{make_quota_tools(tmp_path / 'kernel')}:{os.environ['PATH']}")
    return Trial(tmp_path)


@pytest.mark.behaviour("STM-02", "TST-01")
def test_quotas_are_switched(trial: Trial, tmp_path: Path):
    done = trial.thrice("quota.mode", "/mnt", mode=True, quotatype="user")
    assert done == ("Quota for /mnt needs to be set to on", "Set quota for /mnt to on", {"quota": "/mnt"})
    assert trial.minion.call("quota.get_mode", "/mnt") == {
        "/mnt": {"device": "/dev/loop0", "user": "on", "group": "off"}
    }
    told = trial.told("quota.mode", "/mnt", mode="off", quotatype="group")
    assert told == (True, "Quota for /mnt already set to off", {})
    trial.thrice("quota.mode", "/mnt", mode="off", quotatype="user")
    (tmp_path / "kernel" / "refuse").touch()
    told = trial.told("quota.mode", "/mnt", mode="on", quotatype="user")
    assert (told[0], told[2]) == (False, {})
    assert "Quota format not supported in kernel" in told[1]


def test_what_has_no_quotas_cannot_be_switched(trial: Trial):
    assert trial.told("quota.mode", "/home", mode=True, quotatype="user")[0] is False
    told = trial.told("quota.mode", "/mnt", mode="maybe", quotatype="user")
    assert told == (False, "mode has to be on or off, and quotatype user or group", {})
    assert trial.minion.call("quota.get_mode", "/home") == {"/home": "disabled"}
