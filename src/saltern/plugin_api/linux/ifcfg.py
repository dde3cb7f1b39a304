"""Files `ifcfg-NAME` of Red Hat's network scripts: the lines that settings of an interface come to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from saltern.plugin_api.errors import SaltInvocationError

TYPES = (
    "eth",
    "bond",
    "team",
    "alias",
    "clone",
    "ipsec",
    "dialup",
    "bridge",
    "slave",
    "teamport",
    "vlan",
    "ipip",
    "ib",
)
_PROTOCOLS = ("none", "bootp", "dhcp")
_TYPE_WORDS = {"eth": "Ethernet", "bridge": "Bridge", "bond": "Bond", "ib": "InfiniBand", "ipip": "IPIP"}
_TRUE, _FALSE = ("yes", "on", "true", "1", "True"), ("no", "off", "false", "0", "False")
_MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
_HASHED, _PRIMARY = ("2", "4"), ("1", "5", "6")
_POLICIES = ("layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4", "vlan+srcmac")
_HARDWARE = {"autoneg": _TRUE, "duplex": ("full", "half"), "speed": ("10", "100", "1000", "10000")}
_OFFLOADS = ("rx", "tx", "sg", "tso", "ufo", "gso", "gro", "lro")

Line = tuple[str, str]
"""A name and its value; the value has quotes if it is to have them."""


def ifcfg_lines(iface: str, kind: str, enabled: Any, settings: Mapping[str, Any], own_address: str) -> list[str]:
    """The lines of the file; `own_address` is what the card has, for an `eth` of which no other is told.

    Raises `SaltInvocationError` for what is no setting, and for settings that go not together.
    """
    if kind not in TYPES:
        raise invalid(iface, kind, TYPES)
    if "prefix" in settings and "netmask" in settings:
        raise SaltInvocationError("Cannot use prefix and netmask together")
    builder = _Builder(iface, settings)
    found = [
        *builder.identity(kind, own_address),
        *builder.kind(kind),
        *builder.start(kind, enabled),
        *builder.addresses(),
        *builder.ipv6(),
        *builder.behaviour(kind),
        *builder.hardware(kind),
        *builder.end(),
    ]
    return [f"{name}={value}" for name, value in found]


def invalid(iface: str, value: Any, expected: Sequence[str]) -> SaltInvocationError:
    return SaltInvocationError(
        f"Invalid option -- Interface: {iface}, Option: {value}, Expected: [{'|'.join(expected)}]"
    )


def is_true(iface: str, value: Any) -> bool:
    """Whether a setting is on; `SaltInvocationError` when it is neither on nor off."""
    if str(value) in _TRUE or str(value) in _FALSE:
        return str(value) in _TRUE
    raise invalid(iface, value, (*_TRUE, *_FALSE))


class _Builder:
    """The parts of a file, in the order in which they stand there."""

    def __init__(self, iface: str, settings: Mapping[str, Any]) -> None:
        self._iface = iface
        self._settings = settings

    def identity(self, kind: str, own_address: str) -> list[Line]:
        given = self._settings
        if given.get("hwaddr") and given.get("macaddr"):
            raise SaltInvocationError("Cannot pass both hwaddr and macaddr. Must use either hwaddr or macaddr")
        card = given.get("hwaddr") or (own_address if kind == "eth" and "hwaddr" not in given else "")
        named = {"DEVICE": self._iface, "NAME": given.get("nickname"), "HWADDR": card}
        named |= {"MACADDR": given.get("macaddr"), "UUID": given.get("uuid")}
        lines = [_quoted(name, value) for name, value in named.items() if value]
        return [*lines, self._switch("USERCTL", given.get("userctl", False))]

    def kind(self, kind: str) -> list[Line]:
        given = self._settings
        if kind in ("slave", "teamport"):
            return self._part(kind)
        lines = self._texts(MASTER="master")
        if kind == "team":
            return [_quoted("DEVICETYPE", "Team"), *self._team_config("team_config")]
        below = self._vlan() if kind == "vlan" else []
        if kind == "vlan" or given.get("vlan"):
            lines.append(_quoted("VLAN", "yes"))
        word = "Vlan" if below else _TYPE_WORDS.get(kind)
        return [*lines, *below, *([_quoted("TYPE", word)] if word else [])]

    def _part(self, kind: str) -> list[Line]:
        """What a part of a bond or of a team has."""
        needed = "master" if kind == "slave" else "team_master"
        if not self._settings.get(needed):
            raise SaltInvocationError(f"{needed} is a required setting for {kind} interfaces")
        if kind == "slave":
            return [_quoted("MASTER", self._settings["master"]), _quoted("SLAVE", "yes")]
        config = self._team_config("team_port_config")
        return [_quoted("DEVICETYPE", "TeamPort"), *config, _quoted("TEAM_MASTER", self._settings["team_master"])]

    def _team_config(self, name: str) -> list[Line]:
        """A configuration of teamd, JSON or data."""
        config = self._settings.get(name)
        if config is None:
            return []
        return [(name.upper(), f"'{config if isinstance(config, str) else json.dumps(config)}'")]

    def _vlan(self) -> list[Line]:
        order = self._settings.get("reorder_hdr")
        lines = [self._switch("REORDER_HDR", order)] if order is not None else []
        return [*lines, *self._texts(VID="vlan_id", PHYSDEV="phys_dev")]

    def start(self, kind: str, enabled: Any) -> list[Line]:
        given, lines = self._settings, []
        protocol = "none" if kind == "slave" else given.get("proto")
        # Debian's word for what is `none` here, so that a state is good for both.
        protocol = "none" if protocol == "static" else protocol
        if protocol is not None and kind != "teamport":
            if str(protocol) not in _PROTOCOLS:
                raise invalid(self._iface, protocol, _PROTOCOLS)
            lines.append(_quoted("BOOTPROTO", protocol))
        lines.append(self._switch("ONBOOT", enabled))
        if given.get("onparent") is not None:
            lines.append(("ONPARENT", _word(is_true(self._iface, given["onparent"]))))
        return lines

    def addresses(self) -> list[Line]:
        lines = self._texts(IPADDR="ipaddr", NETMASK="netmask", PREFIX="prefix")
        for number, entry in enumerate(_listed(self._settings.get("ipaddrs")), 1):
            address, _, prefix = entry.partition("/")
            lines += [_quoted(f"IPADDR{number}", address), _quoted(f"PREFIX{number}", prefix or "32")]
        return [*lines, *self._texts(GATEWAY="gateway")]

    def ipv6(self) -> list[Line]:
        given = self._settings
        if not given.get("enable_ipv6"):
            return []
        lines = [_quoted("IPV6INIT", "yes"), *self._switches(IPV6_AUTOCONF="ipv6_autoconf", DHCPV6C="dhcpv6c")]
        lines += self._texts(IPV6ADDR="ipv6addr", IPV6_DEFAULTGW="ipv6gateway")
        more = _listed(given.get("ipv6addrs"))
        lines += [_quoted("IPV6ADDR_SECONDARIES", " ".join(more))] if more else []
        names = {"IPV6_PEERDNS": "ipv6_peerdns", "IPV6_DEFROUTE": "ipv6_defroute", "IPV6_PEERROUTES": "ipv6_peerroutes"}
        return [*lines, *self._switches(**names)]

    def behaviour(self, kind: str) -> list[Line]:
        given = self._settings
        checked = given.get("arpcheck", True)
        lines = [] if is_true(self._iface, checked) else [_quoted("ARPCHECK", "no")]
        lines += self._texts(SRCADDR="srcaddr")
        lines += [self._switch("PEERDNS", given.get("peerdns", True))] if "peerdns" in given or "dns" in given else []
        lines += self._switches(PEERROUTES="peerroutes", DEFROUTE="defroute")
        if kind == "bridge":
            lines += self._switches(STP="stp")
        else:
            lines += self._texts(BRIDGE="bridge")
        if "mtu" in given and not str(given["mtu"]).isdigit():
            raise invalid(self._iface, "mtu", ("integer",))
        lines += self._texts(DELAY="delay", MTU="mtu", ZONE="zone")
        return [*lines, *(self._tunnel() if kind == "ipip" else [])]

    def _tunnel(self) -> list[Line]:
        for name in ("my_inner_ipaddr", "my_outer_ipaddr"):
            if not self._settings.get(name):
                raise invalid(self._iface, name, ("1.2.3.4",))
        names = ("my_inner_ipaddr", "my_outer_ipaddr", "peer_outer_ipaddr")
        return [(name.upper(), str(self._settings[name])) for name in names if self._settings.get(name)]

    def hardware(self, kind: str) -> list[Line]:
        words = []
        for name, expected in _HARDWARE.items():
            value = self._settings.get(name)
            if value is None:
                continue
            if str(value) not in expected and not (name == "autoneg" and str(value) in _FALSE):
                raise invalid(self._iface, value if name == "speed" else name, expected)
            words += [name, _ethtool_word(value) if name == "autoneg" else str(value)]
        for name in _OFFLOADS:
            if self._settings.get(name) is not None:
                words += [name, "on" if self._is_on(name) else "off"]
        lines = [_quoted("ETHTOOL_OPTS", " ".join(words))] if words else []
        if kind == "bond":
            lines.append(_quoted("BONDING_OPTS", _bonding_words(self._iface, self._settings)))
        return lines

    def _is_on(self, name: str) -> bool:
        if str(self._settings[name]) not in (*_TRUE, *_FALSE):
            raise invalid(self._iface, name, (*_TRUE, *_FALSE))
        return str(self._settings[name]) in _TRUE

    def end(self) -> list[Line]:
        given = self._settings
        domains = _listed(given.get("domain"))
        lines = [_quoted("DOMAIN", " ".join(domains))] if domains else []
        lines.append(self._switch("NM_CONTROLLED", given.get("nm_controlled", False)))
        return [*lines, *(_quoted(f"DNS{number}", one) for number, one in enumerate(_listed(given.get("dns")), 1))]

    def _texts(self, **names: str) -> list[Line]:
        """Lines with texts, by the setting that holds each; those that are not given have none."""
        given = {name: self._settings.get(setting) for name, setting in names.items()}
        return [_quoted(name, value) for name, value in given.items() if value not in (None, "")]

    def _switches(self, **names: str) -> list[Line]:
        given = {name: self._settings.get(setting) for name, setting in names.items()}
        return [self._switch(name, value) for name, value in given.items() if value is not None]

    def _switch(self, name: str, value: Any) -> Line:
        return _quoted(name, _word(is_true(self._iface, value)))


def _bonding_words(iface: str, settings: Mapping[str, Any]) -> str:
    """The options of a bond's driver: links are watched by `miimon`, or by ARP with `arp_interval`."""
    mode = _mode(iface, settings.get("mode"))
    options = {"mode": mode, **_watch(iface, settings)}
    options["use_carrier"] = "1" if str(settings.get("use_carrier", "no")) in _TRUE else "0"
    if mode == "4":
        options |= {"lacp_rate": _rate(iface, settings), "ad_select": str(settings.get("ad_select", 0))}
    if mode in _PRIMARY and settings.get("primary"):
        options["primary"] = str(settings["primary"])
    policy = settings.get("hashing-algorithm") or settings.get("xmit_hash_policy")
    if mode in _HASHED and policy:
        if policy not in _POLICIES:
            raise invalid(iface, "hashing-algorithm", _POLICIES)
        options["xmit_hash_policy"] = str(policy)
    return " ".join(f"{name}={value}" for name, value in options.items())


