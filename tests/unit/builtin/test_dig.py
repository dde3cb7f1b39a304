"""Questions to a name server of the test's own. Answers are those of Salt 3008.2 to the same server."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from shipped import Shipped

from servers import Server, Throwaway, program

pytestmark = pytest.mark.behaviour("LDR-14")

RECORDS = """
no-resolv
no-hosts
bind-interfaces
local=/example.test/
host-record=www.example.test,10.1.2.3,fd00::3
host-record=mail.example.test,10.1.2.4
cname=alias.example.test,www.example.test
mx-host=example.test,mail.example.test,10
txt-record=example.test,"v=spf1 ip4:10.0.0.0/8 include:spf.example.test -all"
txt-record=spf.example.test,"v=spf1 ip4:192.168.1.0/24 ip6:fd00::/8 include:example.test ~all"
txt-record=word.example.test,"hello world"
dns-rr=example.test,2,026e73076578616d706c65047465737400
host-record=ns.example.test,10.1.2.5
"""
ANSWERS = [
    ("A", ["www.example.test"], ["10.1.2.3"]),
    ("A", ["alias.example.test"], ["10.1.2.3"]),
    ("A", ["nosuch.example.test"], []),
    ("AAAA", ["www.example.test"], ["fd00::3"]),
    ("CNAME", ["alias.example.test"], "www.example.test."),
    ("CNAME", ["www.example.test"], ""),
    ("MX", ["example.test"], [["10", "mail.example.test."]]),
    ("MX", ["example.test", True], [["10", "10.1.2.4"]]),
    ("MX", ["nosuch.example.test"], [[]]),
    ("NS", ["example.test"], ["10.1.2.5"]),
    ("NS", ["example.test", False], ["ns.example.test."]),
    ("NS", ["nosuch.example.test", False], [""]),
    ("PTR", ["10.1.2.3"], ["www.example.test."]),
    ("PTR", ["10.1.2.200"], [""]),
    ("SPF", ["example.test"], ["10.0.0.0/8", "192.168.1.0/24", "fd00::/8"]),
    ("SPF", ["www.example.test"], []),
    ("TXT", ["word.example.test"], ['"hello world"']),
    ("TXT", ["www.example.test"], [""]),
]


@pytest.fixture(scope="module")
def name_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if os.geteuid() != 0:
        pytest.skip("only root may serve names, on port 53")
    program("dig")
    # An address of the loopback network for this process alone, as the port is always 53.
    address = f"127.53.{os.getpid() // 256 % 256}.{os.getpid() % 254 + 1}"
    folder = tmp_path_factory.mktemp("names")
    configuration = folder / "dnsmasq.conf"
    configuration.write_text(f"{RECORDS}listen-address={address}\n")
    argv = [program("dnsmasq"), "-C", str(configuration), f"--pid-file={folder / 'pid'}", "--keep-in-foreground"]
    argv += ["--user=root", "--group=root"]
    server = Throwaway(
        argv, Server(53), lambda _: socket.create_connection((address, 53), 1).close(), folder / "dnsmasq.log"
    )
    server.start()
    yield address
    server.stop()


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path, conf_file=str(tmp_path / "minion"), pki_dir=str(tmp_path / "pki"))


@pytest.mark.parametrize(("function", "arguments", "answer"), ANSWERS)
def test_records(minion: Shipped, name_server: str, function: str, arguments: list, answer: object):
    assert minion.call(f"dig.{function}", *arguments, nameserver=name_server) == answer
    if function in ("A", "AAAA", "MX", "SPF"):
        assert minion.call(f"dnsutil.{function}", *arguments, nameserver=name_server) == answer


def test_other_names_of_the_functions(minion: Shipped, name_server: str):
    assert minion.call("dig.a", "www.example.test", name_server) == ["10.1.2.3"]
    assert minion.call("dig.ptr", "10.1.2.3", name_server) == ["www.example.test."]


def test_addresses(minion: Shipped):
    checked = {"1.2.3.4": True, "::1": True, "fd00::1/64": True, "10.0.0.0/8": True, "300.1.1.1": False, "abc": False}
    assert {one: minion.call("dig.check_ip", one) for one in checked} == checked
