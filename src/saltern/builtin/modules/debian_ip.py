"""Network interfaces of Debian: what `/etc/network/interfaces` says of them, for ifupdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import Functions, Grains, SaltInvocationError
from saltern.plugin_api.linux.bonding import bond_options
from saltern.plugin_api.linux.interfaces_file import replaced, told
from saltern.plugin_api.whole_file import read_whole, write_whole

__virtualname__ = "ip"

__salt__: Functions
__grains__: Grains

_FILE = "/etc/network/interfaces"
_TYPES = ("eth", "bond", "alias", "clone", "ipsec", "dialup", "bridge", "slave", "vlan", "pppoe", "source")
_PROTOCOLS = ("static", "dhcp", "bootp", "manual", "loopback", "ppp", "auto", "v4tunnel", "6to4", "wvdial", "tunnel")
_OPTIONS = (
    "hwaddress",
    "address",
    "addresses",
    "netmask",
    "broadcast",
    "metric",
    "gateway",
    "pointopoint",
    "scope",
    "hostname",
    "leasehours",
    "leasetime",
    "vendor",
    "client",
    "provider",
    "mtu",
)
_IPV6_OPTIONS = (
    "address",
    "addresses",
    "netmask",
    "gateway",
    "accept_ra",
    "autoconf",
    "privext",
    "dad-attempts",
    "mtu",
)
_COMMANDS = ("up", "down", "pre-up", "post-up", "pre-down", "post-down")
_OFFLOADS = ("gro", "gso", "lro", "rx", "sg", "tso", "tx", "ufo")
_BRIDGE = (
    "ageing",
    "bridgeprio",
    "fd",
    "gcint",
    "hello",
    "hw",
    "maxage",
    "maxwait",
    "pathcost",
    "portprio",
    "ports",
    "stp",
    "waitport",
)
_ALIASES = {
    "address": ("ipaddr", "address"),
    "addresses": ("ipaddrs", "addresses"),
    "hwaddress": ("hwaddress", "hwaddr"),
}


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "Debian":
        return __virtualname__
    return False, "The debian_ip module could not be loaded: unsupported OS family"


def get_interface(iface: str) -> list[str]:
    """The lines about an interface; none when there are none.

    CLI Example::

        saltern run '*' ip.get_interface eth0
    """
    return told(read_whole(_FILE), iface)


def build_interface(iface: str, iface_type: str, enabled: Any, **settings: Any) -> list[str]:
    """Write the lines about an interface in place of those that there are; these lines. With `test` nothing is written.

    `iface_type` is `eth`, `bond`, `bridge`, `slave`, `vlan` or `pppoe`; settings are those of the state
    `network.managed`.

    CLI Example::

        saltern run '*' ip.build_interface eth0 eth True proto=static ipaddr=192.0.2.10 netmask=255.255.255.0
    """
    if str(iface_type).lower() not in _TYPES:
        raise _invalid(iface, iface_type, _TYPES)
    lines = _lines(iface, str(iface_type).lower(), enabled in (True, "yes", "on", "true", "True"), settings)
    if not settings.get("test"):
        text = read_whole(_FILE)
        if told(text, iface) != lines:
            Path(_FILE).parent.mkdir(parents=True, exist_ok=True)
            write_whole(_FILE, replaced(text, iface, lines))
    return lines


def up(iface: str, iface_type: str | None = None) -> str | None:
    """Start an interface; what ifup printed. One that is part of a bond is started with the bond.

    CLI Example::

        saltern run '*' ip.up eth0 eth
    """
    return None if iface_type == "slave" else str(__salt__["cmd.run"](["ifup", iface], python_shell=False))


def down(iface: str, iface_type: str | None = None) -> str | None:
    """Stop an interface; what ifdown printed. One that is part of a bond is stopped with the bond.

    CLI Example::

        saltern run '*' ip.down eth0 eth
    """
    return None if iface_type == "slave" else str(__salt__["cmd.run"](["ifdown", iface], python_shell=False))


def get_bond(iface: str) -> list[str] | str:
    """The lines of the file that configures the driver of a bond; an empty text when there is none.

    CLI Example::

        saltern run '*' ip.get_bond bond0
    """
    return _file_lines(_bond_file(iface))


def build_bond(iface: str, **settings: Any) -> list[str]:
    """Write the file that configures the driver of a bond; its lines. With `test` nothing is written.

    CLI Example::

        saltern run '*' ip.build_bond bond0 mode=balance-alb
    """
    options = " ".join(f"{name}={value}" for name, value in bond_options(iface, settings).items())
    lines = [f"alias {iface} bonding\n", f"options {iface} {options} "]
    if not settings.get("test"):
        _write(_bond_file(iface), lines)
        __salt__["kmod.load"]("bonding")
    return lines


def get_routes(iface: str) -> list[str] | str:
    """The lines of the scripts that add and remove the routes of an interface; an empty text when there are none.

    CLI Example::

        saltern run '*' ip.get_routes eth0
    """
    added, removed = (_file_lines(_route_file(iface, when)) for when in ("up", "down"))
    return [*added, *removed] if added or removed else ""


def build_routes(iface: str, **settings: Any) -> list[str]:
    """Write scripts that add and remove routes when an interface starts and stops; their lines.

    `routes` is a list of mappings with `ipaddr`, `netmask`, `gateway`, and if wanted `name` and `metric`. With `test`
    nothing is written.

    CLI Example::

        saltern run '*' ip.build_routes eth0 routes='[{ipaddr: 10.1.0.0, netmask: 255.255.0.0, gateway: 10.0.0.1}]'
    """
    routes = settings.get("routes") or []
    scripts = {when: _route_script(iface, verb, routes) for when, verb in (("up", "add"), ("down", "del"))}
    if not settings.get("test"):
        for when, lines in scripts.items():
            _write(_route_file(iface, when), lines, mode=0o755)
    return [*scripts["up"], *scripts["down"]]


def get_network_settings() -> list[str]:
    """Whether interfaces are configured at boot, and the name of the host and its domain, as lines.

    CLI Example::

        saltern run '*' ip.get_network_settings
    """
    found = re.search(r"^CONFIGURE_INTERFACES=[\"']?(\w+)", read_whole("/etc/default/networking"), re.MULTILINE)
    lines = [f"NETWORKING={found[1]}\n"] if found else []
    lines.append(f"HOSTNAME={read_whole('/etc/hostname').strip()}\n")
    domain = re.search(r"^domain\s+(\S+)", read_whole("/etc/resolv.conf"), re.MULTILINE)
    return [*lines, f"DOMAIN={domain[1]}\n"] if domain else lines


def build_network_settings(**settings: Any) -> list[str]:
    """Write whether interfaces are configured at boot, and the name of the host and its domain; what holds then.

    Settings are `enabled`, `hostname` and `domain`. With `test` nothing is written.

    CLI Example::

        saltern run '*' ip.build_network_settings enabled=True hostname=web1.example.com
    """
    now = dict(line.rstrip("\n").split("=", 1) for line in get_network_settings())
    wanted = dict(now)
    if "enabled" in settings or "networking" in settings:
        on = settings.get("networking", settings.get("enabled")) in (True, "yes", "on", "true", "True", 1)
        wanted = {"NETWORKING": "", **now}
        wanted["NETWORKING"] = "yes" if on else "no"
    if settings.get("hostname"):
        name, _, domain = str(settings["hostname"]).partition(".")
        wanted["HOSTNAME"] = name
        if domain or settings.get("domain"):
            wanted["DOMAIN"] = str(settings.get("domain") or domain)
    if not settings.get("test"):
        _write_settings({key: value for key, value in wanted.items() if now.get(key) != value})
    return [f"{key}={value}\n" for key, value in wanted.items()]


def apply_network_settings(**settings: Any) -> bool:
    """Let the settings hold, by starting the service networking anew; with `require_reboot` nothing is done.

    CLI Example::

        saltern run '*' ip.apply_network_settings
    """
    if settings.get("require_reboot") in (True, "yes", "on", "true", "True"):
        return True
    return bool(__salt__["service.restart"]("networking"))


def _lines(iface: str, kind: str, enabled: bool, settings: Mapping[str, Any]) -> list[str]:
    lines = [f"auto {iface}\n"] if enabled else []
    lines += [f"allow-hotplug {iface}\n"] if settings.get("hotplug") else []
    protocol = _protocol(iface, kind, settings.get("proto"))
    if protocol:
        lines += [f"iface {iface} inet {protocol}\n", *map(_indented, _inet_options(iface, kind, settings))]
    if settings.get("ipv6proto") and settings.get("enable_ipv6", True):
        known = {key.removeprefix("ipv6"): value for key, value in settings.items() if key.startswith("ipv6")}
        known |= {"address": known.get("ipaddr") or known.get("addr"), "accept_ra": settings.get("accept_ra")}
        known["addresses"] = known.get("ipaddrs") or known.get("addrs")
        options = _given(_IPV6_OPTIONS, known)
        lines += [f"iface {iface} inet6 {settings['ipv6proto']}\n", *map(_indented, options)]
    return [*lines, "\n"]


def _protocol(iface: str, kind: str, protocol: Any) -> str:
    if kind == "slave":
        return "manual"
    if protocol is None or str(protocol).lower() == "none":
        return ""
    if str(protocol).lower() not in _PROTOCOLS:
        raise _invalid(iface, protocol, _PROTOCOLS)
    return str(protocol).lower()


def _inet_options(iface: str, kind: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    options = _of_kind(iface, kind, settings)
    known = {key: next((settings[one] for one in names if settings.get(one)), None) for key, names in _ALIASES.items()}
    # The device below a VLAN, and the bond of its part, stand first.
    first = [one for one in options if one[0] in ("vlan-raw-device", "bond-master")]
    chosen = [*first, *_given(_OPTIONS, {**settings, **known})]
    chosen += [one for one in options if one not in first]
    chosen += [("dns-nameservers", _spaced(settings["dns"]))] if settings.get("dns") else []
    search = settings.get("dns_search") or settings.get("search")
    chosen += [("dns-search", _spaced(search))] if search else []
    chosen += [(key, str(value)) for key, value in settings.items() if key.startswith("wpa-")]
    chosen += _hardware(settings)
    commands = {when: settings.get(f"{when.replace('-', '_')}_cmds") or [] for when in _COMMANDS}
    return [*chosen, *((when, str(one)) for when, listed in commands.items() for one in listed)]


def _of_kind(iface: str, kind: str, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The options that only interfaces of a kind have."""
    if kind == "vlan":
        below = settings.get("vlan-raw-device") or settings.get("vlan_raw_device") or settings.get("phys_dev")
        return [("vlan-raw-device", str(below or iface.partition(".")[0]))]
    if kind == "slave":
        return [("bond-master", str(settings["master"]))] if settings.get("master") else []
    if kind == "bridge":
        named = {one: settings.get(f"bridge_{one}", settings.get(one)) for one in _BRIDGE}
        return [(f"bridge_{one}", _spaced(value)) for one, value in named.items() if value is not None]
    if kind == "bond":
        if not settings.get("slaves"):
            raise SaltInvocationError("slaves is a required setting for bond interfaces")
        options = {**bond_options(iface, settings), "slaves": _spaced(settings["slaves"])}
        return [(f"bond-{one}", options[one]) for one in sorted(options)]
    return []