def _mode(iface: str, mode: Any) -> str:
    if mode is None:
        raise SaltInvocationError("mode is required for bond interfaces")
    numbers = [str(number) for number in range(len(_MODES))]
    if str(mode) in (*numbers, *_MODES):
        return str(_MODES.index(mode)) if mode in _MODES else str(mode)
    raise invalid(iface, "mode", (*numbers, *_MODES))


def _watch(iface: str, settings: Mapping[str, Any]) -> dict[str, str]:
    miimon, interval = settings.get("miimon"), settings.get("arp_interval")
    if miimon is None and interval is None:
        raise invalid(iface, "miimon or arp_interval", ("at least one of these is required",))
    if miimon is None:
        targets = _listed(settings.get("arp_ip_target"))
        return {"arp_interval": str(interval), **({"arp_ip_target": ",".join(targets)} if targets else {})}
    if not str(miimon).isdigit():
        raise invalid(iface, "miimon", ("integer",))
    delays = {"downdelay": settings.get("downdelay", 2 * int(miimon)), "updelay": settings.get("updelay")}
    for name, value in delays.items():
        if value is not None and (not str(value).isdigit() or (int(miimon) and int(value) % int(miimon))):
            raise invalid(iface, name, (f"0 or a multiple of miimon ({miimon})",))
    return {"miimon": str(miimon), **{name: str(value) for name, value in delays.items() if value is not None}}


def _rate(iface: str, settings: Mapping[str, Any]) -> str:
    rates = {"fast": "1", "1": "1", "slow": "0", "0": "0"}
    rate = str(settings.get("lacp_rate", "slow"))
    if rate not in rates:
        raise invalid(iface, "lacp_rate", list(rates))
    return rates[rate]


def _ethtool_word(value: Any) -> str:
    return "on" if str(value) in _TRUE else "off"


def _word(value: bool) -> str:
    return "yes" if value else "no"


def _quoted(name: str, value: Any) -> Line:
    return name, f'"{value}"'


def _listed(value: Any) -> list[str]:
    """A list, or a text whose words stand between commas or spaces."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [str(one) for one in value or []]
