"""Hosts files and zone files; a name server that nobody asks. Shapes are those of Salt 3008.2."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import Shipped

from servers import free_port, program

pytestmark = pytest.mark.behaviour("LDR-14")
ZONE = (
    "$ORIGIN example.com.\n$TTL 3600\n@ IN SOA ns1.example.com. root.example.com. ( ; c\n"
    " 2016 3600 30m 1w 3600 )\n IN NS ns1.example.com.\n IN MX 10 mail.example.com.\nwww IN A 1.2.3.4\n"
    "b 300 A 1.2.3.5\n"
)


@pytest.fixture
def minion(tmp_path: Path) -> Shipped:
    return Shipped(tmp_path, conf_file=str(tmp_path / "minion"), pki_dir=str(tmp_path / "pki"))


def test_hosts_files(minion):
    place = minion.write("hosts", "127.0.0.1 localhost lo # x\n\n10.0.0.1 a b\n")
    assert minion.call("dnsutil.parse_hosts", str(place)) == {"127.0.0.1": ["localhost", "lo"], "10.0.0.1": ["a", "b"]}
    assert minion.call("dnsutil.parse_hosts", f"{place}x") == "Error: hosts data was not found"
    said = minion.call("dnsutil.hosts_append", str(place), "10.0.0.2", "c,d")
    assert said == f"The following line was added to {place}:\n10.0.0.2 c d"
    said = minion.call("dnsutil.hosts_append", str(place), "10.0.0.1", "a,e")
    assert said == f"The following line was added to {place}:\n10.0.0.1 e"
    said = minion.call("dnsutil.hosts_append", str(place), "10.0.0.1", "a")
    assert said == f"No additional hosts were added to {place}"
    minion.call("dnsutil.hosts_remove", str(place), "b,c,e")
    assert place.read_text() == "127.0.0.1 localhost lo # x\n\n10.0.0.1 a\n10.0.0.2 d\n"


def test_hosts_files_with_bytes_of_another_encoding(minion):
    place = minion.work / "hosts"
    place.write_bytes(b"# Gr\xfc\xdfe\n10.0.0.1 a\n")
    minion.call("dnsutil.hosts_append", str(place), "10.0.0.2", "b")
    minion.call("dnsutil.hosts_remove", str(place), "a")
    assert place.read_bytes() == b"# Gr\xfc\xdfe\n10.0.0.2 b\n"


def test_zone_files(minion):
    place = minion.write("zone", ZONE)
    assert minion.call("dnsutil.parse_zone", str(place)) == {
        "ORIGIN": "example.com.",
        "TTL": "3600",
        "NETWORK": "IN",
        "SOURCE": "ns1.example.com.",
        "CONTACT": "root@example.com.",
        "SERIAL": "2016",
        "REFRESH": 3600,
        "RETRY": 1800,
        "EXPIRE": 604800,
        "MINTTL": 3600,
        "NS": ["ns1.example.com."],
        "MX": [{"priority": "10", "host": "mail.example.com."}],
        "A": {"www.example.com.": "1.2.3.4", "b.example.com.": "1.2.3.5"},
    }
    assert minion.call("dnsutil.parse_zone", f"{place}x") == "Error: Zone data was not found"


def test_records_that_say_how_long_they_hold(minion):
    plain = minion.call("dnsutil.parse_zone", str(minion.write("plain", ZONE)))
    for front in ("10 IN", "IN 10", "10", ""):
        zone = ZONE.replace("@ IN SOA", "@ 10 IN SOA").replace(" IN MX", f"@ {front} MX")
        assert minion.call("dnsutil.parse_zone", str(minion.write("zone", zone))) == plain


def test_addresses_and_serials(minion):
    checked = {"1.2.3.4": True, "1.2.3": False, "::1": True, "999.1.1.1": False}
    assert {one: minion.call("dnsutil.check_ip", one) for one in checked} == checked
    assert minion.call("dnsutil.serial", "example.com").endswith("01")


def test_a_name_server_that_is_not_there(minion):
    program("dig")
    nowhere = f"127.0.0.1 -p {free_port()}"
    assert minion.call("dnsutil.A", "example.com", nowhere) == []
    assert minion.call("dnsutil.NS", "example.com", nameserver=nowhere) == []
    assert minion.call("dnsutil.MX", "example.com", nameserver=nowhere) == [[]]
    assert minion.call("dnsutil.SPF", "example.com", nameserver=nowhere) == []
