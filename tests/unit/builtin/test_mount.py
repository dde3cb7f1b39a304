"""What is mounted and `/etc/fstab`: file systems are really mounted, in a throw-away root.

Texts are those of Salt 3008.2; what test mode foresees is what is done then, and the second run changes nothing.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

from saltern.plugin_api.linux.mount_options import Extra, missing
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")
FSTAB = (
    "# c\n/dev/sda1 / ext4 rw,relatime 0 1\n\ntmpfs /a\\040b tmpfs defaults\nbad line\n"
    "/swapf none swap sw 0 0\n/swap2 none swap sw 0 0\n"
)


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path)


@pytest.fixture
def fstab(tmp_path: Path) -> Path:
    place = tmp_path / "fstab"
    place.write_text(FSTAB)
    return place


def told(minion: Shipped, fun: str, name: object, **kwargs) -> tuple:
    result = minion.state(fun, str(name), **kwargs)
    return result["result"], result["changes"], result["comment"]


def test_what_the_file_says(minion, fstab):
    ext4 = {"device": "/dev/sda1", "fstype": "ext4", "opts": ["rw", "relatime"], "dump": "0", "pass": "1"}
    swap = {"fstype": "swap", "opts": ["sw"], "dump": "0", "pass": "0"}
    assert minion.call("mount.fstab", str(fstab)) == {
        "/": ext4,
        "/a\\040b": {"device": "tmpfs", "fstype": "tmpfs", "opts": ["defaults"], "dump": "0", "pass": "0"},
        "none": {"device": "/swapf", **swap},
        "none_": {"device": "/swap2", **swap},
    }
    assert minion.call("mount.fstab", str(fstab) + "x") == {}


def test_entries_of_the_file(minion, fstab):
    def put(*args, **kwargs):
        return minion.call("mount.set_fstab", *args, config=str(fstab), **kwargs)

    assert put("/mnt/x", "/dev/sdx", "ext4") == "new"
    assert put("/mnt/x", "/dev/sdx", "ext4") == "present"
    assert put("/mnt/x", "/dev/sdx", "ext4", "rw,noatime", test=True) == "change"
    assert put("/mnt/x", "/dev/sdx", "ext4", "rw,noatime", not_change=True) == "present"
    assert put("/mnt/x", "/dev/sdx", "ext4", ["rw", "noatime"], dump=1, pass_num=2) == "change"
    assert put("/mnt/x", "/dev/sdy", "ext4", match_on="device") == "new"
    assert put("none", "/swapf", "swap", "pri=1") == "change"
    assert put("/a b", "tmpfs", "tmpfs", "size=1m") == "change"
    text = (
        "# c\n/dev/sda1 / ext4 rw,relatime 0 1\n\ntmpfs\t\t/a\\040b\ttmpfs\tsize=1m\t0 0\nbad line\n"
        "/swapf\t\tnone\tswap\tpri=1\t0 0\n/swap2 none swap sw 0 0\n"
        "/dev/sdx\t\t/mnt/x\text4\trw,noatime\t1 2\n/dev/sdy\t\t/mnt/x\text4\tdefaults\t0 0\n"
    )
    assert fstab.read_text() == text
    assert minion.call("mount.rm_fstab", "/mnt/x", "/dev/sdz", str(fstab)) is True
    assert fstab.read_text() == text
    assert minion.call("mount.rm_fstab", "/mnt/x", "/dev/sdx", str(fstab)) is True
    assert "/dev/sdx" not in fstab.read_text()
    assert "/dev/sdy" in fstab.read_text()


def test_files_and_words_that_are_wrong(minion, fstab):
    none = str(fstab) + "x"
    wrong = minion.outcome("mount.set_fstab", "/m", "/d", "ext4", config=none)
    assert f'Bad config file "{none}"' in wrong.value
    assert f"Couldn't read from {none}: " in minion.outcome("mount.rm_fstab", "/", "", config=none).value
    wrong = minion.outcome("mount.set_fstab", "/m", "/d", "ext4", config=str(fstab), match_on="bogus")
    assert "Unrecognized keys in match_on: \"['bogus']\"" in wrong.value


def test_what_is_mounted(minion):
    active = minion.call("mount.active")
    assert active["/proc"] == {
        "device": "proc",
        "alt_device": "proc",
        "fstype": "proc",
        "opts": active["/proc"]["opts"],
    }
    assert "rw" in active["/proc"]["opts"]
    assert minion.call("mount.is_mounted", "/proc") is True
    assert minion.call("mount.is_mounted", "/proc/cpuinfo") is False
    assert minion.call("mount.get_mount_from_path", "/proc/no/such") == "/proc"
    assert minion.call("mount.get_device_from_path", "/proc/no/such") == "proc"
    assert minion.call("mount.umount", "/no/such") == "/no/such does not have anything mounted"
    assert minion.call("mount.swapoff", "/no/such") is None


def test_options_that_are_not_in_force():
    active = ["rw", "nosuid", "relatime", "size=2048k", "uid=0"]
    assert missing(["defaults", "rw", "size=2m", "uid=root", "_netdev", "x-systemd.automount"], active, "tmpfs") == []
    assert missing(["ro", "noexec", "suid", "exec", "mode=700"], active, "tmpfs") == [
        "mode=700",
        "noexec",
        "ro",
        "suid",
    ]
    assert missing(["mode=700", "noexec"], active, "tmpfs", remembered=["mode=700", "noexec"]) == ["noexec"]
    extra = Extra(("sec",), ("key",), {"tmpfs": ["huge"]}, {"old": "nosuid"}, ("hid",))
    assert missing(["sec", "key=1", "huge=always", "old", "hid"], active, "tmpfs", (), extra) == []


@in_throwaway_root
def test_a_file_system_is_mounted(minion, fstab):
    place = minion.work / "mnt"
    common = {"device": "tmpfs", "fstype": "tmpfs", "config": str(fstab)}
    assert told(minion, "mount.mounted", place, **common) == (False, {}, "Mount directory is not present")
    foreseen = told(minion, "mount.mounted", place, mkmnt=True, test=True, **common)
    assert foreseen == (None, {}, f"{place} would be created and mounted")
    assert not place.exists()
    done = told(minion, "mount.mounted", place, mkmnt=True, opts="size=1m,mode=750", **common)
    new = {"mount": True, "persist": "new"}
    assert done == (True, new, "Target was successfully mounted. Added new entry to the fstab.")
    assert place.is_mount()
    assert fstab.read_text() == FSTAB + f"tmpfs\t\t{place}\ttmpfs\tsize=1m,mode=750\t0 0\n"
    same = (True, {}, "Target was already mounted. Entry already exists in the fstab.")
    assert told(minion, "mount.mounted", place, opts=["size=1m", "mode=750"], **common) == same
    assert told(minion, "mount.mounted", place, opts="size=1m,mode=750", test=True, **common) == same
    foreseen = told(minion, "mount.mounted", place, opts="size=2m,noexec", test=True, **common)
    changed = "options (noexec,size=2048k) changed"
    assert foreseen == (None, {}, f"Remount would be forced because {changed}")
    done = told(minion, "mount.mounted", place, opts="size=2m,noexec", **common)
    assert done == (
        True,
        {"umount": f"Forced remount because {changed}", "persist": "update"},
        "Target was already mounted. Updated the entry in the fstab.",
    )
    assert {"noexec", "size=2048k"} <= set(minion.call("mount.active")[str(place)]["opts"])
    assert told(minion, "mount.mounted", place, opts="size=2m,noexec", **common) == same
    done = told(minion, "mount.mounted", place, **{**common, "device": "other", "persist": False})
    assert done[1] == {
        "umount": "Forced unmount because devices don't match. Wanted: other, current: tmpfs",
        "mount": True,
    }
    foreseen = told(minion, "mount.unmounted", place, config=str(fstab), persist=True, test=True)
    assert foreseen == (None, {}, f"Mount point {place} is mounted but should not be")
    done = told(minion, "mount.unmounted", place, config=str(fstab), persist=True)
    gone = {"umount": True, "persist": "purged"}
    assert done == (True, gone, "Target was successfully unmounted. Removed target from fstab")
    assert not place.is_mount()
    assert fstab.read_text() == FSTAB
    done = told(minion, "mount.unmounted", place, config=str(fstab), persist=True)
    assert done == (True, {}, "Target was already unmounted. fstab entry not found")


@in_throwaway_root
def test_directories_and_files_that_are_bound(minion, fstab):
    source, place = minion.work / "source", minion.work / "place"
    (source / "in").mkdir(parents=True)
    place.mkdir()
    common = {"device": str(source), "fstype": "none", "config": str(fstab), "opts": "bind"}
    assert told(minion, "mount.mounted", place, **common)[1] == {"mount": True, "persist": "new"}
    assert (place / "in").is_dir()
    again = (True, {}, "Target was already mounted. Entry already exists in the fstab.")
    assert told(minion, "mount.mounted", place, **common) == again
    done = told(minion, "mount.unmounted", place, device=str(source), config=str(fstab))
    assert done == (True, {"umount": True}, "Target was successfully unmounted")
    subprocess.run(["mount", "--bind", str(source), str(place)], check=True)
    assert told(minion, "mount.mounted", place, **common) == again


@in_throwaway_root
def test_what_cannot_be_mounted(minion, fstab):
    common = {"config": str(fstab), "mkmnt": True}
    done = told(minion, "mount.mounted", minion.work / "a", device="/nodev", fstype="ext4", **common)
    assert done[:2] == (False, {})
    assert "special device /nodev does not exist" in done[2]
    done = told(minion, "mount.mounted", minion.work / "a", device="tmpfs", fstype="bogus", **common)
    assert "unknown filesystem type 'bogus'" in done[2]
    assert fstab.read_text() == FSTAB


def test_only_the_file(minion, fstab):
    place = minion.work / "mnt"
    common = {"device": "tmpfs", "fstype": "tmpfs", "config": str(fstab), "mount": False}
    neither = f"{place} does not exist and would neither be created nor mounted"
    needs = f"{place} needs to be written to the fstab in order to be made persistent."
    assert told(minion, "mount.mounted", place, test=True, **common) == (None, {}, f"{neither}. {needs}")
    absent = f"{place} not present and not mounted"
    done = told(minion, "mount.mounted", place, **common)
    assert done == (True, {"persist": "new"}, f"{absent}. Added new entry to the fstab.")
    assert told(minion, "mount.mounted", place, **common) == (True, {}, f"{absent}. Entry already exists in the fstab.")
    done = told(minion, "mount.mounted", place, mkmnt=True, **common)
    assert done[2] == f"{place} was created, not mounted. Entry already exists in the fstab."
    assert told(minion, "mount.mounted", place, **common)[2].startswith(f"{place} not mounted")


def test_the_file_alone(minion, fstab):
    common = {"fs_file": "/q", "config": str(fstab)}
    kind = {"fs_vfstype": "ext4", **common}
    foreseen = told(minion, "mount.fstab_present", "/dev/sdq", test=True, **kind)
    assert foreseen == (None, {}, f"/q entry will be written in {fstab}.\nWill mount /dev/sdq on /q")
    done = told(minion, "mount.fstab_present", "/dev/sdq", mount=False, **kind)
    assert done == (True, {"persist": "new"}, f"/q entry added in {fstab}.")
    done = told(minion, "mount.fstab_present", "/dev/sdq", **kind)
    assert done == (True, {}, f"/q entry was already in {fstab}.")
    done = told(minion, "mount.fstab_present", "/dev/sdq", fs_mntops=["ro", "x"], **kind)
    assert done == (True, {"persist": "change"}, f"/q entry updated in {fstab}.")
    done = told(minion, "mount.fstab_present", "/dev/nono", mount_by="uuid", **kind)
    assert done == (False, {}, "Device /dev/nono cannot be converted to uuid")
    foreseen = told(minion, "mount.fstab_absent", "/dev/sdq", test=True, **common)
    assert foreseen == (None, {}, f"/q entry will be removed from {fstab}.")
    done = told(minion, "mount.fstab_absent", "/dev/sdq", **common)
    assert done == (True, {"persist": "removed"}, f"/q entry removed from {fstab}.")
    assert told(minion, "mount.fstab_absent", "/dev/sdq", **common)[1] == {}
    assert fstab.read_text() == FSTAB


def test_swap_space_that_is_not_there(minion, fstab):
    assert told(minion, "mount.swap", "/nosw", config=str(fstab), test=True) == (
        None,
        {},
        "Swap /nosw is set to be activated",
    )
    done = told(minion, "mount.swap", "/nosw", config=str(fstab))
    assert done == (False, {"persist": "new"}, "Swap /nosw failed to activate. Added new entry to the fstab.")


@in_throwaway_root
def test_a_watched_change_mounts_again(minion):
    place = minion.work / "mnt"
    minion.call("mount.mount", str(place), "tmpfs", mkmnt=True, fstype="tmpfs", opts="size=1m")
    common = {"device": "tmpfs", "fstype": "tmpfs", "opts": "size=2m"}
    done = told(minion, "mount.mod_watch", place, sfun="mounted", **common)
    assert done == (True, {str(place): True}, f"{place} remounted")
    assert "size=2048k" in minion.call("mount.active")[str(place)]["opts"]
    done = told(minion, "mount.mod_watch", place, sfun="unmounted", **common)
    assert done == (True, {}, "Watch not supported in unmounted at this time")


def test_with_what_something_was_mounted(minion):
    assert minion.call("mount.read_mount_cache", "/x") == {}
    assert minion.call("mount.write_mount_cache", "/x", "dev", True, "ext4", "rw") is True
    known = {"device": "dev", "fstype": "ext4", "mkmnt": True, "opts": ["rw"]}
    assert minion.call("mount.read_mount_cache", "/x") == known
    assert minion.call("mount.delete_mount_cache", "/x") is True
    assert minion.call("mount.read_mount_cache", "/x") == {}
