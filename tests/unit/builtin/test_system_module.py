"""Stopping the host (whose programs are scripts here), its clock, its names, and calls as another user."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14")


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path, grains={"kernel": "Linux", "os_family": "Debian"})


@in_throwaway_root
def test_stopping_the_host(minion):
    for name in ("shutdown", "halt", "poweroff", "init"):
        place = Path("/usr/local/bin", name)
        place.write_text('#!/bin/sh\necho "$(basename $0) $*"\n')
        place.chmod(0o755)
    os.environ["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    assert shutil.which("shutdown") == "/usr/local/bin/shutdown"
    assert minion.call("system.reboot") == "shutdown -r now"
    assert minion.call("system.reboot", 5) == "shutdown -r +5"
    assert minion.call("system.shutdown", "7") == "shutdown -h +7"
    assert minion.call("system.halt") == "halt"
    assert minion.call("system.poweroff") == "poweroff"
    assert minion.call("system.init", 3) == "init 3"


@in_throwaway_root
def test_what_the_host_is_called(minion):
    Path("/etc/machine-info").unlink(missing_ok=True)
    assert minion.call("system.get_computer_desc") is False
    assert minion.call("system.set_computer_desc", 'Ann\'s "box"') is True
    assert minion.call("system.get_computer_desc") == 'Ann\'s "box"'
    assert minion.call("system.set_computer_name", "trial.example") is True
    assert minion.call("system.get_computer_name") == "trial.example"
    for sign in ("/run/reboot-required", "/run/salt_reboot_required_witnessed"):
        Path(sign).unlink(missing_ok=True)
    assert minion.call("system.get_reboot_required_witnessed") is False
    assert minion.call("system.set_reboot_required_witnessed") is True
    assert minion.call("system.get_reboot_required_witnessed") is True


def test_the_clock(minion):
    assert minion.call("system.get_system_date_time")[:13] in (
        time.strftime("%Y-%m-%d %H", time.localtime(time.time() - 5)),
        time.strftime("%Y-%m-%d %H"),
    )
    ahead = minion.call("system.get_system_date_time", "+1400")
    assert ahead > minion.call("system.get_system_date_time", "-1200")
    assert minion.call("system.get_system_time").endswith(("AM", "PM"))
    assert "is no time" in minion.outcome("system.set_system_time", "noon").value
    assert "is no day" in minion.outcome("system.set_system_date", "today").value
    assert "is no offset from UTC" in minion.outcome("system.get_system_time", "CET").value
    assert minion.outcome("system.set_system_date_time", months=13).faults


def test_a_call_as_another_user(minion):
    program("sudo")
    found = minion.call("sudo.salt_call", "root", "test.arg", 1, "a b", key=[2])
    assert (found["args"], found["kwargs"]["key"]) == ([1, "a b"], [2])
    assert "nosuchuser" in minion.outcome("sudo.salt_call", "nosuchuser", "test.ping").value
