"""Parameters and modules of the kernel: texts are those of Salt 3008.2."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")
CONF = "# c\n; d\nvm.swappiness=3\nnet/ipv4/ip_forward = 1\n\nbad\nvm.swappiness = 5\nkernel.sem = 1 2  3\n"


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    program("sysctl")
    return Shipped(tmp_path, grains={"kernel": "Linux"})


def told(minion: Shipped, fun: str, name: str, **kwargs) -> tuple:
    result = minion.state(fun, name, **kwargs)
    return result["result"], result["changes"], result["comment"]


def running(name: str) -> str:
    return Path("/proc/sys", name.replace(".", "/")).read_text().strip()


def test_parameters_of_the_kernel(minion):
    assert minion.call("sysctl.get", "kernel.ostype") == "Linux"
    assert minion.call("sysctl.get", "no.such") == "sysctl: cannot stat /proc/sys/no/such: No such file or directory"
    assert minion.call("sysctl.show")["kernel.ostype"] == "Linux"
    assert minion.call("sysctl.assign", "kernel.domainname", running("kernel.domainname")) == {
        "kernel.domainname": running("kernel.domainname")
    }
    assert "sysctl no.such does not exist" in minion.outcome("sysctl.assign", "no.such", 1).value
    assert "sysctl -w failed: " in minion.outcome("sysctl.assign", "kernel.pid_max", "abc").value


def test_files_of_parameters(minion):
    place = minion.write("conf", CONF)
    assert minion.call("sysctl.show", config_file=str(place)) == {
        "vm.swappiness": "5",
        "net/ipv4/ip_forward": "1",
        "kernel.sem": "1 2  3",
    }
    assert minion.call("sysctl.show", config_file=f"{place}x") == []
    value = running("vm.swappiness")
    assert minion.call("sysctl.persist", "vm.swappiness", value, str(place)) == "Updated"
    assert place.read_text() == CONF.replace("vm.swappiness=3", f"vm.swappiness = {value}").replace(
        "vm.swappiness = 5", f"vm.swappiness = {value}"
    )
    assert minion.call("sysctl.persist", "vm.swappiness", value, str(place)) == "Already set"
    place.write_bytes(b"# Gr\xfc\xdfe\n")
    assert minion.call("sysctl.persist", "vm.swappiness", value, str(place)) == "Updated"
    assert place.read_bytes() == f"# Gr\xfc\xdfe\nvm.swappiness = {value}\n".encode("latin-1")
    new = minion.work / "d" / "new.conf"
    assert minion.call("sysctl.persist", "vm.swappiness", value, str(new)) == "Updated"
    assert new.read_text() == f"#\n# Kernel sysctl configuration\n#\nvm.swappiness = {value}\n"


def test_states_of_parameters(minion):
    value, place = int(running("vm.dirty_ratio")), str(minion.work / "new.conf")
    foreseen = told(minion, "sysctl.present", "vm.dirty_ratio", value=value, config=place, test=True)
    assert foreseen == (
        None,
        {},
        "Sysctl value is currently set on the running system but not in a config file. "
        f"Sysctl option vm.dirty_ratio set to be changed to {value} in config file.",
    )
    foreseen = told(minion, "sysctl.present", "vm.dirty_ratio", value=99, config=place, test=True)
    assert foreseen == (None, {}, "Sysctl option vm.dirty_ratio set to be changed to 99")
    done = told(minion, "sysctl.present", "vm.dirty_ratio", value=value, config=place)
    assert done == (True, {"vm.dirty_ratio": value}, f"Updated sysctl value vm.dirty_ratio = {value}")
    same = (True, {}, f"Sysctl value vm.dirty_ratio = {value} is already set")
    assert told(minion, "sysctl.present", "vm.dirty_ratio", value=value, config=place) == same
    assert told(minion, "sysctl.present", "vm.dirty_ratio", value=value, config=place, test=True) == same
    foreseen = told(minion, "sysctl.present", "vm.dirty_ratio", value=99, config=place, test=True)
    assert foreseen == (None, {}, "Sysctl option vm.dirty_ratio would be changed to 99")
    failed = told(minion, "sysctl.present", "no.such", value=9, config=place)
    assert failed == (False, {}, "Failed to set no.such to 9: sysctl no.such does not exist")


@in_throwaway_root
def test_a_parameter_is_set(minion):
    """That of the name spaces of this test alone: the name of the domain."""
    place = str(minion.work / "new.conf")
    done = told(minion, "sysctl.present", "kernel.domainname", value="a.example", config=place)
    assert done == (True, {"kernel.domainname": "a.example"}, "Updated sysctl value kernel.domainname = a.example")
    assert running("kernel.domainname") == "a.example"
    # a running value that somebody else changed is set again, though the file has it
    Path("/proc/sys/kernel/domainname").write_text("b.example\n")
    done = told(minion, "sysctl.present", "kernel.domainname", value="a.example", config=place)
    assert done[1] == {"kernel.domainname": "a.example"}
    assert running("kernel.domainname") == "a.example"


def test_a_value_of_several_numbers(minion):
    value, place = running("kernel.sem"), str(minion.work / "new.conf")
    spaced = " ".join(value.split())
    assert told(minion, "sysctl.present", "kernel.sem", value=spaced, config=place)[1] == {"kernel.sem": spaced}
    assert told(minion, "sysctl.present", "kernel.sem", value=spaced, config=place)[1] == {}


KEPT = """
loaded, boot = ["l1", "l2"], ["l1"]
def mod_list(only_persist=False): return list(boot if only_persist else loaded)
def available(): return ["l1", "l2", "a1", "a2", "f1", "n1"]
def load(mod, persist=False):
    if mod == "f1": return "Error loading module f1: boom"
    if mod == "n1": return []
    if mod not in loaded: loaded.append(mod)
    if persist and mod not in boot: boot.append(mod)
    return [mod]
