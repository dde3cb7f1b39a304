"""The network module: what it calculates, and what it says of a network namespace made for the test."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from shipped import Shipped

from servers import program
from throwaway_root import in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14")

WORLD = """
ip link set lo up
ip addr add 127.0.0.5/8 dev lo
ip link add d0 address 02:00:00:00:00:01 type veth peer name d1
ip link set d1 up; ip link set d0 up
ip addr add 10.1.2.3/24 brd + dev d0
ip addr add 10.1.2.4/24 dev d0
ip addr add 10.1.3.4/24 brd 10.1.3.255 dev d0 label d0:1
ip addr add 8.8.4.4/32 dev d0
ip addr add 10.9.9.1 peer 10.9.9.2/32 dev d0
ip -6 addr add 2001:db8::5/64 dev d0 nodad
ip route add 10.50.0.0/16 via 10.1.2.9 metric 5
ip route add 10.51.0.1 via 10.1.2.9
ip route add blackhole 10.52.0.0/16
ip route add default via 10.1.2.254
ip neigh add 10.1.2.77 lladdr 02:00:00:00:00:77 dev d0
ip -6 neigh add 2001:db8::77 lladdr 02:00:00:00:00:78 dev d0
ip -6 route add 2001:db8:1::/48 via 2001:db8::1
"""


@pytest.fixture
def minion(tmp_path):
    shipped = Shipped(tmp_path)
    yield shipped
    shipped.space.close()


@pytest.mark.parametrize(
    ("fun", "args", "value"),
    [
        ("calc_net", ["172.17.0.5", "255.255.255.240"], "172.17.0.0/28"),
        ("calc_net", ["2a02:f6e:a000:80:84d8:8332:7866:4e07/64"], "2a02:f6e:a000:80::/64"),
        ("calc_net", ["10.0.0.1"], "10.0.0.1/32"),
        ("calc_net", ["10.0.0.1", 24], "10.0.0.0/24"),
        ("convert_cidr", ["172.31.3.4/16"], ["172.31.0.0", "255.255.0.0", "172.31.255.255"]),
        ("convert_cidr", ["172.31.3.4"], ["172.31.3.4", "255.255.255.255", "172.31.3.4"]),
        ("convert_cidr", ["2001:db8::7/64"], ["2001:db8::", "ffff:ffff:ffff:ffff::", "2001:db8::ffff:ffff:ffff:ffff"]),
        ("ip_in_subnet", ["::1", "::/0"], True),
        ("ip_in_subnet", ["::1", "10.0.0.0/8"], False),
        ("ip_in_subnet", ["10.1.1.1", "bogus"], False),
        ("ip_in_subnet", ["10.1.1.1", ["10.0.0.0/8"]], False),
        ("is_private", ["169.254.1.1"], True),
        ("is_private", ["192.0.2.1"], True),
        ("is_private", ["100.64.0.1"], False),
        ("is_loopback", ["127.3.3.3"], True),
        ("is_loopback", ["::1"], True),
        ("iphexval", ["192.168.10.5"], "C0A80A05"),
        ("reverse_ip", ["2001:db8::1"], "1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa"),
    ],
)
def test_calculations(minion, fun, args, value):
    found = minion.call(f"network.{fun}", *args)
    assert (list(found.values()) if isinstance(found, dict) else found) == value


@pytest.mark.parametrize(
    ("fun", "args", "text"),
    [
        ("calc_net", ["bogus"], "'bogus' does not appear to be an IPv4 or IPv6 network"),
        ("is_private", ["bogus"], "'bogus' does not appear to be an IPv4 or IPv6 address"),
        ("ip_in_subnet", ["bogus", "10.0.0.0/8"], "'bogus' does not appear to be an IPv4 or IPv6 address"),
        ("wol", ["bogus"], "Invalid MAC address"),
        ("routes", ["bogus"], "Invalid address family bogus"),
        ("mod_hostname", ["a b"], "'a b' is no host name"),
    ],
)
def test_what_cannot_be_read_is_named(minion, fun, args, text):
    done = minion.outcome(f"network.{fun}", *args)
    assert done.faults
    assert text in str(done.value)


@pytest.fixture(scope="module")
def world():
    """Each call's value in a network namespace of its own (`WORLD`)."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    program("ip")
    calls = [
        ["interfaces"], ["interface", "d0"], ["interface", "d1"], ["interface", "no"], ["interface_ip", "d0"],
        ["interface_ip", "d1"], ["hwaddr", "d0"], ["ip_addrs"], ["ip_addrs", "lo", True], ["ip_addrs", None, True],
        ["ip_addrs", None, False, None, "public"], ["ip_addrs", None, False, None, "private"],
        ["ip_addrs", None, False, "10.1.0.0/16"], ["ip_addrs6", None, True], ["ip_networks"],
        ["ip_networks", None, True, True], ["subnets", ["d0"]], ["subnets6"], ["routes", "inet"],
        ["default_route", "inet"], ["get_route", "10.50.1.1"], ["get_route", "2001:db8:1::7"],
        ["arp"], ["ip_neighs"], ["ip_neighs6"],
        ["ifacestartswith", 10], ["ifacestartswith", "10.1"], ["in_subnet", "10.1.3.0/24"],
        ["in_subnet", "127.0.0.0/8"], ["in_subnet", "2001:db8::/32"], ["netstat"], ["active_tcp"],
    ]  # fmt: skip
    ask = (
        "import json, sys, tempfile; from pathlib import Path; from shipped import Shipped\n"
        "minion = Shipped(Path(tempfile.mkdtemp()))\n"
        "print(json.dumps([minion.call(f'network.{c[0]}', *c[1:]) for c in json.loads(sys.argv[1])]))"
    )
    done = subprocess.run(
        ["unshare", "-n", "sh", "-ec", f'{WORLD} exec "$0" -c "$1" "$2"', sys.executable, ask, json.dumps(calls)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    values = json.loads(done.stdout.splitlines()[-1])
    return lambda *call: values[calls.index(list(call))]


def entry(address, netmask, broadcast=None, label="d0", **more):
    return {**more, "address": address, "netmask": netmask, "broadcast": broadcast, "label": label}


def test_interfaces(world):
    found = world("interfaces")
    assert list(found) == ["lo", "d1", "d0"]
    assert found["lo"] == {
        "up": True,
        "hwaddr": "00:00:00:00:00:00",
        "inet": [entry("127.0.0.1", "255.0.0.0", label="lo")],
        "secondary": [entry("127.0.0.5", "255.0.0.0", label="lo", type="inet")],
        "inet6": [{"address": "::1", "prefixlen": "128", "scope": "host"}],
    }
    d0 = found["d0"]
    assert (d0["up"], d0["parent"], d0["hwaddr"]) == (True, "d1", "02:00:00:00:00:01")
    assert d0["secondary"] == [entry("10.1.2.4", "255.255.255.0", type="inet")]
    assert d0["inet6"] == [
        {"address": "2001:db8::5", "prefixlen": "64", "scope": "global"},
        {"address": "fe80::ff:fe00:1", "prefixlen": "64", "scope": "link"},
    ]
    assert (
        world("interface", "d0")
        == d0["inet"]
        == [
            entry("10.1.2.3", "255.255.255.0", "10.1.2.255"),
            entry("10.1.3.4", "255.255.255.0", "10.1.3.255", label="d0:1"),
            entry("8.8.4.4", "255.255.255.255"),
            entry("10.9.9.1", "255.255.255.255"),
        ]
    )


def test_questions_about_one_interface(world):
    assert world("interface", "d1") == world("interface_ip", "d1") == ""
    assert world("interface", "no") == 'Interface "no" not in available interfaces: "lo", "d1", "d0"'
    assert world("interface_ip", "d0") == "10.1.2.3"
    assert world("hwaddr", "d0") == "02:00:00:00:00:01"
    assert world("ifacestartswith", 10) == ["d0", "d0:1", "d0"]
    assert world("ifacestartswith", "10.1") == ["d0", "d0:1"]


def test_addresses_and_networks(world):
    private = ["10.1.2.3", "10.1.2.4", "10.1.3.4", "10.9.9.1"]
    assert world("ip_addrs") == ["8.8.4.4", *private]
    assert world("ip_addrs", None, False, None, "private") == private
    assert world("ip_addrs", None, False, None, "public") == ["8.8.4.4"]
    assert world("ip_addrs", None, False, "10.1.0.0/16") == private[:3]
    assert world("ip_addrs", None, True) == ["8.8.4.4", *private, "127.0.0.1", "127.0.0.5"]
    assert world("ip_addrs", "lo", True) == ["127.0.0.1", "127.0.0.5"]
    assert world("ip_addrs6", None, True)[:2] == ["::1", "2001:db8::5"]
    networks = ["8.8.4.4/32", "10.1.2.0/24", "10.1.3.0/24", "10.9.9.1/32"]
    assert world("ip_networks") == world("subnets", ["d0"]) == networks
    assert world("subnets6") == ["2001:db8::/64", "fe80::/64"]
    assert world("ip_networks", None, True, True)["127.0.0.0/8"] == {
        "address": "127.0.0.0",
        "netmask": "255.0.0.0",
        "num_addresses": 16777216,
        "prefixlen": 8,
    }
    assert world("in_subnet", "10.1.3.0/24")
    assert world("in_subnet", "2001:db8::/32")
    assert not world("in_subnet", "127.0.0.0/8")


def test_routes_and_neighbours(world):
    keys = ("destination", "gateway", "netmask", "flags", "interface")
    found = [tuple(route[key] for key in keys) for route in world("routes", "inet")]
    assert found == [
        ("0.0.0.0", "10.1.2.254", "0.0.0.0", "UG", "d0"),
        ("10.1.2.0", "0.0.0.0", "255.255.255.0", "U", "d0"),
        ("10.1.3.0", "0.0.0.0", "255.255.255.0", "U", "d0"),
        ("10.9.9.2", "0.0.0.0", "255.255.255.255", "UH", "d0"),
        ("10.50.0.0", "10.1.2.9", "255.255.0.0", "UG", "d0"),
        ("10.51.0.1", "10.1.2.9", "255.255.255.255", "UGH", "d0"),
        ("10.52.0.0", "0.0.0.0", "255.255.0.0", "U", "*"),
    ]
    assert [route["gateway"] for route in world("default_route", "inet")] == ["10.1.2.254"]
    way = {"destination": "10.50.1.1", "gateway": "10.1.2.9", "interface": "d0", "source": "10.1.2.3"}
    assert world("get_route", "10.50.1.1") == way
    assert world("get_route", "2001:db8:1::7")["gateway"] == "2001:db8::1"
    assert world("arp")["02:00:00:00:00:77"] == "10.1.2.77"
    assert world("ip_neighs") == {"02:00:00:00:00:77": "10.1.2.77"}
    assert world("ip_neighs6") == {"02:00:00:00:00:78": "2001:db8::77"}
    assert world("netstat") == []
    assert world("active_tcp") == {}


def test_sockets_with_their_programs(minion):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        with socket.create_connection(server.getsockname()):
            found = minion.call("network.netstat")
            active = minion.call("network.active_tcp").values()
        listening = next(one for one in found if one["local-address"] == f"127.0.0.1:{port}" and one["proto"] == "tcp")
        assert listening["state"] == "LISTEN"
        assert listening["remote-address"] == "0.0.0.0:*"
        assert listening["program"].startswith(f"{os.getpid()}/")
        assert listening["user"] == str(os.getuid())
        silent = next(one for one in found if one["local-address"] == f"127.0.0.1:{udp.getsockname()[1]}")
        assert (silent["proto"], "state" in silent) == ("udp", False)
        assert {"127.0.0.1"} == {one["local_addr"] for one in active if port in (one["local_port"], one["remote_port"])}


def test_connect(minion):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert minion.call("network.connect", "127.0.0.1", port) == {
            "result": True,
            "comment": f"Successfully connected to 127.0.0.1 (127.0.0.1) on tcp port {port}",
        }
        assert minion.call("network.connect", "127.0.0.1", port, family="ipv6") == {
            "result": False,
            "comment": f"Unable to resolve host 127.0.0.1 on tcp port {port}",
        }
    assert minion.call("network.connect", "127.0.0.1", port, timeout=1) == {
        "result": False,
        "comment": f"Unable to connect to 127.0.0.1 (127.0.0.1) on tcp port {port}",
    }
    assert not minion.call("network.connect", "127.0.0.1", 99999)["result"]
    assert minion.call("network.connect", "127.0.0.1")["comment"] == "Required argument, port, is missing."
    assert minion.call("network.connect", "", 1)["comment"] == "Required argument, host, is missing."


def test_connect_by_udp_needs_an_answer(minion):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answering:
        answering.bind(("127.0.0.1", 0))
        answering.settimeout(30)
        port = answering.getsockname()[1]
        echo = threading.Thread(target=lambda: answering.sendto(b"!", answering.recvfrom(10)[1]))
        echo.start()
        assert minion.call("network.connect", "127.0.0.1", port, proto="udp")["result"]
        echo.join()
    assert not minion.call("network.connect", "127.0.0.1", port, proto="udp", timeout=1)["result"]


def test_wake_on_lan_sends_the_magic_packet(minion):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asleep:
        asleep.bind(("127.0.0.1", 0))
        asleep.settimeout(30)
        assert minion.call("network.wol", "08-00-27-13-69-77", "127.0.0.1", asleep.getsockname()[1])
        assert asleep.recv(1000) == b"\xff" * 6 + bytes.fromhex("080027136977") * 16


def test_stations_of_a_trace():
    from saltern.builtin.modules import network

    assert network._hop("traceroute to 10.1.2.77 (10.1.2.77), 30 hops max, 60 byte packets") is None
    assert network._hop(" 3  * * *") == {"count": 3, "hostname": "*"}
    assert network._hop(" 1  localhost (127.0.0.1)  0.189 ms  0.010 ms  0.008 ms") == {
        "count": 1,
        "hostname": "localhost",
        "ip": "127.0.0.1",
        "ms1": 0.189,
        "ms2": 0.01,
        "ms3": 0.008,
    }


def test_a_name_that_looks_like_an_option_is_none(minion, tmp_path):
    names = tmp_path / "names"
    names.write_text("secret.example.test\n")
    for name in ("dig", "ping", "traceroute"):
        program(name)
        assert "secret" not in str(minion.call(f"network.{name}", f"-f{names}"))


@in_throwaway_root
def test_the_host_name_is_set_with_its_entries_in_the_hosts_file(minion):
    socket.sethostname("old")
    Path("/etc/hosts").write_text(
        "127.0.0.1 localhost\n127.0.1.1\told.example.com old # old\n10.0.0.1 older old2\n# old\n"
    )
    assert minion.call("network.mod_hostname", "new.example.org") is True
    assert socket.gethostname() == Path("/etc/hostname").read_text().strip() == "new.example.org"
    assert Path("/etc/hosts").read_text() == (
        "127.0.0.1 localhost\n127.0.1.1\tnew.example.org new # old\n10.0.0.1 older old2\n# old\n"
    )
    assert minion.call("network.get_fqdn") == "new.example.org"


def test_ring_sizes(minion):
    from saltern.builtin.modules import network

    text = "Pre-set maximums:\nRX:\t\t256\nRX Mini:\tn/a\nTX:\t\t512\n"
    assert dict(network._ring_sizes(text)) == {"rx": 256, "tx": 512}
    if shutil.which("ethtool"):
        assert minion.call("network.get_bufsize", "lo")["result"] is False
