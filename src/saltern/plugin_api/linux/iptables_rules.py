"""Rules of iptables: written from named options, and read from what iptables-save prints."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

_WORDS_OF_STATES = (
    "chain command fail_with_changes failhard fire_event fun listen listen_in name onchanges onchanges_any onchanges_in"
    " onfail onfail_all onfail_any onfail_in onfail_stop onlyif order parallel position prereq prereq_in reload_grains"
    " reload_modules reload_pillar require require_any require_in retry rules runas save state table test umask unless"
    " use use_in watch watch_any watch_in check_cmd creates saltenv sfun use_vt aggregate names"
)
_STATE_WORDS = frozenset(_WORDS_OF_STATES.split())
"""What is said of a state, and not of its rule."""

_WORDS_OF_TARGETS = (
    "add-set and-mark and-tos checksum-fill clamp-mss-to-pmtu clustermac ctevents ctmask del-set ecn-tcp-remove exist"
    " expevents gateway hash-init hashmode helper label local-node log-ip-options log-level log-prefix log-tcp-options"
    " log-tcp-sequence log-uid mask new nfmask nflog-group nflog-prefix nflog-range nflog-threshold notrack on-ip"
    " on-port or-mark or-tos persistent queue-balance queue-bypass queue-num random rateest-ewmalog rateest-interval"
    " rateest-name reject-with restore restore-mark save-mark selctx set-class set-dscp set-dscp-class set-mark set-mss"
    " set-tos set-xmark strip-options timeout to to-destination to-ports to-source total-nodes tproxy-mark ttl-dec"
    " ttl-inc ttl-set type ulog-cprange ulog-nlgroup ulog-prefix ulog-qthreshold xor-mark xor-tos zone dst-pfx hl-dec"
    " hl-inc hl-set hmark-dport-mask hmark-dst-prefix hmark-mod hmark-offset hmark-proto-mask hmark-rnd hmark-spi-mask"
    " hmark-sport-mask hmark-src-prefix hmark-tuple led-always-blink led-delay led-trigger-id queue-cpu-fanout src-pfx"
    " to-port ttl"
)
_TARGET_OPTIONS = _WORDS_OF_TARGETS.split()
"""The options of targets, which come behind the target, in this order."""

_TEXT_OPTIONS = ("comment", "string", "hex-string")
_LONG = {
    "s": "source",
    "d": "destination",
    "i": "in-interface",
    "o": "out-interface",
    "p": "protocol",
    "j": "jump",
    "g": "goto",
    "m": "match",
    "f": "fragment",
    "c": "set-counters",
    "dport": "destination_port",
    "destination-port": "destination_port",
    "sport": "source_port",
    "source-port": "source_port",
    "dports": "destination-ports",
    "sports": "source-ports",
}
"""Names under which a rule that was read has its options."""


def build(options: Mapping[str, Any]) -> str:
    """The rule that these options make, as behind `iptables -A CHAIN`.

    Raises `ValueError` where the options need a protocol and name none.
    """
    left = {key: value for key, value in options.items() if key not in _STATE_WORDS and not key.startswith("__")}
    return " ".join([*_leading(left), *_rest(left), *_target(left)])


def _leading(left: dict[str, Any]) -> list[str]:
    """The options with a place of their own, taken from `left`."""
    rule = [_option(f"-{key[0]}", left.pop(key)) for key in ("if", "of") if key in left]
    match = left.pop("match", None)
    matches = [str(one).strip() for one in _listed(match)]
    protocol = left.pop("protocol", None)
    if match != "policy":  # there it is the protocol that the policy is for
        protocol = left.pop("proto", protocol)
    if protocol is not None:
        rule.append(_option("-p", protocol))
    rule += [f"-m {one}" for one in matches]
    if "proto" in left:
        rule.append(_option("--proto", left.pop("proto")))
    for one in _sets(left.pop("match-set", None)):
        rule += ["-m set", _option("--match-set", one)]
    if left.get("connstate") is not None:
        rule += ["-m state"] * ("state" not in matches) + [_option("--state", left.pop("connstate"))]
    rule += [_option(f"--{key}", left.pop(key)) for key in ("dport", "sport") if key in left]
    ports = [key for key in ("dports", "sports") if key in left]
    if ports and "multiport" not in matches:
        if protocol is None:
            raise ValueError("protocol must be specified")
        rule.append("-m multiport")
    rule += [_ports(key, left.pop(key)) for key in ports]
    if "comment" in left:
        rule += ["-m comment"] * ("comment" not in matches) + [_option("--comment", left.pop("comment"))]
    return rule


def _rest(left: dict[str, Any]) -> list[str]:
    names = [key for key in left if key not in ("jump", "j", *_TARGET_OPTIONS)]
    written = {key: key.rstrip("_") if key == "name_" else key for key in names}
    return [_option(f"-{name}" if len(name) == 1 else f"--{name}", left[key]) for key, name in written.items()]


def _target(left: dict[str, Any]) -> list[str]:
    names = [key for key in ("j", "jump", *_TARGET_OPTIONS) if key in left]
    return [_option(f"--{key}", left[key], quote=key not in ("j", "jump")) for key in names]


def _option(name: str, value: Any, *, quote: bool = False) -> str:
    """An option with its value, if it has one; `!` or `not` before the value negates the option.

    With `quote` the value is one word, whatever is in it.
    """
    if value is None or value == "":
        return name
    text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    is_text = name.lstrip("-") in _TEXT_OPTIONS
    negated = None if is_text or quote else re.match(r"(?:!|not)\s?", text)
    if negated:
        name, text = f"! {name}", text[negated.end() :]
    if name == "--comment" or ((quote or is_text) and re.search(r"\s", text)):
        text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} {text}" if text else name


def _ports(key: str, value: Any) -> str:
    ports = [str(one) for one in _listed(value)]
    bare = ",".join(re.sub(r"^(?:!|not)\s?", "", one) for one in ports)
    negated = any(re.match(r"!|not", one) for one in ports)
    return f"! --{key} {bare}" if negated else f"--{key} {bare}"


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else str(value).split(",")


def _sets(value: Any) -> Iterable[Any]:
    if value is None:
        return []
    return value if isinstance(value, list | tuple) else [value]


def parse(text: str) -> dict[str, dict[str, dict[str, Any]]]:
    """What iptables-save prints: table to chain to its policy, counters, rules, and the rules that have a comment."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    chains: dict[str, dict[str, Any]] = {}
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("*"):
            chains = tables.setdefault(line[1:], {})
        elif line.startswith(":"):
            name, policy, counters = [*line[1:].split(), "[0:0]"][:3]
            packets, _, octets = counters.strip("[]").partition(":")
            kept = {"policy": policy, "packet count": packets, "byte count": octets}
            chains[name] = {**kept, "rules": [], "rules_comment": {}}
        elif match := re.match(r"(?:\[\d+:\d+\] )?-A (\S+)\s*(.*)", line):
            _add(chains[match[1]], _parsed(shlex.split(match[2])))
    return tables


def _add(chain: dict[str, Any], rule: dict[str, list[str]]) -> None:
    chain["rules"].append(rule)
    if "comment" in rule:
        chain["rules_comment"][rule["comment"][0].strip('"')] = rule


def _parsed(words: list[str]) -> dict[str, list[str]]:
    """A rule: each option with its values, several words joined, an empty text where it has none."""
    rule: dict[str, list[str]] = {}
    name, negated = "", False
    values: list[str] = []

    def keep() -> None:
        if name:
            mark = ["!"] if negated else []
            rule.setdefault(name, []).append(" ".join([*mark, *values]))

    upcoming = False
    for word in words:
        if word == "!":
            upcoming = True
        elif re.fullmatch(r"--?[A-Za-z][\w-]*", word):
            keep()
            short = word.lstrip("-")
            name, values, negated, upcoming = _LONG.get(short, short), [], upcoming, False
        else:
            values.append(word)
    keep()
    return rule
