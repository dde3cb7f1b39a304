"""What the parsers make of Linux's files: samples of real ones."""

from __future__ import annotations

import socket
import struct
import sys

import pytest

from saltern.plugin_api.linux import netlink, pci, proc, resolver, virtualization
from saltern.plugin_api.linux.virtualization import Clues


def test_cpuinfo_of_x86() -> None:
    core = "processor\t: {}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Gold\nflags\t\t: fpu vme\n\n"
    found = proc.parse_cpuinfo(core.format(0) + core.format(1))
    assert found == (2, "Intel(R) Xeon(R) Gold", ["fpu", "vme"])


def test_cpuinfo_of_arm_and_s390() -> None:
    arm = "processor\t: 0\nBogoMIPS\t: 48.00\nFeatures\t: fp asimd evtstrm\nCPU part\t: 0xd0c\n"
    assert proc.parse_cpuinfo(arm) == (1, "Unknown", ["fp", "asimd", "evtstrm"])
    s390 = "vendor_id       : IBM/S390\nfeatures\t: esan3 zarch\nprocessor 0: version = FF\nprocessor 1: version = FF\n"
    assert proc.parse_cpuinfo(s390)[0] == 2


def test_meminfo() -> None:
    text = "MemTotal:       24684096 kB\nMemFree:        1 kB\nSwapTotal:             0 kB\nHugePages_Total:       0\n"
    assert proc.parse_meminfo(text)["MemTotal"] // 1024 == 24105
    assert proc.parse_meminfo("") == {}


def test_kernel_parameters_keep_order_and_quotes() -> None:
    text = 'root=UUID=1-2 quiet dyndbg="file a.c +p" console=ttyS0 console=tty0 --\n'
    assert proc.parse_cmdline(text) == [
        ["root", "UUID=1-2"],
        ["quiet", None],
        ["dyndbg", "file a.c +p"],
        ["console", "ttyS0"],
        ["console", "tty0"],
        ["--", None],
    ]


def test_mdstat() -> None:
    text = "Personalities : [raid1]\nmd0 : active raid1 sdb1[1] sda1[0]\n      1 blocks\n\nunused devices: <none>\n"
    assert proc.parse_mdstat(text) == ["md0"]


@pytest.mark.skipif(sys.byteorder != "little", reason="a sample of a little-endian machine")
def test_default_routes_by_metric() -> None:
    text = (
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    )
    assert proc.parse_route(text) == [("eth0", "192.0.2.1"), ("wlan0", "192.168.1.1")]


def test_default_routes_of_ipv6() -> None:
    none = "0" * 32
    text = (
        f"fd00{'0' * 28} 40 {none} 00 {none} 00000100 00000001 00000000 00000001     eth0\n"
        f"{none} 00 {none} 00 fd{'0' * 29}1 00000400 00000002 00000000 00000003     eth0\n"
        f"{none} 00 {none} 00 {none} ffffffff 00000001 00000000 00200200       lo\n"
    )
    assert proc.parse_ipv6_route(text) == [("eth0", "fd00::1")]


def test_resolv_conf() -> None:
    text = (
        "# made by hand\nnameserver 10.0.0.1\nnameserver fe80::1%eth0\nnameserver nonsense\n"
        "search a.example b.example\noptions ndots:2 ; end\n"
    )
    assert resolver.parse_resolv_conf(text) == {
        "nameservers": ["10.0.0.1", "fe80::1%eth0"],
        "ip4_nameservers": ["10.0.0.1"],
        "ip6_nameservers": ["fe80::1%eth0"],
        "sortlist": [],
        "domain": "",
        "search": ["a.example", "b.example"],
        "options": ["ndots:2"],
    }


def test_the_first_name_on_the_line_of_a_host_is_its_full_name() -> None:
    text = "127.0.0.1 localhost\n127.0.1.1 web1.example.test web1 # this one\n::2 web1.example.test web1\n"
    assert resolver.find_host(text, "web1") == ("web1.example.test", ["127.0.1.1"], ["::2"])
    assert resolver.find_host(text, "web") is None


def test_getent_ahosts() -> None:
    text = "192.0.2.7      STREAM web1.example.test\n192.0.2.7      DGRAM\n192.0.2.7      RAW\n2001:db8::7 STREAM\n"
    assert resolver.parse_ahosts(text) == ("web1.example.test", ["192.0.2.7"], ["2001:db8::7"])
    assert resolver.parse_ahosts("") is None


def netlink_message(kind: int, body: bytes) -> bytes:
    message = struct.pack("=IHHII", 16 + len(body), kind, 2, 1, 0) + body
    return message + b"\0" * (-len(message) % 4)


