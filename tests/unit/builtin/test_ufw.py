"""`ufw` and its states over the real program, in a network and a root that nobody else sees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped
from thrice import Trial

from saltern.plugin_api import SaltInvocationError
from saltern.plugin_api.linux.ufw_rules import command_of
from servers import program
from throwaway_root import in_network_namespace, in_throwaway_root

pytestmark = pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")

KINDS = [
    "allow 22",
    "allow 80,443/tcp",
    "deny 100:200/udp comment 'x \"y\" z'",
    "reject out 25/tcp",
    "limit 2222/tcp",
    "allow log-all 77",
    "allow DNS",
    "deny 'WWW Full'",
    "allow to any",
    "allow to any proto ah",
    "deny from 192.0.2.1",
    "reject out to 192.0.2.0/24",
    "allow in on eth0",
    "allow in on eth0 log to any port 88",
    "allow out on eth0 from any app DNS",
    "allow from 10.0.0.0/8 port 5 to 10.0.0.9 port 6 proto tcp",
    "allow from 10.0.0.0/8 to any app 'WWW Full' comment 'our own'",
    "deny out on eth1 to 10.0.0.0/8",
    "route deny to 10.9.9.9",
    "route allow in on eth0 out on eth1 to any port 9 proto udp",
    "allow from 2001:db8::/32",
    "limit from 2001:db8::1 to any port 22 proto tcp",
]


def ufw(*words: str) -> str:
    return subprocess.run(["ufw", *words], check=True, capture_output=True, text=True).stdout


def added() -> list[str]:
    """The rules as ufw itself shows them."""
    return [line.removeprefix("ufw ") for line in ufw("show", "added").splitlines()[1:] if line != "(None)"]


@in_network_namespace
@in_throwaway_root
def test_rules_of_every_kind_are_told_in_the_words_of_ufw(tmp_path: Path):
    program("ufw")
    minion = Shipped(tmp_path)
    for text in KINDS:
        action = text.removeprefix("route ").split()[0]
        assert minion.call("ufw.foreseen", action, text) == {"old": [], "new": [text]}
        minion.call(f"ufw.{action}", text)
        assert minion.call("ufw.foreseen", action, text) == {"old": [], "new": []}
    rules = minion.call("ufw.status")["rules"]
    assert rules == added()
    assert sorted(rules) == sorted(KINDS)
    for text in KINDS:
        bare = text.partition(" comment ")[0]
        assert minion.call("ufw.foreseen", None, bare, delete=True) == {"old": [text], "new": []}
        minion.call("ufw.delete", bare)
    assert minion.call("ufw.status")["rules"] == added() == []


@in_network_namespace
@in_throwaway_root
def test_the_firewall_is_switched_and_set(tmp_path: Path):
    program("ufw")
    minion = Shipped(tmp_path)
    assert minion.call("ufw.version") == ufw("version").split()[1]
    assert "WWW Full" in minion.call("ufw.app_list")
    policies = {"incoming": "deny", "outgoing": "allow", "routed": "deny"}
    off = {"active": False, "enabled": False, "logging": "low", "defaults": policies, "rules": []}
    assert minion.call("ufw.status") == off
    assert minion.call("ufw.enable") == "Firewall is active and enabled on system startup"
    minion.call("ufw.allow", port="22/tcp", comment="the way in")
    minion.call("ufw.default", "outgoing", "reject")
    minion.call("ufw.logging", "medium")
    assert minion.call("ufw.reload") == "Firewall reloaded"
    rules = ["allow 22/tcp comment 'the way in'"]
    reject = {**policies, "outgoing": "reject"}
    on = {"active": True, "enabled": True, "logging": "medium", "defaults": reject, "rules": rules}
    assert minion.call("ufw.status") == on
    seen = ufw("status", "verbose")
    assert "Logging: on (medium)" in seen and "reject (outgoing)" in seen and "ALLOW IN" in seen
    minion.call("ufw.logging", False)  # as YAML reads off
    assert minion.call("ufw.status")["logging"] == "off"
    assert minion.call("ufw.disable") == "Firewall stopped and disabled on system startup"
    assert minion.call("ufw.status")["active"] is False
    assert "Backing up" in minion.call("ufw.reset")
    assert minion.call("ufw.status")["rules"] == []


@in_network_namespace
@in_throwaway_root
def test_rules_by_keywords_and_by_number(tmp_path: Path):
    program("ufw")
    minion = Shipped(tmp_path)
    minion.call("ufw.deny", from_="192.0.2.1")
    minion.call("ufw.allow", port=[80, 443], proto="tcp", from_="10.0.0.0/8", to="10.0.0.1", interface="eth0")
    minion.call("ufw.reject", port=25, direction="out")
    minion.call("ufw.limit", port="ssh", interface="eth1", direction="in")
    minion.call("ufw.allow", app="WWW Full", comment="web")
    web = "allow in on eth0 from 10.0.0.0/8 to 10.0.0.1 port 80,443 proto tcp"
    ssh = "limit in on eth1 to any port 22 proto tcp"
    rest = ["reject out 25", ssh, "allow 'WWW Full' comment 'web'"]
    assert added() == ["deny from 192.0.2.1", web, *rest]
    minion.call("ufw.delete", 1)
    assert added() == [web, *rest]
    minion.call("ufw.delete", action="reject", port=25, direction="out")
    said = minion.call("ufw.delete", action="reject", port=25, direction="out")
    assert "Could not delete non-existent rule" in said
    assert added() == [web, *rest[1:]]
    minion.call("ufw.deny", "insert 1 from 192.0.2.9")
    minion.call("ufw.deny", f"insert 1 {web}".replace("allow ", ""))  # it is there with another action: replaced
    assert added() == ["deny from 192.0.2.9", web.replace("allow", "deny"), *rest[1:]]


@in_network_namespace
@in_throwaway_root
def test_what_ufw_refuses_is_told(tmp_path: Path):
    program("ufw")
    minion = Shipped(tmp_path)
    said = minion.outcome("ufw.allow", app="No Such")
    assert said.faults and "Could not find a profile matching 'No Such'" in said.value
    said = minion.outcome("ufw.default", "sideways", "deny")
    assert said.faults and "'sideways' is no direction: it is incoming, outgoing, routed" in said.value
    said = minion.outcome("ufw.logging", "loud")
    assert said.faults and "'loud' is no level of logging" in said.value
    trial = Trial(tmp_path)
    for dry in (True, False):
        told = trial.told("ufw.allowed", "x", dry=dry, from_="nowhere", port=22)
        assert told[0] is False and "Bad source address" in told[1]
        told = trial.told("ufw.absent", "22/tcp", dry=dry)
        assert told == (False, "No action is told for the rule 22/tcp: it is allow, deny, reject, limit", {})
    Path("/etc/ufw/ufw.conf").unlink()
    told = trial.told("ufw.enabled", "x")
    assert told[0] is False and "/etc/ufw/ufw.conf" in told[1]


@in_throwaway_root
def test_without_ufw_a_dry_run_is_unsure(tmp_path: Path):
    Path(program("ufw")).unlink()
    trial = Trial(tmp_path)
    for fun, given in {"enabled": {}, "default": {"incoming": "deny"}, "allowed": {"port": 22}}.items():
        assert trial.told(f"ufw.{fun}", "x", dry=True, **given) == (None, "ufw is not installed", {})
        assert trial.told(f"ufw.{fun}", "x", **given) == (False, "ufw is not installed", {})
    for fun in ("disabled", "absent"):
        assert trial.told(f"ufw.{fun}", "allow 22") == (True, "ufw is not installed", {})


@in_network_namespace
@in_throwaway_root
def test_states_tell_what_goes_and_what_comes(tmp_path: Path):
    program("ufw")
    trial = Trial(tmp_path)
    ufw("allow", "22/tcp")
    assert trial.thrice("ufw.enabled", "on").changes == {
        "active": {"old": False, "new": True},
        "enabled": {"old": False, "new": True},
    }
    assert trial.thrice("ufw.default", "x", incoming="reject", outgoing="allow").changes == {
        "incoming": {"old": "deny", "new": "reject"}
    }
    changes = trial.thrice("ufw.limited", "ssh", comment="slowly").changes
    assert changes == {"rules": {"old": ["allow 22/tcp"], "new": ["limit 22/tcp comment 'slowly'"]}}
    changes = trial.thrice("ufw.denied", "first", rule="insert 1 from 192.0.2.1").changes
    assert changes == {"rules": {"old": [], "new": ["deny from 192.0.2.1"]}}
    assert added() == ["deny from 192.0.2.1", "limit 22/tcp comment 'slowly'"]
    changes = trial.thrice("ufw.absent", "x", action="limit", port="22/tcp").changes
    assert changes == {"rules": {"old": ["limit 22/tcp comment 'slowly'"], "new": []}}
    assert trial.thrice("ufw.disabled", "off").changes["active"] == {"old": True, "new": False}


@in_network_namespace
@in_throwaway_root
def test_without_ipv6_its_rules_are_left_alone(tmp_path: Path):
    program("ufw")
    trial = Trial(tmp_path)
    ufw("allow", "22/tcp")
    settings = Path("/etc/default/ufw")
    settings.write_text(settings.read_text().replace("IPV6=yes", "IPV6=no"))
    trial.thrice("ufw.absent", "allow 22/tcp")
    assert trial.minion.call("ufw.status")["rules"] == added() == []
    settings.write_text(settings.read_text().replace("IPV6=no", "IPV6=yes"))
    assert trial.minion.call("ufw.status")["rules"] == added() == ["allow 22/tcp"]
    trial.thrice("ufw.allowed", "22/tcp")  # IPv4 lacks it
    assert trial.thrice("ufw.allowed", "x", from_="2001:db8::1").changes["rules"]["new"] == ["allow from 2001:db8::1"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "No rule is told"),
        ({"comment": "x"}, "No rule is told"),
        ({"rule": "22", "port": 22}, "say it in one way"),
        ({"rule": "deny 22"}, "is one to deny, not one to allow"),
        ({"rule": "allow"}, "does not say what it is for"),
        ({"rule": "allow 'WWW"}, "cannot be read"),
        ({"port": 22, "direction": "up"}, "'up' is no direction"),
        ({"app": "DNS", "port": 53}, "has its own ports"),
        ({"port": 22, "comment": "it's"}, "which ufw cannot keep"),
    ],
)
def test_rules_that_cannot_be(given: dict, said: str):
    with pytest.raises(SaltInvocationError, match=said):
        command_of("allow", **given)


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("22/tcp", "allow 22/tcp"),
        ("ufw allow 22/tcp", "allow 22/tcp"),
        ("insert 2 from 10.0.0.1", "delete insert 2 allow from 10.0.0.1"),
        ("route prepend allow in on eth0", "route delete prepend allow in on eth0"),
    ],
)
def test_the_words_of_a_text(text: str, argv: str):
    before = ["delete"] if "delete" in argv else []
    assert " ".join(command_of("allow", text).argv(*before)) == argv
