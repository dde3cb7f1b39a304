"""What udev and the firmware tell: udev of a device that every kernel has, the firmware in a text of dmidecode."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14")
LO = "/sys/class/net/lo"
DMI = """# dmidecode 3.4
Getting SMBIOS data from sysfs.

Handle 0x0001, DMI type 1, 27 bytes
System Information
\tManufacturer: Trial Works
\tSerial Number: None
\tUUID: 11111111-2222-3333-4444-555555555555

Handle 0x0002, DMI type 11, 5 bytes
OEM Strings
\tString 1: one
\tFeatures:
\t\tfirst
\t\tsecond
"""


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path)


def test_devices(minion):
    program("udevadm")
    assert minion.call("udev.path", LO) == "/devices/virtual/net/lo"
    assert minion.call("udev.env", LO)["INTERFACE"] == "lo"
    assert minion.call("udev.env", LO)["IFINDEX"] == 1
    assert minion.call("udev.links", LO) is None
    assert minion.call("udev.name", LO) is None
    assert minion.call("udev.info", LO)["E"]["SUBSYSTEM"] == "net"
    assert "/devices/virtual/net/lo" in [one["P"] for one in minion.call("udev.exportdb")]
    assert minion.outcome("udev.info", "/sys/no/such").faults


@in_throwaway_root
def test_the_firmware(minion):
    place = Path("/usr/local/bin/dmidecode")
    Path("/usr/local/dmi").write_text(DMI)
    place.write_text(
        "#!/bin/sh\n"
        'case "$1 $2" in\n"-s system-manufacturer") echo "Trial Works";;\n"-s system-serial-number") echo None;;\n'
        '"-s system-uuid") echo 11111111-2222-3333-4444-555555555555;;\n'
        '"-s "*) echo "Invalid string keyword: $2" >&2; exit 2;;\n*) cat /usr/local/dmi;;\nesac\n'
    )
    place.chmod(0o755)
    assert minion.call("smbios.get", "system-manufacturer") == "Trial Works"
    assert minion.call("smbios.get", "system-serial-number") is None
    assert minion.call("smbios.get", "system-serial-number", clean=False) == "None"
    assert minion.call("smbios.get", "system-uuid") == "11111111-2222-3333-4444-555555555555"
    assert "Invalid string keyword: nono" in minion.outcome("smbios.get", "nono").value
    system, strings = minion.call("smbios.records")
    assert system == {
        "data": {"manufacturer": "Trial Works", "uuid": "11111111-2222-3333-4444-555555555555"},
        "description": "System Information",
        "handle": "0x0001",
        "type": 1,
        "size": 27,
    }
    assert strings["data"] == {"string_1": "one", "features": ["first", "second"]}
    (only, _) = minion.call("smbios.records", fields="uuid")
    assert set(only["data"]) == {"uuid"}
