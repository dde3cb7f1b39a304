"""Names of PCI devices from the `pci.ids` file that distributions ship."""

from __future__ import annotations

_VENDORS = {
    "10de": "nvidia",
    "12d2": "nvidia",
    "1002": "amd",
    "1022": "amd",
    "102b": "matrox",
    "1234": "qemu",
    "1a03": "aspeed",
    "1af4": "redhat",
    "15ad": "vmware",
    "1013": "cirrus logic",
    "8086": "intel",
}


def vendor_name(vendor: str) -> str:
    """The short name of a maker of displays by its four hexadecimal digits; `unknown` for any other."""
    return _VENDORS.get(vendor, "unknown")


def device_name(ids: str, vendor: str, device: str) -> str:
    """The name of a device in the text of `pci.ids`; its number where the text does not name it."""
    start = ids.find(f"\n{vendor}  ")
    section = ids[start + 1 :].split("\n", 1)[-1] if start >= 0 else ""
    for line in section.splitlines():
        if line and not line.startswith(("\t", "#")):
            break
        if line.startswith(f"\t{device}  "):
            return line.split("  ", 1)[1]
    return f"{vendor}:{device}"