def _hardware(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = {"ethernet-autoneg": settings.get("autoneg"), "link-duplex": settings.get("duplex")}
    found |= {"link-speed": settings.get("speed")} if settings.get("autoneg") in (False, "off") else {}
    found |= {f"offload-{one}": settings.get(one) for one in _OFFLOADS}
    return [(name, _spaced(value)) for name, value in found.items() if value is not None]


def _given(names: Sequence[str], settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    chosen = []
    for name in names:
        value = settings.get(name)
        if name == "addresses":
            listed = value.split() if isinstance(value, str) else value or []
            chosen += [("address", str(one)) for one in listed]
        elif value is not None and value != "":
            chosen.append((name, str(value)))
    return chosen


def _spaced(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return " ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def _indented(option: tuple[str, str]) -> str:
    return f"    {option[0]} {option[1]}\n"


def _invalid(iface: str, value: Any, expected: Sequence[str]) -> SaltInvocationError:
    return SaltInvocationError(
        f"Invalid option -- Interface: {iface}, Option: {value}, Expected: [{'|'.join(expected)}]"
    )


def _route_script(iface: str, verb: str, routes: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["#!/bin/sh\n", f"# {verb}\n", f'test "${{IFACE}}" = "{iface}" || exit 0\n']
    for route in routes:
        if not isinstance(route, Mapping) or not route.get("ipaddr"):
            raise SaltInvocationError(f"A route of {iface} needs ipaddr: {route!r}")
        mask = route.get("netmask")
        words = ["ip", "route", verb, f"{route['ipaddr']}/{mask}" if mask else str(route["ipaddr"])]
        words += ["via", str(route["gateway"])] if route.get("gateway") else []
        words += ["dev", iface, *(["metric", str(route["metric"])] if route.get("metric") else [])]
        lines += [f"# {route['name']}\n"] if route.get("name") else []
        lines.append(" ".join(words) + "\n")
    return lines


def _route_file(iface: str, when: str) -> str:
    return f"/etc/network/if-{when}.d/route-{iface}"


def _bond_file(iface: str) -> str:
    return f"/etc/modprobe.d/{iface}.conf"


def _file_lines(path: str) -> list[str] | str:
    return read_whole(path).splitlines(keepends=True) or ""


def _write(path: str, lines: Sequence[str], *, mode: int = 0o644) -> None:
    if read_whole(path) != "".join(lines):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, "".join(lines), mode=mode)


def _write_settings(changed: Mapping[str, str]) -> None:
    if "NETWORKING" in changed:
        line = f"CONFIGURE_INTERFACES={changed['NETWORKING']}"
        text, found = re.subn(r"(?m)^#?CONFIGURE_INTERFACES=.*$", line, read_whole("/etc/default/networking"))
        _write("/etc/default/networking", [text if found else f"{text}{line}\n"])
    if "HOSTNAME" in changed:
        _write("/etc/hostname", [f"{changed['HOSTNAME']}\n"])
    if "DOMAIN" in changed:
        text, found = re.subn(r"(?m)^domain\s.*$", f"domain {changed['DOMAIN']}", read_whole("/etc/resolv.conf"))
        _write("/etc/resolv.conf", [text if found else f"domain {changed['DOMAIN']}\n{text}"])
