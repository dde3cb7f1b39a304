"""`cryptdev` and its states over a crypttab of their own, beside what Salt 3006 answered; and `pam`."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped
from thrice import Trial
from transcript import differences

from servers import program

pytestmark = pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")

_PAM = """# kept for the tests
auth  required pam_unix.so nullok try_first_pass
@include common-auth
session [success=1 default=ignore] pam_permit.so a \\
    b
-session optional pam_systemd.so # when there is one
"""


def test_it_answers_as_salt_does(tmp_path: Path):
    program("cryptsetup")
    assert differences("cryptdev_of_salt", tmp_path, {}) == []


def test_states(tmp_path: Path):
    program("cryptsetup")
    trial, config = Trial(tmp_path), str(tmp_path / "crypttab")
    added = trial.thrice("cryptdev.mapped", "home", device="/dev/x", opts=["luks", "discard"], config=config)
    assert added.changes == {"crypttab": f"Entry added in {config}"}
    changed = trial.thrice("cryptdev.mapped", "home", device="/dev/y", keyfile="/k", config=config)
    assert changed.changes == {"crypttab": f"Existing entry in {config} changed"}
    assert trial.minion.call("cryptdev.crypttab", config) == {
        "home": {"device": "/dev/y", "password": "/k", "options": []}
    }
    keyless = trial.told("cryptdev.mapped", "other", device="/dev/x", config=config, immediate=True, dry=True)
    assert keyless[:2] == (False, "Device cannot be mapped immediately without a keyfile")
    removed = trial.thrice("cryptdev.unmapped", "home", config=config)
    assert removed.changes == {"crypttab": f"Entry removed from {config}"}


def test_rules_of_pam(tmp_path: Path):
    minion = Shipped(tmp_path)
    path = minion.write("login", _PAM)
    assert minion.call("pam.read_file", str(path)) == [
        {
            "interface": "auth",
            "control_flag": "required",
            "module": "pam_unix.so",
            "arguments": ["nullok", "try_first_pass"],
        },
        {
            "interface": "session",
            "control_flag": "[success=1 default=ignore]",
            "module": "pam_permit.so",
            "arguments": ["a", "b"],
        },
        {"interface": "-session", "control_flag": "optional", "module": "pam_systemd.so", "arguments": []},
    ]
    assert minion.call("pam.read_file", str(tmp_path / "nosuch")) is False