def remove(mod, persist=False, comment=True):
    if mod in loaded: loaded.remove(mod)
    if persist and mod in boot: boot.remove(mod)
    return [mod]
"""


def test_states_of_modules(minion):
    """Where a kernel takes modules: one that keeps in memory which are loaded."""
    minion.write("cache/extmods/modules/kmod.py", KEPT)
    already = "Kernel modules l1, l2 are already present"
    assert told(minion, "kmod.present", "x", mods=["l1", "l2"]) == (True, {}, already)
    foreseen = told(minion, "kmod.present", "x", mods=["l1", "a1"], test=True)
    assert foreseen == (None, {}, "Kernel module l1 is already present\nKernel module a1 is set to be loaded")
    done = told(minion, "kmod.present", "x", mods=["zz", "yy", "l1", "a1"])
    assert done == (
        False,
        {"a1": "loaded"},
        "Kernel module l1 is already present\nKernel modules zz, yy are unavailable\nLoaded kernel module a1",
    )
    done = told(minion, "kmod.present", "x", mods=["f1", "n1", "a2"])
    assert done == (
        False,
        {"a2": "loaded"},
        "Loaded kernel module a2\nFailed to load kernel module n1\n"
        "Failed to load kernel module f1: Error loading module f1: boom",
    )
    assert told(minion, "kmod.present", "a2", persist=True) == (True, {"a2": "loaded"}, "Loaded kernel module a2")
    assert told(minion, "kmod.present", "a2", persist=True) == (True, {}, "Kernel module a2 is already present")
    foreseen = told(minion, "kmod.absent", "a2", persist=True, test=True)
    assert foreseen == (None, {}, "Kernel module a2 is set to be removed")
    done = told(minion, "kmod.absent", "x", mods=["l1", "l2"])
    assert done == (True, {"l1": "removed", "l2": "removed"}, "Removed kernel modules l1, l2")
    assert told(minion, "kmod.absent", "l1") == (True, {}, "Kernel module l1 is already removed")


PROGRAM = """#!/bin/sh
case $0 in
*modprobe) [ "$1" = good_one ] || { echo "modprobe: FATAL: Module $1 not found" >&2; exit 1; };;
esac
"""


@in_throwaway_root
def test_modules_that_are_loaded_at_boot(minion):
    for name in ("modprobe", "rmmod"):
        place = Path("/usr/local/bin", name)
        place.write_text(PROGRAM)
        place.chmod(0o755)
    Path("/etc/modules").write_text("# c\nother\n")
    assert minion.call("kmod.load", "good_one", persist=True) == ["good_one"]
    assert Path("/etc/modules").read_text() == "# c\nother\ngood_one\n"
    assert minion.call("kmod.mod_list", only_persist=True) == ["good_one", "other"]
    assert minion.call("kmod.load", "good-one", persist=True) == "Error loading module good-one: " + (
        "modprobe: FATAL: Module good-one not found"
    )
    assert minion.call("kmod.remove", "good-one", persist=True) == ["good-one"]
    assert Path("/etc/modules").read_text() == "# c\nother\n#good_one\n"
    assert minion.call("kmod.remove", "other", persist=True, comment=False) == ["other"]
    assert Path("/etc/modules").read_text() == "# c\n#good_one\n"
    assert minion.call("kmod.remove", "other", persist=True) == []
    Path("/etc/modules").write_bytes(b"# Gr\xfc\xdfe\nother\n")
    assert minion.call("kmod.remove", "other", persist=True) == ["other"]
    assert Path("/etc/modules").read_bytes() == b"# Gr\xfc\xdfe\n#other\n"


def test_modules_that_there_are(minion):
    assert minion.call("kmod.check_available", "no_such") is False
    assert minion.call("kmod.is_loaded", "no_such") is False
    for one in minion.call("kmod.lsmod"):
        assert set(one) == {"size", "module", "depcount", "deps"}
