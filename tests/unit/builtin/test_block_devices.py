"""`partition`, `extfs`, `xfs` and the states of block devices on loop devices, beside what Salt 3008.2 answered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shipped import Shipped
from test_lvm import loop_device
from thrice import Trial
from transcript import differences

from saltern.plugin_api import process
from servers import program
from throwaway_root import in_throwaway_root

pytestmark = [pytest.mark.timeout(300), pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")]


def test_without_sfdisk_only_the_types_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("parted", "lsblk"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    monkeypatch.setattr(process, "_USUAL_DIRECTORIES", ())
    monkeypatch.setenv("PATH", str(programs))
    minion = Shipped(tmp_path)
    assert minion.call("partition.exists", f"{tmp_path}/nosuch") is False
    done = minion.outcome("partition.system_types")
    assert done.faults
    assert "sfdisk is not installed" in str(done.value)


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    program("parted")
    program("sfdisk")
    program("mkfs.xfs")
    return Shipped(tmp_path)


@in_throwaway_root
def test_partitions_answer_as_salt_does(minion: Shipped):
    with loop_device(minion.work / "image") as device:
        (minion.work / "disk").symlink_to(device)
        found = differences("partition_of_salt", minion.work, {})
        assert [one for one in found if one[1].replace("@DISK@", device) != one[2]] == []
        assert minion.call("partition.set", device, 1, "legacy_boot", True) == []
        assert minion.call("partition.list", device)["partitions"]["1"]["flags"] == "legacy_boot"
        assert minion.call("partition.disk_set", device, "pmbr_boot", "off") == []
        assert minion.call("partition.system_types")["82"] == "Linux swap / Solaris"
        assert minion.call("partition.get_id", device, 1) == ["0FC63DAF-8483-4772-8E79-3D69D8477DE4"]


@in_throwaway_root
def test_states(minion: Shipped):
    trial = Trial(minion.work)
    with loop_device(minion.work / "image") as device:
        made = trial.thrice("blockdev.formatted", device, fs_type="ext4")
        assert made.foreseen == f"Changes to {device} will be applied "
        assert made.done == f"{device} has been formatted with ext4"
        kept = trial.told("blockdev.formatted", device, fs_type="ext3")
        assert kept == (False, f"Failed to format {device}: it has ext4, which `force: True` would replace", {})
        assert trial.thrice("blockdev.formatted", device, fs_type="ext3", force=True).changes["old"] == "ext4"
        trial.minion.call("disk.tune", device, **{"read-ahead": 512})  # loop devices keep it
        tuned = trial.thrice("blockdev.tuned", device, **{"read-ahead": 1024})
        assert tuned.done == f"Block device {device} successfully modified "
        assert trial.told("blockdev.tuned", "/etc/fstab", **{"read-ahead": 1024}) == (
            False,
            "Changes to /etc/fstab cannot be applied. Not a block device.",
            {},
        )


def test_file_systems(minion: Shipped):
    image = minion.work / "image"
    os.truncate(os.open(image, os.O_CREAT | os.O_WRONLY), 320 << 20)
    said = minion.call("extfs.mkfs", str(image), "ext4", label="data")
    assert any(line.startswith("Filesystem UUID: ") for line in said)
    attributes = minion.call("extfs.attributes", str(image))
    assert (attributes["Filesystem volume name"], attributes["Filesystem state"]) == ("data", "clean")
    assert "extent" in attributes["Filesystem features"]
    first = minion.call("extfs.blocks", str(image))["Group 0"]
    assert (first["group"], first["extra"][0]) == ("0", "Primary superblock at 1, Group descriptors at 2-4")
    assert first["free inodes"]
    assert minion.call("extfs.tune", str(image), max=5)[-1] == "Setting maximal mount count to 5"
    assert "nonsense is no option" in minion.outcome("extfs.tune", str(image), nonsense=1).value
    made = minion.call("xfs.mkfs", str(image), label="foo")
    assert made["meta-data"]["section"] == str(image)
    assert made["data"] == {
        "section": "data",
        "bsize": "4096",
        "blocks": "81920",
        "imaxpct": "25",
        "sunit": "0",
        "swidth": "0 blks",
    }
    assert (made["naming"]["section"], made["log"]["section"]) == ("version 2", "internal log")
    assert made["realtime"] == {"section": "none", "extsz": "4096", "blocks": "0", "rtextents": "0"}
    assert minion.call("xfs.info", str(image)) == made
    changed = minion.call("xfs.modify", str(image), label="bar")[str(image)]
    assert (changed["label"], changed["block_size"]) == ("bar", "512")


def test_attributes_of_the_kernel(tmp_path: Path):
    # What Salt 3008.2 says; nothing is written, for it would hold for the whole machine.
    trial, choice = Trial(tmp_path), "kernel/mm/transparent_hugepage/enabled"
    missing = trial.told("sysfs.present", "kernel/mm/x", value=1, dry=True)
    assert missing == (False, "SysFS attribute kernel/mm/x doesn't exist.", {})
    shown = Path("/sys", choice)
    if not shown.exists():
        pytest.skip("the kernel has no transparent huge pages")
    chosen = shown.read_text().partition("[")[2].partition("]")[0]
    other = "never" if chosen != "never" else "madvise"
    same = trial.told("sysfs.present", choice, value=chosen, dry=True)
    assert same == (True, f"SysFS attribute {choice} is already set.", {})
    will = trial.told("sysfs.present", choice, value=other, dry=True)
    assert will == (None, f"SysFS attribute {choice} set to be changed.", {choice: other})
