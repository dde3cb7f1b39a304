"""Alternatives, disks, locales and the time zone, really set in a throw-away root. Texts are those of Salt."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path, grains={"os_family": "Debian", "os": "Debian", "kernel": "Linux"})


def told(minion: Shipped, fun: str, name: object, **kwargs) -> tuple:
    result = minion.state(fun, str(name), **kwargs)
    return result["result"], result["changes"], result["comment"]


@in_throwaway_root
def test_alternatives(minion):
    one, two, link = (minion.write(f"bin/{name}", "#!/bin/sh\n") for name in ("one", "two", "link"))
    link.unlink()
    where = {"link": str(link), "path": str(one), "priority": 5}
    foreseen = told(minion, "alternatives.install", "trial", test=True, **where)
    assert foreseen == (None, {}, f"Alternative will be set for trial to {one} with priority 5")
    done = told(minion, "alternatives.install", "trial", **where)
    assert done == (True, {"name": "trial", **where}, f"Alternative for trial set to path {one} with priority 5")
    assert link.resolve() == one
    again = told(minion, "alternatives.install", "trial", **where)
    assert again == (True, {}, f"Alternative {one} for trial is already registered")
    done = told(minion, "alternatives.install", "trial", **{**where, "path": str(two), "priority": 1})
    assert done[2] == f"Alternative {two} for trial registered with priority 1 and not set to default"
    foreseen = told(minion, "alternatives.set", "trial", path=str(two), test=True)
    assert foreseen == (None, {}, f"Alternative for trial will be set to path {two}")
    done = told(minion, "alternatives.set", "trial", path=str(two))
    assert done == (True, {"path": str(two)}, f"Alternative for trial set to path {two}")
    assert told(minion, "alternatives.set", "trial", path=str(two))[1] == {}
    done = told(minion, "alternatives.set", "trial", path="/no/such")
    assert done == (False, {}, "Alternative /no/such for trial doesn't exist")
    done = told(minion, "alternatives.set", "trial", path=str(one)[:-1])
    assert done == (False, {}, f"Alternative {str(one)[:-1]} for trial doesn't exist")
    assert told(minion, "alternatives.auto", "trial", test=True) == (None, {}, "trial will be put in auto mode")
    assert told(minion, "alternatives.auto", "trial")[0] is True
    assert told(minion, "alternatives.auto", "trial") == (True, {}, "trial already in auto mode")
    assert link.resolve() == one
    assert minion.call("alternatives.show_link", "trial") == str(link)
    assert minion.call("alternatives.check_installed", "trial", str(one)) is True
    done = told(minion, "alternatives.remove", "trial", path=str(one))
    assert done == (True, {"path": str(two)}, f"Alternative for trial removed. Falling back to path {two}")
    done = told(minion, "alternatives.remove", "trial", path=str(one))
    assert done == (True, {}, f"Alternative for trial is set to it's default path {two}")
    assert told(minion, "alternatives.remove", "trial", path=str(two))[2] == "Alternative for trial removed"
    assert told(minion, "alternatives.remove", "trial", path=str(two)) == (
        False,
        {},
        "Alternative for trial doesn't exist",
    )


def test_alternatives_that_are_not_there(minion):
    assert minion.call("alternatives.show_current", "nono") is False
    assert minion.call("alternatives.show_link", "nono") is False
    assert (
        minion.outcome("alternatives.display", "nono").value == "update-alternatives: error: no alternatives for nono"
    )


def test_how_full_file_systems_are(minion):
    usage = minion.call("disk.usage")
    assert set(usage["/"]) == {"filesystem", "1K-blocks", "used", "available", "capacity"}
    assert minion.call("disk.percent")["/"].endswith("%")
    assert minion.call("disk.percent", "/").endswith("%")
    assert set(minion.call("disk.inodeusage")["/"]) == {"filesystem", "inodes", "used", "free", "use"}
    assert "Invalid flag passed to disk.usage" in minion.outcome("disk.usage", "q").value
    assert minion.call("disk.get_fstype_from_path", "/proc/no/such") == "proc"


def test_states_of_how_full_file_systems_are(minion):
    used = int(minion.call("disk.percent", "/").strip("%"))
    assert told(minion, "disk.status", "/", maximum=100) == (True, {}, "Disk used space in acceptable range")
    above = f"Disk used space is above maximum of {used - 1} % at {used} %"
    assert told(minion, "disk.status", "/", maximum=f"{used - 1}%") == (False, {}, above)
    below = f"Disk available space is below minimum of 100 % at {100 - used} %"
    assert told(minion, "disk.status", "/", minimum=100, free=True) == (False, {}, below)
    assert told(minion, "disk.status", "/", minimum=101)[2] == "minimum must be in the range [0, 100] "
    assert told(minion, "disk.status", "/", minimum=50, maximum=40)[2] == "minimum must be less than maximum "
    assert told(minion, "disk.status", "/", maximum="x%")[2] == "maximum must be an integer "
    missing = "Disk mount /nope not present. Directory /nope does not exist or is not a directory"
    assert told(minion, "disk.status", "/nope", minimum=1) == (False, {}, missing)


def test_file_systems_are_made(minion):
    program("mkfs.ext4")
    image = minion.work / "image"
    with image.open("wb") as file:
        file.truncate(20 << 20)
    assert minion.call("disk.fstype", str(image)) == ""
    assert minion.call("disk.format", str(image), inode_size=256, lazy_itable_init=True, force=True) is True
    assert minion.call("disk.fstype", str(image)) == "ext4"
    tags = minion.call("disk.blkid", str(image))[str(image)]
    assert tags["TYPE"] == "ext4"
    assert len(tags["UUID"]) == 36
    with image.open("ab") as file:
        file.truncate(30 << 20)
    assert minion.call("disk.resize2fs", str(image)) is True
    assert minion.call("disk.wipe", str(image)) is True
    assert minion.call("disk.fstype", str(image)) == ""
    assert minion.call("disk.blkid", "/dev/nope") == {}
    assert minion.call("disk.dump", "/dev/nope") is False


@in_throwaway_root
def test_what_a_disk_hides(minion):
    hdparm = Path("/usr/local/bin/hdparm")
    hdparm.write_text("#!/bin/sh\necho\necho /dev/null:\necho ' max sectors   = 100/200, HPA is enabled'\n")
    hdparm.chmod(0o755)
    hidden = {"visible": 100, "total": 200, "status": "enabled"}
    assert minion.call("disk.hpa", "/dev/null") == {"/dev/null": hidden}
    assert minion.call("disk.hpa", "null") == {"null": hidden}


@in_throwaway_root
def test_the_locale(minion):
    program("locale-gen")
    Path("/etc/default/locale").unlink(missing_ok=True)
    assert minion.call("locale.avail", "C.UTF-8") is True
    assert told(minion, "locale.present", "nono") == (False, {}, "Failed to generate locale nono")
    foreseen = told(minion, "locale.present", "de_AT.UTF-8", test=True)
    assert foreseen == (None, {}, "Locale de_AT.UTF-8 needs to be generated")
    done = told(minion, "locale.present", "de_AT.UTF-8")
    assert done == (True, {"locale": "de_AT.UTF-8"}, "Generated locale de_AT.UTF-8")
    assert "de_AT.utf8" in subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout
    assert told(minion, "locale.present", "de_AT.UTF-8") == (True, {}, "Locale de_AT.UTF-8 is already present")
    foreseen = told(minion, "locale.system", "de_AT.UTF-8", test=True)
    assert foreseen == (None, {}, "System locale de_AT.UTF-8 needs to be set")
    done = told(minion, "locale.system", "de_AT.UTF-8")
    assert done == (True, {"locale": "de_AT.UTF-8"}, "Set system locale de_AT.UTF-8")
    assert told(minion, "locale.system", "de_AT.UTF-8") == (True, {}, "System locale de_AT.UTF-8 already set")
    assert "is no name of a locale" in minion.outcome("locale.set_locale", "a b").value


@in_throwaway_root
def test_the_time_zone(minion):
    minion.call("timezone.set_zone", "UTC")
    assert told(minion, "timezone.system", "UTC") == (True, {}, "Timezone UTC already set, UTC already set to UTC")
    assert told(minion, "timezone.system", "UTC", utc=False) == (True, {}, "Timezone UTC already set")
    foreseen = told(minion, "timezone.system", "Europe/Berlin", test=True)
    assert foreseen == (None, {}, "Timezone Europe/Berlin needs to be set")
    done = told(minion, "timezone.system", "Europe/Berlin")
    assert done == (True, {"timezone": "Europe/Berlin"}, "Set timezone Europe/Berlin")
    assert minion.call("timezone.get_zone") == "Europe/Berlin"
    assert Path("/etc/timezone").read_text() == "Europe/Berlin\n"
    assert minion.call("timezone.get_zonecode") in ("CET", "CEST")
    assert minion.call("timezone.get_offset") in ("+0100", "+0200")
    assert told(minion, "timezone.system", "Europe/Berlin")[1] == {}
    minion.call("timezone.set_hwclock", "localtime")
    assert minion.call("timezone.get_hwclock") == "localtime"
    done = told(minion, "timezone.system", "Europe/Berlin")
    assert done == (True, {"utc": True}, "Set UTC to True")
    wrong = 'Can\'t find a local timezone "No/Such"'
    done = told(minion, "timezone.system", "No/Such")
    assert done == (
        False,
        {},
        f"Unable to compare desired timezone 'No/Such' to system timezone: {wrong}",
    )
    assert "Europe/Berlin" in minion.call("timezone.list_zones")


@in_throwaway_root
def test_a_time_zone_that_is_named_wrongly(minion):
    place = Path("/etc/localtime")
    place.unlink(missing_ok=True)
    place.write_bytes(Path("/usr/share/zoneinfo/Europe/Berlin").read_bytes())
    Path("/etc/timezone").write_text("No/Such\n")
    assert minion.call("timezone.zone_compare", minion.call("timezone.get_zone")) is True
    assert minion.call("timezone.zone_compare", "Europe/Berlin") is True
