"""`keyboard` and its states, in a throw-away root. The comments are Salt's."""

from __future__ import annotations

from pathlib import Path

import pytest
from thrice import Trial

from throwaway_root import in_throwaway_root


@pytest.mark.behaviour("STM-02", "TST-01")
@in_throwaway_root
def test_the_layout_of_the_console(tmp_path: Path):
    setupcon = Path("/usr/local/sbin/setupcon")
    setupcon.write_text(f"#!/bin/sh\necho set >> {tmp_path}/said\n")
    setupcon.chmod(0o755)
    file = Path("/etc/default/keyboard")
    file.write_text('# kept\nXKBMODEL="pc105"\nXKBLAYOUT="us"\nBACKSPACE="guess"\n')
    trial = Trial(tmp_path, grains={"os_family": "Debian"})
    assert trial.minion.call("keyboard.get_sys") == "us"
    changed = trial.thrice("keyboard.system", "de")
    assert changed.foreseen == "System layout de needs to be set"
    assert changed.done == "Set system keyboard layout de"
    assert changed.changes == {"layout": "de"}
    assert file.read_text() == '# kept\nXKBMODEL="pc105"\nXKBLAYOUT="de"\nBACKSPACE="guess"\n'
    assert (tmp_path / "said").read_text() == "set\n"
    same = trial.told("keyboard.system", "de")
    assert same == (True, "System layout de already set", {})
    assert trial.told("keyboard.system", "d e")[:2] == (
        False,
        "Failed to set system keyboard layout: 'd e' is no layout of a keyboard",
    )
