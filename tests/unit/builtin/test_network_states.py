"""`ip` and the states `network` of Debian, in a throw-away root, beside what Salt 3008.2 answered there."""

from __future__ import annotations

from pathlib import Path

import pytest
from thrice import Trial
from transcript import differences

from throwaway_root import in_throwaway_root

pytestmark = [pytest.mark.timeout(300), pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")]

_DEBIAN = {"grains": {"os_family": "Debian", "os": "Debian", "kernel": "Linux"}}
_INTERFACES = """# This file describes the network.
source /etc/network/interfaces.d/*

auto lo e1
iface lo inet loopback

# The one to the world
iface e1 inet dhcp
    # by the provider
    metric 3

allow-hotplug e2
iface e2 inet manual
"""


@in_throwaway_root
def test_it_answers_as_salt_does(tmp_path: Path):
    assert differences("debian_ip_of_salt", tmp_path, {}, **_DEBIAN) == []


@in_throwaway_root
def test_all_else_in_the_file_stays(tmp_path: Path):
    file = Path("/etc/network/interfaces")
    file.parent.mkdir(exist_ok=True)
    file.write_text(_INTERFACES)
    trial = Trial(tmp_path, **_DEBIAN)
    assert trial.minion.call("ip.get_interface", "e1") == ["auto e1\n", "iface e1 inet dhcp\n", "    metric 3\n", "\n"]
    wanted = {"type": "eth", "proto": "static", "ipaddr": "10.0.0.2", "netmask": "255.255.255.0", "noifupdown": True}
    changed = trial.thrice("network.managed", "e1", **wanted)
    assert changed.foreseen == f"Interface e1 is set to be updated:\n{changed.changes['interface']}"
    assert changed.done == "Interface e1 updated."
    assert file.read_text() == _INTERFACES.replace("auto lo e1", "auto lo").replace(
        "iface e1 inet dhcp\n    # by the provider\n    metric 3\n",
        "auto e1\niface e1 inet static\n    address 10.0.0.2\n    netmask 255.255.255.0\n",
    )
    added = trial.thrice("network.managed", "br0", type="bridge", proto="dhcp", ports="e1 e2", fd=0, noifupdown=True)
    assert (added.done, added.changes) == ("Interface br0 added.", {"interface": "Added network interface."})
    end = "\n\nauto br0\niface br0 inet dhcp\n    bridge_fd 0\n    bridge_ports e1 e2\n"
    assert file.read_text().endswith(end)
    wrong = trial.told("network.managed", "e9", type="eth", proto="dchp", dry=True)
    assert wrong[0] is False
    assert wrong[1].startswith("Invalid option -- Interface: e9, Option: dchp, Expected: [static|dhcp|")


@in_throwaway_root
def test_bonds_and_settings(tmp_path: Path):
    trial = Trial(tmp_path, **_DEBIAN)
    Path("/usr/local/sbin/modprobe").write_text("#!/bin/sh\n")
    Path("/usr/local/sbin/modprobe").chmod(0o755)
    bond = {"type": "bond", "proto": "dhcp", "mode": 4, "slaves": "e1 e2", "noifupdown": True}
    made = trial.thrice("network.managed", "bond1", **bond)
    assert made.foreseen == "Bond interface bond1 is set to be added."
    assert made.changes["bond"] == "Added bond bond1."
    driver = Path("/etc/modprobe.d/bond1.conf").read_text()
    assert driver == (
        "alias bond1 bonding\n"
        "options bond1 mode=4 miimon=100 downdelay=200 updelay=0 lacp_rate=0 ad_select=0 use_carrier=on "
    )
    arp = trial.minion.call("ip.build_bond", "b", mode="active-backup", arp_interval=9, arp_ip_target=["1.1.1.1"])
    assert arp[1] == "options b mode=1 arp_interval=9 arp_ip_target=1.1.1.1 use_carrier=on "
    system = trial.thrice("network.system", "all", enabled=True, hostname="w1.example.com", require_reboot=True)
    assert system.done == "Global network settings updated."
    assert Path("/etc/hostname").read_text() == "w1\n"
    assert "domain example.com\n" in Path("/etc/resolv.conf").read_text()
    assert "CONFIGURE_INTERFACES=yes\n" in Path("/etc/default/networking").read_text()
