"""`network`: arithmetic as recorded from Salt 3008.2, and the tables of the kernel."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from shipped import Shipped

from saltern.plugin_api.linux import sockets

pytestmark = pytest.mark.behaviour("LDR-14")

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""
ROUTES6 = (
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001"
    " 00000400 00000001 00000000 00000003     eth0\n"
)
ARP = """IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
192.0.2.7        0x1         0x0         00:00:00:00:00:00     *        eth0
"""


@pytest.mark.parametrize(
    ("fun", "args", "expected"),
    [
        (
            "convert_cidr",
            ["10.0.0.5/24"],
            {"network": "10.0.0.0", "netmask": "255.255.255.0", "broadcast": "10.0.0.255"},
        ),
        ("ip_in_subnet", ["x", "y"], False),
        ("is_private", ["fe80::1"], True),
        ("iphexval", ["10.0.0.1"], "0A000001"),
        ("reverse_ip", ["::1"], "1." + "0." * 31 + "ip6.arpa"),
    ],
)
def test_arithmetic(tmp_path: Path, fun: str, args: list[Any], expected: Any):
    assert Shipped(tmp_path).call(f"network.{fun}", *args) == expected


def test_what_is_no_address_is_told(tmp_path: Path):
    minion = Shipped(tmp_path)
    assert "'x' does not appear to be an IPv4 or IPv6 address" in minion.outcome("network.is_private", "x").value
    assert "'x' does not appear to be an IPv4 or IPv6 network" in minion.outcome("network.calc_net", "x").value


def test_tables_of_the_kernel():
    assert sockets.routes4(ROUTES) == [
        {"addr_family": "inet", "destination": "0.0.0.0", "gateway": "192.0.2.1", "netmask": "0.0.0.0", "flags": "UG",
         "interface": "eth0"},
        {"addr_family": "inet", "destination": "192.0.2.0", "gateway": "0.0.0.0", "netmask": "255.255.255.0",
         "flags": "U", "interface": "eth0"},
    ]  # fmt: skip
    assert sockets.routes6(ROUTES6) == [
        {"addr_family": "inet6", "destination": "::/0", "gateway": "fd00::1", "netmask": "", "flags": "UG",
         "interface": "eth0"},
    ]  # fmt: skip
    assert sockets.neighbours(ARP) == {"02:fc:00:00:00:05": "192.0.2.1"}


def test_the_loopback_interface_of_this_machine(tmp_path: Path):
    minion = Shipped(tmp_path)
    known = minion.call("network.interfaces")
    assert known["lo"]["up"] is True
    assert known["lo"]["inet"][0]["address"] == "127.0.0.1"
    assert minion.call("network.interface_ip", "lo") == "127.0.0.1"
    assert minion.call("network.ip_addrs", interface="lo") == []
    assert minion.call("network.ip_addrs", cidr="127.0.0.0/8", include_loopback=True) == ["127.0.0.1"]
    assert "Interface nosuch not in available interfaces" in minion.outcome("network.hw_addr", "nosuch").value


def test_whether_a_port_answers(tmp_path: Path):
    minion = Shipped(tmp_path)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert minion.call("network.connect", "127.0.0.1", port)["result"] is True
    told = minion.call("network.connect", "127.0.0.1", port)
    assert told == {"result": False, "comment": f"Unable to connect to 127.0.0.1 (127.0.0.1) on tcp port {port}"}
