"""`selinux` and its states over a small policy, in a throw-away root; no kernel with SELinux is needed for that.

What it answers is compared with what Salt 3008.2 answered there.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from shipped import Shipped
from thrice import Trial
from transcript import DATA, differences, entries_of

from servers import program
from throwaway_root import in_throwaway_root

# semanage starts an interpreter and reads the policy at each call.
pytestmark = [pytest.mark.timeout(900), pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")]

_RESTORECON = """#!/bin/sh
[ -e {mark} ] && exit
case $1 in -n) said=Would\\ relabel;; *) said=Relabeled; touch {mark};; esac
echo "$said /srv/x from unconfined_u:object_r:default_t:s0 to unconfined_u:object_r:httpd_sys_content_t:s0"
"""
"""It says what it says on a machine whose files have types, which is that of a kernel with SELinux."""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    program("semanage")
    shutil.copy(DATA / "selinux_policy.cil", tmp_path / "policy.cil")
    return tmp_path


@in_throwaway_root
def test_it_answers_as_salt_does(work: Path):
    assert differences("selinux_of_salt", work, {}) == []


@in_throwaway_root
def test_ports_and_files(work: Path):
    subprocess.run(["sh", "-ec", entries_of("selinux_of_salt")[0]["sh"]], cwd=work, check=True)
    trial = Trial(work)
    made = trial.thrice("selinux.fcontext_policy_present", "/srv/m(/.*)?", sel_type="tmp_t", filetype="d")
    assert made.changes["new"] == {"/srv/m(/.*)?": {"filetype": "directory", "sel_type": "tmp_t"}}
    told = trial.minion.call("selinux.fcontext_get_policy", "/srv/m(/.*)?", "d")
    assert (told["sel_type"], told["sel_user"], told["filetype"]) == ("tmp_t", "system_u", "directory")
    added = trial.thrice("selinux.port_policy_present", "udp/8099", sel_type="http_port_t")
    assert added.changes["new"] == {"sel_type": "http_port_t", "protocol": "udp", "port": "8099"}
    trial.thrice("selinux.port_policy_absent", "udp/8099")
    toggled = trial.thrice("selinux.module", "extra", module_state="Disabled")
    assert toggled.changes == {"extra": {"old": "Enabled", "new": "Disabled"}}
    assert toggled.done == "Module extra has been set to Disabled"
    installed = trial.thrice("selinux.module_install", str(work / "more.cil"))
    assert installed.done == f"Module {work}/more.cil has been installed"
    assert trial.told("selinux.module_remove", "more")[:2] == (True, "Module more has been removed")
    fixed = trial.told("selinux.port_policy_absent", "tcp/80", dry=True)
    assert fixed == (False, "Error deleting policy: Port tcp/80 is defined in policy, cannot be deleted", {})


BOOLEANS = """
one: {selinux.boolean: [name: httpd_enable_cgi, value: true, aggregate: true]}
two: {selinux.boolean: [booleans: {httpd_enable_homedirs: true}, aggregate: true]}
other: {selinux.boolean: [name: httpd_enable_homedirs, value: true, onlyif: 'false', aggregate: true]}
kept: {selinux.boolean: [name: extra, value: true, persist: true, aggregate: true]}
"""


@pytest.mark.behaviour("REQ-10")
def test_booleans_of_states_in_a_row_are_set_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program("semanage")
    minion = Shipped(tmp_path)
    off = {"State": "off", "Default": "off"}
    known = dict.fromkeys(("httpd_enable_cgi", "httpd_enable_homedirs", "extra"), off)
    minion.write(
        "cache/extmods/modules/selinux.py",
        f"def list_sebool():\n    return {known}\ndef getenforce():\n    return 'Permissive'\n"
        f"def setsebools(pairs, persist=False):\n    open('{tmp_path}/set', 'a').write(f'{{pairs}} {{persist}}\\n')\n"
        "    return True\n",
    )
    minion.write("base/main.sls", BOOLEANS)
    found = {one["__id__"]: one for one in minion.call("state.apply", "main").values()}
    assert set(found["one"]["changes"]) == {"httpd_enable_cgi", "httpd_enable_homedirs"}, found
    first, second, third = (tmp_path / "set").read_text().splitlines()
    assert first == "{'httpd_enable_cgi': 'on', 'httpd_enable_homedirs': 'on'} False"
    assert (second, third) == ("{'httpd_enable_homedirs': 'on'} False", "{'extra': 'on'} True")


def test_types_of_files_are_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program("semanage")
    restorecon = tmp_path / "bin" / "restorecon"
    restorecon.parent.mkdir()
    restorecon.write_text(_RESTORECON.format(mark=tmp_path / "done"))
    restorecon.chmod(0o755)
    monkeypatch.setenv("PATH", f"{restorecon.parent}:/usr/sbin:/usr/bin:/sbin:/bin")
    minion, dry = Shipped(tmp_path), Shipped(tmp_path, test=True)
    foreseen, done, again = (one.state("selinux.fcontext_policy_applied", "/srv") for one in (dry, minion, minion))
    change = {"/srv/x": {"old": {"sel_type": "default_t"}, "new": {"sel_type": "httpd_sys_content_t"}}}
    assert (foreseen["result"], foreseen["changes"]) == (None, change)
    assert (done["result"], done["changes"]) == (True, change)
    assert again["comment"] == 'SElinux policies are already applied for filespec "/srv"'
