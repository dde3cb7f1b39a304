"""Volumes on a loop device: really made and removed, in a throw-away root."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("STM-02")
PLAIN = {"activate": "n", "zero": "n", "wipesignatures": "n"}
NO_DRIVER = "global { activation = 0 }\n"
"""Not every kernel has a driver for logical volumes: what is on the devices is made all the same."""


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    program("pvcreate")
    return Shipped(tmp_path)


@contextlib.contextmanager
def loop_device(image: Path):
    with image.open("wb") as file:
        file.truncate(64 << 20)
    made = subprocess.run(["losetup", "-f", "--show", str(image)], capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no loop devices here: {made.stderr}")
    device = made.stdout.strip()
    try:
        yield device
    finally:
        subprocess.run(["losetup", "-d", device], check=True)


def told(minion: Shipped, fun: str, name: str, **kwargs) -> tuple:
    result = minion.state(fun, name, **kwargs)
    return result["result"], result["comment"]


@in_throwaway_root
def test_volumes(minion):
    Path("/etc/lvm/lvmlocal.conf").write_text(NO_DRIVER)
    with loop_device(minion.work / "image") as device:
        assert told(minion, "lvm.pv_present", device, test=True) == (
            None,
            f"Physical Volume {device} is set to be created",
        )
        assert told(minion, "lvm.pv_present", device) == (True, f"Created Physical Volume {device}")
        assert told(minion, "lvm.pv_present", device) == (True, f"Physical Volume {device} already present")
        assert minion.call("lvm.pvdisplay")[device]["Physical Volume Device"] == device
        group = {"devices": device}
        assert told(minion, "lvm.vg_present", "trial", test=True, **group)[0] is None
        assert told(minion, "lvm.vg_present", "trial", **group) == (True, "Created Volume Group trial")
        again = told(minion, "lvm.vg_present", "trial", **group)
        assert again == (True, f"Volume Group trial already present\n{device} is part of Volume Group")
        shown = minion.call("lvm.vgdisplay", "trial")["trial"]
        assert (shown["Current Physical Volumes"], shown["Physical Extent Size (kB)"]) == ("1", "4096")
        volume = {"vgname": "trial", "size": "8M"}
        assert (
            told(minion, "lvm.lv_present", "one", test=True, **volume)[1] == "Logical Volume one is set to be created"
        )
        assert told(minion, "lvm.lv_present", "one", **volume, **PLAIN) == (True, "Created Logical Volume one")
        assert told(minion, "lvm.lv_present", "one", **volume) == (True, "Logical Volume one already present")
        assert minion.call("lvm.lvdisplay", "/dev/trial/one")["/dev/trial/one"]["Logical Volume Size"] == "16384"
        larger = {"vgname": "trial", "size": "16M"}
        assert told(minion, "lvm.lv_present", "one", test=True, **larger) == (
            None,
            "Logical Volume one is set to be resized",
        )
        assert told(minion, "lvm.lv_present", "one", **larger) == (True, "Resized Logical Volume one")
        smaller = told(minion, "lvm.lv_present", "one", **volume)
        assert smaller[0] is False
        assert "only with `force: True`" in smaller[1]
        too_large = told(minion, "lvm.lv_present", "two", vgname="trial", size="1G", **PLAIN)
        assert too_large[0] is False
        assert "insufficient free space" in too_large[1].lower()
        assert told(minion, "lvm.lv_absent", "one", vgname="trial", test=True)[0] is None
        assert told(minion, "lvm.lv_absent", "one", vgname="trial") == (True, "Removed Logical Volume one")
        assert told(minion, "lvm.lv_absent", "one", vgname="trial") == (True, "Logical Volume one already absent")
        assert told(minion, "lvm.vg_absent", "trial") == (True, "Removed Volume Group trial")
        assert told(minion, "lvm.vg_absent", "trial") == (True, "Volume Group trial already absent")
        assert told(minion, "lvm.pv_absent", device) == (True, f"Removed Physical Volume {device}")
        assert told(minion, "lvm.pv_absent", device) == (True, f"Physical Volume {device} does not exist")


def test_what_is_wrong(minion):
    assert told(minion, "lvm.pv_present", "/no/such") == (
        False,
        "Failed to create Physical Volume /no/such: /no/such does not exist",
    )
    wrong = minion.outcome("lvm.lvcreate", "a", "b").value
    assert "Either size or extents must be specified" in wrong
    assert "None" not in minion.call("lvm.lvcreate", "a", "nosuchgroup", thinvolume=True)
    assert minion.call("lvm.vgdisplay", "nosuchgroup", quiet=True) == {}
    assert minion.call("lvm.version")[0].isdigit()
