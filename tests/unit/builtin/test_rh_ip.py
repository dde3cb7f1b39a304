"""`ip` and the states `network` of Red Hat, in a throw-away root, beside what Salt 3008.2 answered."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped
from thrice import Trial
from transcript import differences

from throwaway_root import in_network_namespace, in_throwaway_root

pytestmark = [pytest.mark.timeout(300), pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")]

_RED_HAT = {"grains": {"os_family": "RedHat", "os": "Rocky", "kernel": "Linux"}}
_SCRIPTS = Path("/etc/sysconfig/network-scripts")


@in_network_namespace
@in_throwaway_root
def test_it_answers_as_salt_does(tmp_path: Path):
    card = ["ip", "link", "add", "eth0", "address", "02:00:00:00:00:01", "type", "veth"]
    subprocess.run(card, check=True)
    assert differences("rh_ip_of_salt", tmp_path, {}, **_RED_HAT) == []


@in_network_namespace
@in_throwaway_root
def test_interfaces_are_written(tmp_path: Path):
    trial = Trial(tmp_path, **_RED_HAT)
    wanted = {"type": "eth", "proto": "static", "ipaddr": "10.0.0.2", "netmask": "255.255.255.0", "noifupdown": True}
    added = trial.thrice("network.managed", "e1", **wanted)
    assert (added.done, added.changes) == ("Interface e1 added.", {"interface": "Added network interface."})
    file = _SCRIPTS / "ifcfg-e1"
    assert 'BOOTPROTO="none"\nONBOOT="yes"\nIPADDR="10.0.0.2"\n' in file.read_text()
    assert trial.minion.call("ip.get_interface", "e1") == file.read_text().splitlines()
    changed = trial.thrice("network.managed", "e1", **{**wanted, "ipaddr": "10.0.0.3"})
    assert '-IPADDR="10.0.0.2"\n+IPADDR="10.0.0.3"' in changed.changes["interface"]
    bond = {"type": "bond", "proto": "none", "mode": "active-backup", "miimon": 100, "noifupdown": True}
    assert trial.thrice("network.managed", "bond0", **bond).done == "Interface bond0 added."
    told = trial.told("network.managed", "bond1", **{**bond, "mode": 9})
    assert told[0] is False
    assert told[1].startswith("Invalid option -- Interface: bond1, Option: mode, Expected: [0|1|2|3|4|5|6|balance-rr|")


@in_throwaway_root
def test_routes_and_the_network_are_written(tmp_path: Path):
    trial = Trial(tmp_path, **_RED_HAT)
    routes = [
        {"name": "near", "ipaddr": "10.0.0.0", "netmask": "255.0.0.0", "gateway": "10.1.0.1"},
        {"name": "far", "ipaddr": "2001::/64", "gateway": "2001::1", "metric": 5},
    ]
    assert trial.thrice("network.routes", "e1", routes=routes).done == "Interface e1 routes added."
    assert (_SCRIPTS / "route-e1").read_text() == "# near\n10.0.0.0/255.0.0.0 via 10.1.0.1\n"
    assert (_SCRIPTS / "route6-e1").read_text() == "# far\n2001::/64 via 2001::1 metric 5\n"
    trial.thrice("network.routes", "e1", routes=routes[:1])
    assert (_SCRIPTS / "route6-e1").read_text() == ""
    network = Path("/etc/sysconfig/network")
    network.write_text('# by hand\nHOSTNAME="old"\nFORWARD_IPV4=yes\n')
    given = {"enabled": True, "hostname": "web1.example.com", "gateway": "10.1.0.1", "require_reboot": True}
    trial.thrice("network.system", "network", **given)
    lines = network.read_text().splitlines()
    assert lines[:3] == ["NETWORKING=yes", "HOSTNAME=web1.example.com", "GATEWAY=10.1.0.1"]
    assert set(lines[3:]) == {"# by hand", "FORWARD_IPV4=yes"}


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        ("wlan", {}, "Invalid option -- Interface: e1, Option: wlan, Expected: [eth|bond|team|"),
        ("eth", {"proto": "dchp"}, "Invalid option -- Interface: e1, Option: dchp, Expected: [none|bootp|dhcp]"),
        ("eth", {"prefix": 24, "netmask": "255.0.0.0"}, "Cannot use prefix and netmask together"),
        ("eth", {"hwaddr": "a", "macaddr": "b"}, "Cannot pass both hwaddr and macaddr"),
        ("eth", {"mtu": "abc"}, "Invalid option -- Interface: e1, Option: mtu, Expected: [integer]"),
        ("eth", {"userctl": "maybe"}, "Option: maybe, Expected: [yes|on|true|1|True|no|off|false|0|False]"),
        ("eth", {"speed": 5}, "Option: 5, Expected: [10|100|1000|10000]"),
        ("eth", {"duplex": "both"}, "Option: duplex, Expected: [full|half]"),
        ("slave", {}, "master is a required setting for slave interfaces"),
        ("bond", {"miimon": 100}, "mode is required for bond interfaces"),
        ("bond", {"mode": 0}, "Option: miimon or arp_interval, Expected: [at least one of these is required]"),
        ("bond", {"mode": 1, "miimon": 100, "downdelay": 5}, "Expected: [0 or a multiple of miimon (100)]"),
        ("bond", {"mode": 4, "miimon": 1, "lacp_rate": "x"}, "Option: lacp_rate, Expected: [fast|1|slow|0]"),
        ("ipip", {"my_inner_ipaddr": "1.2.3.4"}, "Option: my_outer_ipaddr, Expected: [1.2.3.4]"),
    ],
)
def test_what_is_no_setting_is_told(kind: str, given: dict[str, object], reason: str, tmp_path: Path):
    done = Shipped(tmp_path, **_RED_HAT).outcome("ip.build_interface", "e1", kind, True, test=True, **given)
    assert done.faults
    assert reason in str(done.value)


def test_a_bond_is_watched_by_arp(tmp_path: Path):
    call = Shipped(tmp_path, **_RED_HAT).call
    given = {"mode": "active-backup", "arp_interval": 100, "arp_ip_target": ["10.0.0.1", "10.0.0.2"], "test": True}
    lines = call("ip.build_interface", "bond0", "bond", True, **given)
    assert 'BONDING_OPTS="mode=1 arp_interval=100 arp_ip_target=10.0.0.1,10.0.0.2 use_carrier=0"' in lines
