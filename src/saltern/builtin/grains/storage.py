"""Disks, logical volumes and software RAID."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api.linux import proc
from saltern.plugin_api.linux.files import names_in, read_text

__grains_keys__ = {
    "disks": ("disks", "ssds"),
    "logical_volumes": ("lvm",),
    "raid": ("mdadm",),
    "fibre_channel": ("fibre_channel_host", "fc_wwn"),
    "iscsi": ("iscsi_iqn",),
}

_BLOCK = "/sys/block"
_NOT_DISKS = ("loop", "ram", "zram", "sr", "fd", "dm-", "md")


def disks() -> dict[str, list[str]]:
    """Block devices by the kernel's word on whether they rotate; `ssds` are those that do not."""
    found: dict[str, list[str]] = {"disks": [], "ssds": []}
    kinds = {"1": "disks", "0": "ssds"}
    for name in names_in(_BLOCK):
        kind = kinds.get(read_text(f"{_BLOCK}/{name}/queue/rotational"))
        if kind and not name.startswith(_NOT_DISKS):
            found[kind].append(name)
    return found


def logical_volumes() -> dict[str, dict[str, list[str]]]:
    """Volume groups with their active volumes, as the device mapper names them."""
    groups: dict[str, list[str]] = {}
    for device in names_in(_BLOCK):
        if device.startswith("dm-") and read_text(f"{_BLOCK}/{device}/dm/uuid").startswith("LVM-"):
            group, volume = _split_mapper_name(read_text(f"{_BLOCK}/{device}/dm/name"))
            groups.setdefault(group, []).append(volume)
    return {"lvm": groups} if groups else {}


def raid() -> dict[str, list[str]]:
    found = proc.parse_mdstat(read_text("/proc/mdstat"))
    return {"mdadm": found} if found else {}


def fibre_channel() -> dict[str, Any]:
    root = "/sys/class/fc_host"
    ports = [name for host in names_in(root) if (name := read_text(f"{root}/{host}/port_name"))]
    found: dict[str, Any] = {"fibre_channel_host": os.path.isdir(root)}
    return {**found, "fc_wwn": [name.removeprefix("0x") for name in ports]} if ports else found


def iscsi() -> dict[str, list[str]]:
    lines = read_text("/etc/iscsi/initiatorname.iscsi").splitlines()
    names = [line.partition("=")[2].strip() for line in lines if line.startswith("InitiatorName=")]
    return {"iscsi_iqn": names} if names else {}


def _split_mapper_name(name: str) -> tuple[str, str]:
    """`group-volume`, where a `-` of either name is doubled."""
    group, _, volume = name.replace("--", "\0").partition("-")
    return group.replace("\0", "-"), volume.replace("\0", "-")
