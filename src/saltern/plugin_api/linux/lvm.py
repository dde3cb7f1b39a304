"""What the programs of LVM tell, in the form with colons (`pvdisplay -c` and its kin)."""

from __future__ import annotations

_PHYSICAL = (
    "Physical Volume Device",
    "Volume Group Name",
    "Physical Volume Size (kB)",
    "Internal Physical Volume Number",
    "Physical Volume Status",
    "Physical Volume (not) Allocatable",
    "Current Logical Volumes Here",
    "Physical Extent Size (kB)",
    "Total Physical Extents",
    "Free Physical Extents",
    "Allocated Physical Extents",
)
_GROUP = (
    "Volume Group Name",
    "Volume Group Access",
    "Volume Group Status",
    "Internal Volume Group Number",
    "Maximum Logical Volumes",
    "Current Logical Volumes",
    "Open Logical Volumes",
    "Maximum Logical Volume Size",
    "Maximum Physical Volumes",
    "Current Physical Volumes",
    "Actual Physical Volumes",
    "Volume Group Size (kB)",
    "Physical Extent Size (kB)",
    "Total Physical Extents",
    "Allocated Physical Extents",
    "Free Physical Extents",
    "UUID",
)
_LOGICAL = (
    "Logical Volume Name",
    "Volume Group Name",
    "Logical Volume Access",
    "Logical Volume Status",
    "Internal Logical Volume Number",
    "Open Logical Volumes",
    "Logical Volume Size",
    "Current Logical Extents Associated",
    "Allocated Logical Extents",
    "Allocation Policy",
    "Read Ahead Sectors",
    "Major Device Number",
    "Minor Device Number",
)
_COLUMNS = {"pvdisplay": _PHYSICAL, "vgdisplay": _GROUP, "lvdisplay": _LOGICAL}


def parse(program: str, text: str) -> dict[str, dict[str, str]]:
    """What `pvdisplay -c`, `vgdisplay -c` or `lvdisplay -c` prints, by the name of each thing."""
    columns = _COLUMNS[program]
    found = {}
    for line in text.splitlines():
        values = line.strip().removeprefix('"').split(":")
        if len(values) >= len(columns):
            found[values[0]] = dict(zip(columns, values, strict=False))
    return found
