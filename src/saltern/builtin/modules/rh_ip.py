"""Network interfaces of Red Hat and its kin: the files of `/etc/sysconfig/network-scripts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import Functions, Grains, SaltInvocationError
from saltern.plugin_api.linux.ifcfg import ifcfg_lines, is_true
from saltern.plugin_api.whole_file import read_whole, write_whole

__virtualname__ = "ip"

__salt__: Functions
__grains__: Grains

_SCRIPTS = "/etc/sysconfig/network-scripts"
_NETWORK = "/etc/sysconfig/network"
_GLOBAL = {"gateway": "GATEWAY", "gatewaydev": "GATEWAYDEV", "nisdomain": "NISDOMAIN"}


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "RedHat":
        return __virtualname__
    return False, "The rh_ip module could not be loaded: unsupported OS family"


def get_interface(iface: str) -> list[str]:
    """The lines of the file of an interface; none when there is no file.

    CLI Example::

        saltern run '*' ip.get_interface eth0
    """
    return _lines_of(f"{_SCRIPTS}/ifcfg-{iface}")


def build_interface(iface: str, iface_type: str, enabled: Any, **settings: Any) -> list[str]:
    """Write the file of an interface; its lines. With `test` nothing is written.

    `iface_type` is `eth`, `bond`, `bridge`, `slave`, `vlan`, `team`, `teamport`, `alias`, `ipip` or `ib`; settings are
    those of the state `network.managed`.

    CLI Example::

        saltern run '*' ip.build_interface eth0 eth True proto=none ipaddr=192.0.2.10 netmask=255.255.255.0
    """
    own_address = str(__salt__["network.interfaces"]().get(iface, {}).get("hwaddr") or "")
    lines = ifcfg_lines(iface, str(iface_type).lower(), enabled, settings, own_address)
    if not settings.get("test"):
        _write(f"{_SCRIPTS}/ifcfg-{iface}", lines)
    return lines


def up(iface: str, iface_type: str | None = None) -> str | None:
    """Start an interface; what ifup printed. One that is part of a bond or team is started with it.

    CLI Example::

        saltern run '*' ip.up eth0 eth
    """
    return _switched("ifup", iface, iface_type)


def down(iface: str, iface_type: str | None = None) -> str | None:
    """Stop an interface; what ifdown printed. One that is part of a bond or team is stopped with it.

    CLI Example::

        saltern run '*' ip.down eth0 eth
    """
    return _switched("ifdown", iface, iface_type)


def _switched(program: str, iface: str, iface_type: str | None) -> str | None:
    if iface_type in ("slave", "teamport"):
        return None
    return str(__salt__["cmd.run"]([program, iface], python_shell=False))


def get_routes(iface: str) -> list[str]:
    """The lines of the files of an interface's routes, those of IPv6 last; none when there are none.

    CLI Example::

        saltern run '*' ip.get_routes eth0
    """
    return [*_lines_of(f"{_SCRIPTS}/route-{iface}"), *_lines_of(f"{_SCRIPTS}/route6-{iface}")]


def build_routes(iface: str, **settings: Any) -> list[str]:
    """Write the files of an interface's routes; their lines. With `test` nothing is written.

    `routes` is a list of mappings with `ipaddr`, `netmask`, `gateway`, and if wanted `name` and `metric`.

    CLI Example::

        saltern run '*' ip.build_routes eth0 routes='[{ipaddr: 10.1.0.0, netmask: 255.255.0.0, gateway: 10.0.0.1}]'
    """
    routes = settings.get("routes")
    if not isinstance(routes, list):
        raise SaltInvocationError(
            f"Invalid option -- Route interface: {iface}, Option: routes, Expected: [List of routes]"
        )
    by_file: dict[str, list[str]] = {"route": [], "route6": []}
    for route in routes:
        lines = _route(iface, route)
        by_file["route6" if ":" in lines[-1].split()[0] else "route"] += lines
    if not settings.get("test"):
        for file, lines in by_file.items():
            _write(f"{_SCRIPTS}/{file}-{iface}", lines)
    return [*by_file["route"], *by_file["route6"]]


def _route(iface: str, route: Any) -> list[str]:
    if not isinstance(route, Mapping) or not route.get("ipaddr"):
        raise SaltInvocationError(f"A route of {iface} needs ipaddr: {route!r}")
    mask, gateway = route.get("netmask"), route.get("gateway")
    words = [f"{route['ipaddr']}/{mask}" if mask else str(route["ipaddr"])]
    words += ["via", str(gateway)] if gateway else ["dev", iface]
    words += ["metric", str(route["metric"])] if route.get("metric") else []
    return [*([f"# {route['name']}"] if route.get("name") else []), " ".join(words)]


def get_network_settings() -> list[str]:
    """The lines of the file with the settings of the whole network.

    CLI Example::

        saltern run '*' ip.get_network_settings
    """
    return _lines_of(_NETWORK)


def build_network_settings(**settings: Any) -> list[str]:
    """Write the settings of the whole network; the lines that there are then. With `test` nothing is written.

    Settings are `enabled`, `hostname`, `gateway`, `gatewaydev`, `nisdomain` and `nozeroconf`; all else stays.

    CLI Example::

        saltern run '*' ip.build_network_settings enabled=True hostname=web1.example.com
    """
    now = dict(_pair(line) for line in get_network_settings())
    wanted: dict[str, str] = {"NETWORKING": now.get("NETWORKING") or "yes"}
    on = settings.get("enabled", settings.get("networking"))
    if on is not None:
        wanted["NETWORKING"] = "yes" if is_true("network", on) else "no"
    host = settings.get("hostname") or now.get("HOSTNAME") or __grains__.get("fqdn")
    wanted |= {"HOSTNAME": str(host)} if host else {}
    wanted |= {name: str(settings[key]) for key, name in _GLOBAL.items() if settings.get(key)}
    if settings.get("nozeroconf") is not None:
        wanted["NOZEROCONF"] = "yes" if is_true("network", settings["nozeroconf"]) else "no"
    lines = [
        f"{name}={value}" if value is not None else name for name, value in {**wanted, **_rest(now, wanted)}.items()
    ]
    if not settings.get("test"):
        _write(_NETWORK, lines)
    return lines


def apply_network_settings(**settings: Any) -> bool:
    """Let the settings hold, by starting the network's service anew; with `require_reboot` nothing is done.

    CLI Example::

        saltern run '*' ip.apply_network_settings
    """
    if is_true("network", settings.get("require_reboot", False)):
        return True
    service = "network" if __salt__["service.available"]("network") else "NetworkManager"
    return bool(__salt__["service.restart"](service))


def _pair(line: str) -> tuple[str, str | None]:
    """A line by its name; one that sets nothing, such as a comment, is kept as it is."""
    name, equals, value = line.partition("=")
    return (name.strip(), value.strip().strip("\"'")) if equals and not name.startswith("#") else (line, None)


def _rest(now: Mapping[str, str | None], wanted: Mapping[str, str]) -> dict[str, str | None]:
    return {name: value for name, value in now.items() if name not in wanted}


def _lines_of(path: str) -> list[str]:
    return read_whole(path).splitlines()


def _write(path: str, lines: Sequence[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    if read_whole(path) != text:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
