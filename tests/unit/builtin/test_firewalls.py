"""Firewalls: functions and states against what Salt 3008.2 answered, in a network of their own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipped import Shipped
from thrice import Trial
from transcript import differences

from saltern.plugin_api.linux.nftables_rules import handles
from servers import program
from throwaway_root import in_network_namespace

GRAINS = {"os_family": "Debian", "os": "Debian", "kernel": "Linux"}


@pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")
@in_network_namespace
def test_iptables_answers_as_salt_does(tmp_path: Path):
    program("iptables")
    assert differences("iptables_of_salt", tmp_path, {}, grains=GRAINS) == []


@pytest.mark.behaviour("LDR-14")
def test_rules_of_iptables_are_written_and_read_as_salt_does(tmp_path: Path):
    program("iptables")
    assert differences("iptables_rules_of_salt", tmp_path, {}, grains=GRAINS) == []


@pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")
@in_network_namespace
def test_nftables_answers_as_salt_does(tmp_path: Path):
    program("nft")
    assert differences("nftables_of_salt", tmp_path, {}, grains=GRAINS) == []


@in_network_namespace
def test_states_of_nftables_that_salt_cannot_do(tmp_path: Path):
    program("nft")
    trial = Trial(tmp_path, grains=GRAINS)
    minion = trial.minion
    trial.thrice("nftables.table_present", "filter")
    for chain in ("input", "web"):
        trial.thrice("nftables.chain_present", chain)
    rule = {"chain": "input", "proto": "tcp", "dports": [443, 80], "connstate": ["new", "established"], "jump": "web"}
    saved = tmp_path / "saved.nft"
    trial.thrice("nftables.append", "web", save=str(saved), **rule)
    lines = minion.call("nftables.get_saved_rules", str(saved))
    assert "\t\tct state { 0x2, 0x8 } tcp dport { 80, 443 } jump web\n" in lines
    subprocess.run(["nft", "-c", "-f", saved], check=True)  # a file that can be loaded
    trial.thrice("nftables.insert", "ssh", chain="input", proto="tcp", dport=22, jump="accept")
    rules = [one for one, _ in handles(listing("input"))]
    assert rules == ["tcp dport 22 accept", "ct state established,new tcp dport 443,80 jump web"]
    assert minion.state("nftables.chain_absent", "web")["result"] is False  # it is used
    deleted = trial.thrice("nftables.delete", "web", **rule)
    assert deleted.done == "Delete nftables rule for web ct state { new, established } tcp dport { 443, 80 } jump web"
    trial.thrice("nftables.flush", "all", chain="input")
    absent = trial.thrice("nftables.chain_absent", "web")
    assert absent.done == "nftables web chain in filter table delete success for ipv4"
    trial.thrice("nftables.chain_present", "gate", table_type="filter", hook="forward", priority=0)
    trial.thrice("nftables.set_policy", "gate", chain="gate", policy="drop")
    assert minion.call("nftables.get_policy", "filter", "gate") == "drop"
    trial.thrice("nftables.table_absent", "filter")


def listing(chain: str) -> str:
    command = ["nft", "-a", "list", "chain", "ip", "filter", chain]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.behaviour("LDR-14", "STM-02", "TST-01")
@in_network_namespace
def test_ipset_answers_as_salt_does(tmp_path: Path):
    program("ipset")
    assert differences("ipset_of_salt", tmp_path, {}, grains=GRAINS) == []


@in_network_namespace
def test_sets_and_entries(tmp_path: Path):
    program("ipset")
    trial = Trial(tmp_path, grains=GRAINS)
    trial.thrice("ipset.set_present", "web", set_type="hash:net", comment=True, timeout=300)
    trial.thrice("ipset.present", "two", set_name="web", entry=["10.0.0.0/8", "192.0.2.1"], comment="our own")
    members = subprocess.run(["ipset", "list", "web"], check=True, capture_output=True, text=True).stdout
    assert 'comment "our own"' in members
    assert trial.minion.call("ipset.check", "web", "10.1.0.0/30") is False  # a set of networks has it as a whole only
    trial.thrice("ipset.absent", "one", set_name="web", entry="10.0.0.0/8")
    trial.thrice("ipset.flush", "web")
    trial.thrice("ipset.set_absent", "web")
    trial.thrice("ipset.set_present", "ports", set_type="bitmap:port", range="1000-2000")
    trial.thrice("ipset.present", "port", set_name="ports", entry=1500)
    assert trial.minion.call("ipset.test", "ports", 1500) is True
    trial.thrice("ipset.set_present", "hosts", set_type="hash:ip")
    trial.thrice("ipset.present", "range", set_name="hosts", entry="192.0.2.4-192.0.2.7")
    assert trial.minion.call("ipset.check", "hosts", "192.0.2.4/30") is True
    assert trial.minion.call("ipset.check", "hosts", "192.0.2.0/24") is False


RULES = """
web: {{iptables.append: [chain: INPUT, proto: tcp, dport: 80, jump: ACCEPT, aggregate: true]}}
dns:
  iptables.append:
    - rules: [{{name: d1, chain: INPUT, proto: udp, dport: 53, jump: ACCEPT}}]
    - aggregate: true
odd: {{iptables.append: [chain: INPUT, proto: tcp, dport: 1, jump: DROP, aggregate: true, {condition}]}}
tls: {{iptables.append: [table: mangle, chain: INPUT, proto: tcp, dport: 443, jump: ACCEPT, aggregate: true]}}
own: {{iptables.chain_present: [name: own, aggregate: true]}}
last: {{iptables.append: [chain: own, proto: tcp, dport: 22, jump: ACCEPT, aggregate: true]}}
"""


@pytest.mark.behaviour("REQ-10")
@in_network_namespace
@pytest.mark.parametrize("condition", ["onlyif: 'false'", "require: [{iptables: tls}]", "aggregate: false"])
def test_rules_of_iptables_in_a_row_are_seen_to_together(tmp_path: Path, condition: str):
    program("iptables")
    subprocess.run("iptables -F; iptables -t mangle -F; iptables -X own", shell=True, check=False)
    minion = Shipped(tmp_path, grains=GRAINS)
    minion.write("base/main.sls", RULES.format(condition=condition))
    found = {one["__id__"]: one for one in minion.call("state.apply", "main").values()}
    assert {one["result"] for one in found.values()} == {True}, found
    assert found["web"]["changes"] == {"locale": ["web", "d1", "tls"]}
    assert {name for name, one in found.items() if one["changes"]} == {"web", "own", "last"} | (
        set() if "onlyif" in condition else {"odd"}
    )
    rules = subprocess.run(["iptables", "-S", "INPUT"], check=True, capture_output=True, text=True).stdout
    assert rules.splitlines()[1:3] == [
        "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT",
        "-A INPUT -p udp -m udp --dport 53 -j ACCEPT",
    ]
    again = minion.call("state.apply", "main")
    assert all(one["result"] and not one["changes"] for one in again.values()), again
