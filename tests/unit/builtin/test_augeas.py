"""`augeas` and its state over real files of `/etc`, in a throw-away root, beside what Salt 3006 answered there."""

from __future__ import annotations

from pathlib import Path

import pytest
from thrice import Trial
from transcript import differences

from servers import program
from throwaway_root import in_throwaway_root

# Augeas reads every file that it knows at each call.
pytestmark = [pytest.mark.timeout(600), pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")]


@in_throwaway_root
def test_it_answers_as_salt_does(tmp_path: Path):
    program("augtool")
    assert differences("augeas_of_salt", tmp_path, {}) == []


@in_throwaway_root
def test_dry_runs_foresee_what_is_written(tmp_path: Path):
    program("augtool")
    Path("/etc/sysctl.d/x.conf").write_text("# kept\na.b = 1\n")
    trial = Trial(tmp_path)
    file = {"context": "/files/etc/sysctl.d/x.conf", "lens": "Sysctl.lns"}
    set_ = trial.thrice("augeas.change", "x", changes=["set a.b 2", "set c.d 3"], **file)
    assert set_.foreseen == 'Executing commands in file "/files/etc/sysctl.d/x.conf":\nset a.b 2\nset c.d 3'
    assert set_.done == "Changes have been saved"
    assert set_.changes == {"diff": "--- \n+++ \n@@ -2 +2,2 @@\n-a.b = 1\n+a.b = 2\n+c.d = 3\n"}
    assert Path("/etc/sysctl.d/x.conf").read_text() == "# kept\na.b = 2\nc.d = 3\n"
    new = {"context": "/files/etc/sysctl.d/new.conf", "lens": "Sysctl.lns"}
    made = trial.thrice("augeas.change", "new", changes=["set a.b 2"], **new)
    assert made.changes == {"updates": ["set a.b 2"]}
    assert Path("/etc/sysctl.d/new.conf").read_text() == "a.b = 2\n"
    for dry in (True, False):
        refused = trial.told("augeas.change", "x", changes=["set /files/etc/nosuchfile/1 q"], dry=dry)
        assert refused == (False, "Error: no lens of Augeas writes /etc/nosuchfile", {})
        wrong = trial.told("augeas.change", "x", changes=["set a.b/c 2"], dry=dry, **file)
        assert wrong[1].startswith("Error: Unable to save to file!\n")
    assert Path("/etc/sysctl.d/x.conf").read_text() == "# kept\na.b = 2\nc.d = 3\n"
    with_prefix = trial.minion.call("augeas.setvalue", "prefix=/files/etc/sysctl.d/x.conf", "a.b", "7")
    assert with_prefix == {"retval": True}
    assert trial.minion.call("augeas.get", "/files/etc/sysctl.d/x.conf", "a.b") == {
        "/files/etc/sysctl.d/x.conf/a.b": "7"
    }
