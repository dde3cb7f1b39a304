"""Processors, memory, the machine's make, its displays, and what it is a guest of."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import Opts
from saltern.plugin_api.linux import pci, proc, virtualization
from saltern.plugin_api.linux.files import names_in, read_text

__opts__: Opts

__grains_keys__ = {
    "cpu": ("num_cpus", "cpu_model", "cpu_flags"),
    "memory": ("mem_total", "swap_total"),
    "machine": (
        "biosversion",
        "biosvendor",
        "biosreleasedate",
        "boardname",
        "manufacturer",
        "productname",
        "serialnumber",
        "uuid",
    ),
    "virtual": ("virtual", "virtual_subtype"),
    "displays": ("num_gpus", "gpus"),
    "firmware": ("efi", "efi-secure-boot"),
}

_DMI = "/sys/class/dmi/id"
_DMI_FILES = {
    "biosversion": "bios_version",
    "biosvendor": "bios_vendor",
    "biosreleasedate": "bios_date",
    "boardname": "board_name",
    "manufacturer": "sys_vendor",
    "productname": "product_name",
    "serialnumber": "product_serial",
    "uuid": "product_uuid",
}
_PCI = "/sys/bus/pci/devices"
_PCI_IDS = ("/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids")
_DISPLAY_CLASS = "0x03"
_SECURE_BOOT = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def cpu() -> dict[str, Any]:
    found = proc.parse_cpuinfo(read_text("/proc/cpuinfo"))
    return {"num_cpus": found.processors or os.cpu_count() or 1, "cpu_model": found.model, "cpu_flags": found.flags}


def memory() -> dict[str, int]:
    """In MiB."""
    found = proc.parse_meminfo(read_text("/proc/meminfo"))
    return {"mem_total": found.get("MemTotal", 0) // 1024, "swap_total": found.get("SwapTotal", 0) // 1024}


def machine() -> dict[str, str]:
    """What the firmware says (DMI); serial number and uuid are for root only."""
    found = {grain: read_text(f"{_DMI}/{file}") for grain, file in _DMI_FILES.items()}
    found["uuid"] = found["uuid"].lower()
    return {grain: value for grain, value in found.items() if value}


def virtual() -> dict[str, str]:
    clues = virtualization.Clues(
        container=_container_variable() or read_text("/run/systemd/container"),
        cgroup=read_text("/proc/1/cgroup"),
        dockerenv=os.path.exists("/.dockerenv"),
        containerenv=os.path.exists("/run/.containerenv"),
        openvz=os.path.isdir("/proc/vz") and not os.path.isdir("/proc/bc"),
        vendor=read_text(f"{_DMI}/sys_vendor"),
        product=read_text(f"{_DMI}/product_name"),
        hypervisor=read_text("/sys/hypervisor/type"),
        xen_capabilities=read_text("/proc/xen/capabilities"),
        cpu_flags=tuple(proc.parse_cpuinfo(read_text("/proc/cpuinfo")).flags),
    )
    return virtualization.detect(clues)


def displays() -> dict[str, Any]:
    """The display controllers, if `enable_gpu_grains` is set (it is unless configured)."""
    if not __opts__.get("enable_gpu_grains", True):
        return {}
    cards = [_card(slot) for slot in names_in(_PCI) if read_text(f"{_PCI}/{slot}/class").startswith(_DISPLAY_CLASS)]
    return {"num_gpus": len(cards), "gpus": cards}


def firmware() -> dict[str, bool]:
    efi = os.path.isdir("/sys/firmware/efi")
    return {"efi": efi, "efi-secure-boot": efi and _secure_boot()}


def _secure_boot() -> bool:
    """An EFI variable is four bytes of attributes and its value, here one byte."""
    try:
        with open(_SECURE_BOOT, "rb") as file:
            return file.read()[-1:] == b"\x01"
    except OSError:
        return False


def _container_variable() -> str:
    for assignment in read_text("/proc/1/environ").split("\0"):
        name, _, value = assignment.partition("=")
        if name == "container":
            return value
    return ""


def _card(slot: str) -> dict[str, str]:
    vendor = read_text(f"{_PCI}/{slot}/vendor").removeprefix("0x")
    device = read_text(f"{_PCI}/{slot}/device").removeprefix("0x")
    ids = next((text for path in _PCI_IDS if (text := read_text(path))), "")
    return {"vendor": pci.vendor_name(vendor), "model": pci.device_name("\n" + ids, vendor, device)}
