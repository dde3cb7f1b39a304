"""Cases of the states of firewalls, each in a network of its own."""

from __future__ import annotations

from trials import FAILS, NOTHING, case

RULE = {"table": "filter", "chain": "INPUT", "jump": "ACCEPT", "proto": "tcp", "dport": 80, "match": "state",
        "connstate": "NEW"}  # fmt: skip
ADDED = "iptables -A INPUT -p tcp -m state --state NEW -m tcp --dport 80 -j ACCEPT; "
TABLE = "nft add table ip filter; "
CHAIN = TABLE + "nft add chain ip filter input '{ type filter hook input priority 0; }'; "
NFT = {"chain": "input", "proto": "tcp", "dport": 80, "jump": "accept"}
NFT_ADDED = CHAIN + "nft add rule ip filter input tcp dport 80 accept; "
SET = "ipset create web hash:net; "

CASES = [
    case("iptables.append", "web", **RULE),
    case("iptables.append", "web", ADDED, does=NOTHING, **RULE),
    case("iptables.append", "web", save="@WORK@/rules", label="saved", **RULE),
    case("iptables.append", "web", rules=[{"table": "filter", "chain": "INPUT", "jump": "DROP"}], label="several"),
    case("iptables.insert", "web", position=1, **RULE),
    case("iptables.insert", "web", ADDED, position=1, does=NOTHING, **RULE),
    case("iptables.delete", "web", ADDED, **RULE),
    case("iptables.delete", "web", does=NOTHING, **RULE),
    case("iptables.chain_present", "trial"),
    case("iptables.chain_present", "trial", "iptables -N trial", does=NOTHING),
    case("iptables.chain_absent", "trial", "iptables -N trial"),
    case("iptables.chain_absent", "trial", does=NOTHING),
    case("iptables.set_policy", "x", chain="INPUT", policy="DROP"),
    case("iptables.set_policy", "x", "iptables -P INPUT ACCEPT", chain="INPUT", policy="ACCEPT", does=NOTHING),
    case("iptables.flush", "x", ADDED, table="filter", chain="INPUT"),
    case("iptables.flush", "x", "iptables -P INPUT ACCEPT", table="filter", chain="INPUT", does=NOTHING),
    case("nftables.table_present", "filter"),
    case("nftables.table_present", "filter", TABLE, does=NOTHING),
    case("nftables.table_absent", "filter", TABLE),
    case("nftables.table_absent", "filter", does=NOTHING),
    case("nftables.chain_present", "gate", TABLE, table_type="filter", hook="forward", priority=0),
    case("nftables.chain_present", "input", CHAIN, does=NOTHING),
    case("nftables.chain_absent", "input", CHAIN),
    case("nftables.chain_absent", "input", TABLE, does=NOTHING),
    case("nftables.append", "web", CHAIN, **NFT),
    case("nftables.append", "web", NFT_ADDED, does=NOTHING, **NFT),
    case("nftables.insert", "web", CHAIN, **NFT),
    case("nftables.insert", "web", NFT_ADDED, does=NOTHING, **NFT),
    case("nftables.delete", "web", NFT_ADDED, **NFT),
    case("nftables.delete", "web", CHAIN, does=NOTHING, **NFT),
    case("nftables.set_policy", "x", CHAIN, chain="input", policy="drop"),
    case("nftables.set_policy", "x", CHAIN, chain="input", policy="accept", does=NOTHING),
    case("nftables.flush", "x", NFT_ADDED, chain="input"),
    case("nftables.flush", "x", CHAIN, chain="input", does=NOTHING),
    case("ipset.set_present", "web", set_type="hash:net"),
    case("ipset.set_present", "web", SET, set_type="hash:net", does=NOTHING),
    case("ipset.set_absent", "web", SET),
    case("ipset.set_absent", "web", does=NOTHING),
    case("ipset.present", "x", SET, set_name="web", entry=["10.0.0.0/8", "192.0.2.1"]),
    case("ipset.present", "x", SET + "ipset add web 10.0.0.0/8", set_name="web", entry="10.0.0.0/8", does=NOTHING),
    case("ipset.present", "x", set_name="web", entry="10.0.0.0/8", does=FAILS,
         unsure="an earlier state may make what lacks"),
    case("ipset.absent", "x", SET + "ipset add web 10.0.0.0/8", set_name="web", entry="10.0.0.0/8"),
    case("ipset.absent", "x", SET, set_name="web", entry="10.0.0.0/8", does=NOTHING),
    case("ipset.flush", "web", SET + "ipset add web 10.0.0.0/8"),
]  # fmt: skip