def attribute(kind: int, value: bytes) -> bytes:
    data = struct.pack("=HH", 4 + len(value), kind) + value
    return data + b"\0" * (-len(data) % 4)


def test_netlink_addresses() -> None:
    ours, theirs = socket.inet_aton("10.0.0.1"), socket.inet_aton("10.0.0.2")
    six = socket.inet_pton(socket.AF_INET6, "fd00::2")
    data = (
        netlink_message(
            20, struct.pack("=BBBBI", socket.AF_INET, 32, 0, 0, 7) + attribute(1, theirs) + attribute(2, ours)
        )
        + netlink_message(20, struct.pack("=BBBBI", socket.AF_INET6, 64, 0, 0, 2) + attribute(1, six))
        + netlink_message(20, struct.pack("=BBBBI", 99, 64, 0, 0, 2))
    )
    found = [netlink.Address(7, 4, "10.0.0.1", 32), netlink.Address(2, 6, "fd00::2", 64)]
    assert netlink.parse_addresses(data) == (found, False)
    assert netlink.parse_addresses(data + netlink_message(3, b"\0" * 4)) == (found, True)


def test_netlink_refusal_and_rubbish() -> None:
    with pytest.raises(PermissionError):
        netlink.parse_addresses(netlink_message(2, struct.pack("=i", -1)))
    assert netlink.parse_addresses(b"") == ([], True)
    assert netlink.parse_addresses(b"\0" * 64) == ([], False)


def test_the_kernel_lists_its_loopback() -> None:
    assert "127.0.0.1" in [found.address for found in netlink.addresses()]


@pytest.mark.parametrize(
    ("clues", "expected"),
    [
        (Clues(), {"virtual": "physical"}),
        (Clues(vendor="Dell Inc.", product="PowerEdge R640"), {"virtual": "physical"}),
        (Clues(vendor="QEMU", product="Standard PC (Q35 + ICH9, 2009)"), {"virtual": "kvm"}),
        (Clues(vendor="VMware, Inc.", product="VMware Virtual Platform"), {"virtual": "VMware"}),
        (Clues(vendor="innotek GmbH", product="VirtualBox"), {"virtual": "VirtualBox"}),
        (Clues(vendor="Microsoft Corporation", product="Virtual Machine"), {"virtual": "VirtualPC"}),
        (Clues(vendor="Microsoft Corporation", product="Surface Pro"), {"virtual": "physical"}),
        (Clues(vendor="Amazon EC2", product="t3.micro"), {"virtual": "Nitro"}),
        (Clues(vendor="Google", product="Google Compute Engine"), {"virtual": "gce"}),
        (Clues(vendor="oVirt", product="oVirt Node"), {"virtual": "kvm", "virtual_subtype": "ovirt"}),
        (Clues(cpu_flags=("fpu", "hypervisor")), {"virtual": "kvm"}),
        (Clues(dockerenv=True, vendor="QEMU"), {"virtual": "container", "virtual_subtype": "Docker"}),
        (Clues(container="lxc"), {"virtual": "container", "virtual_subtype": "LXC"}),
        (Clues(cgroup="1:name=systemd:/kubepods/pod1"), {"virtual": "container", "virtual_subtype": "Docker"}),
        (Clues(containerenv=True), {"virtual": "container", "virtual_subtype": "Podman"}),
        (Clues(openvz=True), {"virtual": "openvzve"}),
        (Clues(xen_capabilities="control_d"), {"virtual": "xen", "virtual_subtype": "Xen Dom0"}),
        (Clues(hypervisor="xen", product="HVM domU"), {"virtual": "xen", "virtual_subtype": "Xen HVM DomU"}),
        (Clues(hypervisor="xen"), {"virtual": "xen", "virtual_subtype": "Xen PV DomU"}),
    ],
)
def test_virtualization(clues, expected) -> None:
    assert virtualization.detect(clues) == expected


def test_pci_names() -> None:
    intel = "8086  Intel Corporation\n\t0046  Core Processor\n\t\t1028 0410  Latitude\n"
    ids = f"\n{intel}10de  NVIDIA\n\t1b38  GP102GL [P40]\n"
    assert pci.device_name(ids, "10de", "1b38") == "GP102GL [P40]"
    assert pci.device_name(ids, "8086", "1b38") == "8086:1b38"
    assert pci.device_name("", "10de", "1b38") == "10de:1b38"
    assert (pci.vendor_name("10de"), pci.vendor_name("ffff")) == ("nvidia", "unknown")
