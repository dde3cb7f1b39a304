"""This minion's network: interfaces, addresses, routes, and arithmetic with addresses."""

from __future__ import annotations

import ipaddress
import socket

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Address = ipaddress.IPv4Address | ipaddress.IPv6Address

__salt__: Functions


# --- arithmetic -----------------------------------------------------------------------------------------------------


def calc_net(ip_addr: str, netmask: str | None = None) -> str:
    """The network of an address, given with its prefix or with a netmask.

    CLI Example::

        saltern run '*' network.calc_net 172.17.0.5 255.255.255.240
    """
    return str(_network(f"{ip_addr}/{netmask}" if netmask else ip_addr))


def convert_cidr(cidr: str) -> dict[str, str]:
    """The network, netmask and broadcast address of a network.

    CLI Example::

        saltern run '*' network.convert_cidr 172.31.0.0/16
    """
    network = _network(cidr)
    return {
        "network": str(network.network_address),
        "netmask": str(network.netmask),
        "broadcast": str(network.broadcast_address),
    }


def ip_in_subnet(ip_addr: str, cidr: str) -> bool:
    """Whether an address is in a network; what is neither is not.

    CLI Example::

        saltern run '*' network.ip_in_subnet 172.17.0.4 172.16.0.0/12
    """
    try:
        return ipaddress.ip_address(ip_addr) in ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False


def is_private(ip_addr: str) -> bool:
    """Whether an address is for private networks.

    CLI Example::

        saltern run '*' network.is_private 10.0.0.3
    """
    return _address(ip_addr).is_private


def is_loopback(ip_addr: str) -> bool:
    """Whether an address is a loopback address.

    CLI Example::

        saltern run '*' network.is_loopback 127.0.0.1
    """
    return _address(ip_addr).is_loopback


def reverse_ip(ip_addr: str) -> str:
    """The name under which DNS keeps the name of an address.

    CLI Example::

        saltern run '*' network.reverse_ip 172.17.0.4
    """
    return _address(ip_addr).reverse_pointer


def iphexval(ip: str) -> str:
    """An IPv4 address in hexadecimal digits.

    CLI Example::

        saltern run '*' network.iphexval 10.0.0.1
    """
    return _address(ip).packed.hex().upper()


# --- interfaces and addresses ---------------------------------------------------------------------------------------


def interfaces() -> dict[str, dict[str, Any]]:
    """All interfaces: `up`, `hwaddr`, and lists `inet` and `inet6` of addresses.

    CLI Example::

        saltern run '*' network.interfaces
    """
    import psutil

    states = psutil.net_if_stats()
    found: dict[str, dict[str, Any]] = {}
    for name, addresses in psutil.net_if_addrs().items():
        entry = found[name] = {"up": bool(name in states and states[name].isup)}
        for one in addresses:
            if one.family == socket.AF_INET:
                shown = {"address": one.address, "netmask": one.netmask, "broadcast": one.broadcast, "label": name}
                entry.setdefault("inet", []).append(shown)
            elif one.family == socket.AF_INET6:
                entry.setdefault("inet6", []).append(_shown6(one.address, one.netmask))
            elif one.family == psutil.AF_LINK:
                entry["hwaddr"] = one.address
    return found


def interface(iface: str) -> list[dict[str, Any]]:
    """The IPv4 addresses of an interface.

    CLI Example::

        saltern run '*' network.interface eth0
    """
    return list(interfaces().get(iface, {}).get("inet", []))


def interface_ip(iface: str) -> str:
    """The first IPv4 address of an interface; empty when it has none.

    CLI Example::

        saltern run '*' network.interface_ip eth0
    """
    return next((str(one["address"]) for one in interface(iface)), "")


def hw_addr(iface: str) -> str:
    """The hardware address of an interface.

    CLI Example::

        saltern run '*' network.hw_addr eth0
    """
    known = interfaces()
    if iface not in known:
        raise CommandExecutionError(f"Interface {iface} not in available interfaces {', '.join(known)}")
    return str(known[iface].get("hwaddr", ""))


def hwaddr(iface: str) -> str:
    """The same as `network.hw_addr`.

    CLI Example::

        saltern run '*' network.hwaddr eth0
    """
    return hw_addr(iface)


def ifacestartswith(cidr: str) -> list[str]:
    """The interfaces whose first IPv4 addresses begin with a text.

    CLI Example::

        saltern run '*' network.ifacestartswith 10.0
    """
    return [name for name in interfaces() if interface_ip(name).startswith(cidr)]


def ip_addrs(
    interface: str | None = None, include_loopback: bool = False, cidr: str | None = None, type: str | None = None
) -> list[str]:
    """The IPv4 addresses of this minion: of one interface, in one network, or only `public` or `private` ones.

    CLI Example::

        saltern run '*' network.ip_addrs cidr=10.0.0.0/8
    """
    found = _addresses("inet", interface, cidr, loopback=include_loopback)
    if type is None:
        return found
    if type not in ("public", "private"):
        raise SaltInvocationError("type must be public or private")
    return [one for one in found if is_private(one) == (type == "private")]


def ipaddrs(
    interface: str | None = None, include_loopback: bool = False, cidr: str | None = None, type: str | None = None
) -> list[str]:
    """The same as `network.ip_addrs`.

    CLI Example::

        saltern run '*' network.ipaddrs
    """
    return ip_addrs(interface, include_loopback, cidr, type)


def ip_addrs6(interface: str | None = None, include_loopback: bool = False, cidr: str | None = None) -> list[str]:
    """The IPv6 addresses of this minion.

    CLI Example::

        saltern run '*' network.ip_addrs6
    """
    return _addresses("inet6", interface, cidr, loopback=include_loopback)


def ipaddrs6(interface: str | None = None, include_loopback: bool = False, cidr: str | None = None) -> list[str]:
    """The same as `network.ip_addrs6`.

    CLI Example::

        saltern run '*' network.ipaddrs6
    """
    return ip_addrs6(interface, include_loopback, cidr)


def subnets(interfaces: str | list[str] | None = None) -> list[str]:
    """The IPv4 networks that this minion is in.

    CLI Example::

        saltern run '*' network.subnets interfaces=eth1
    """
    return _networks("inet", interfaces)


def subnets6() -> list[str]:
    """The IPv6 networks that this minion is in.

    CLI Example::

        saltern run '*' network.subnets6
    """
    return _networks("inet6", None)


def in_subnet(cidr: str) -> bool:
    """Whether this minion has an IPv4 address in a network.

    CLI Example::

        saltern run '*' network.in_subnet 10.0.0.0/16
    """
    return any(ip_in_subnet(one, cidr) for one in ip_addrs())


def ip_networks(interface: str | None = None, include_loopback: bool = False, verbose: bool = False) -> Any:
    """The IPv4 networks that this minion is in; with `verbose` what they are.

    CLI Example::

        saltern run '*' network.ip_networks interface=docker0 verbose=True
    """
    return _ip_networks("inet", interface, loopback=include_loopback, verbose=verbose)


def ip_networks6(interface: str | None = None, include_loopback: bool = False, verbose: bool = False) -> Any:
    """The IPv6 networks that this minion is in; with `verbose` what they are.

    CLI Example::

        saltern run '*' network.ip_networks6
    """
    return _ip_networks("inet6", interface, loopback=include_loopback, verbose=verbose)


# --- names, routes, neighbours --------------------------------------------------------------------------------------


def get_hostname() -> str:
    """The name of this host.

    CLI Example::

        saltern run '*' network.get_hostname
    """
    return socket.gethostname()


def get_fqdn() -> str:
    """The whole name of this host.

    CLI Example::

        saltern run '*' network.get_fqdn
    """
    return socket.getfqdn()


def routes(family: str | None = None) -> list[dict[str, str]]:
    """The routes of this minion; `inet` or `inet6` for one family.

    CLI Example::

        saltern run '*' network.routes
    """
    from saltern.plugin_api.linux import sockets

    if family not in (None, "inet", "inet6"):
        raise CommandExecutionError(f"Invalid address family {family}")
    found = [*sockets.routes4(sockets.read("route")), *sockets.routes6(sockets.read("ipv6_route"))]
    return [one for one in found if family in (None, one["addr_family"])]


def default_route(family: str | None = None) -> list[dict[str, str]]:
    """The default routes of this minion.

    CLI Example::

        saltern run '*' network.default_route
    """
    return [one for one in routes(family) if one["destination"] in ("0.0.0.0", "::/0")]


def get_route(ip: str) -> dict[str, str | None]:
    """The way by which packets to an address leave: `destination`, `gateway`, `interface`, `source`.

    CLI Example::

        saltern run '*' network.get_route 10.10.10.10
    """
    words = str(__salt__["cmd.run"](["ip", "route", "get", str(_address(ip))], python_shell=False)).split()
    told = {key: words[place + 1] for place, key in enumerate(words[:-1]) if key in ("via", "dev", "src")}
    return {
        "destination": ip, "gateway": told.get("via"), "interface": told.get("dev"), "source": told.get("src"),
    }  # fmt: skip


def arp() -> dict[str, str]:
    """The neighbours that this minion knows: hardware address to IPv4 address.

    CLI Example::

        saltern run '*' network.arp
    """
    from saltern.plugin_api.linux import sockets

    return sockets.neighbours(sockets.read("arp"))


def active_tcp() -> dict[int, dict[str, Any]]:
    """The TCP connections of this minion, numbered.

    CLI Example::

        saltern run '*' network.active_tcp
    """
    return {
        number: {
            "local_addr": one.laddr.ip,
            "local_port": one.laddr.port,
            "remote_addr": one.raddr.ip,
            "remote_port": one.raddr.port,
        }
        for number, one in enumerate(_connections("tcp", established=True))
    }


def netstat() -> list[dict[str, Any]]:
    """The sockets of this minion that listen or are connected, with the programs that have them.

    CLI Example::

        saltern run '*' network.netstat
    """
    return [
        {
            "proto": "tcp" if one.type == socket.SOCK_STREAM else "udp",
            "local-address": _joined(one.laddr),
            "remote-address": _joined(one.raddr),
            "state": "" if one.status == "NONE" else one.status,
            "program": f"{one.pid}/{_program(one.pid)}" if one.pid else "-",
        }
        for one in _connections("inet", established=False)
    ]


def connect(
    host: str, port: int | str | None = None, proto: str = "tcp", timeout: float = 5, family: str | None = None
) -> dict[str, Any]:
    """Whether a connection to a port can be made: `result` and `comment`.

    CLI Example::

        saltern run '*' network.connect archlinux.org 80
    """
    if port is None:
        return {"result": False, "comment": "Required argument, port, is missing."}
    families = {None: socket.AF_UNSPEC, "ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
    kinds = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
    if proto not in kinds or family not in families:
        raise SaltInvocationError("proto must be tcp or udp, and family ipv4 or ipv6")
    try:
        found = socket.getaddrinfo(host, port, families[family], kinds[proto])
    except OSError as error:
        return {"result": False, "comment": f"Unable to resolve {host}: {error}"}
    for where, kind, protocol, _, address in found:
        with socket.socket(where, kind, protocol) as tried:
            tried.settimeout(float(timeout))
            if tried.connect_ex(address) == 0:
                told = f"Successfully connected to {host} ({address[0]}) on {proto} port {port}"
                return {"result": True, "comment": told}
    return {"result": False, "comment": f"Unable to connect to {host} ({found[0][4][0]}) on {proto} port {port}"}


def ping(host: str, timeout: bool | int = False, return_boolean: bool = False) -> Any:
    """What the program ping says of a host after four packets, or whether it answered.

    CLI Example::

        saltern run '*' network.ping archlinux.org return_boolean=True
    """
    words = ["ping", *(["-W", str(timeout)] if timeout else []), "-c", "4", "--", host]
    if not return_boolean:
        return __salt__["cmd.run"](words, python_shell=False)
    return __salt__["cmd.retcode"](words, python_shell=False, ignore_retcode=True) == 0


def dig(host: str) -> str:
    """What the program dig says of a name.

    CLI Example::

        saltern run '*' network.dig archlinux.org
    """
    return str(__salt__["cmd.run"](["dig", host], python_shell=False))


# --- steps ----------------------------------------------------------------------------------------------------------


def _address(text: str) -> Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError as error:
        raise SaltInvocationError(str(error)) from error


def _network(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise SaltInvocationError(str(error)) from error


def _shown6(address: str, netmask: str | None) -> dict[str, Any]:
    plain, _, zone = address.partition("%")
    bits = bin(int(ipaddress.IPv6Address(netmask or "::"))).count("1")
    one = ipaddress.IPv6Address(plain)
    scope = "host" if one.is_loopback else "link" if one.is_link_local or zone else "global"
    return {"address": plain, "prefixlen": str(bits), "scope": scope}


def _own(family: str, interface: str | None, *, loopback: bool) -> Iterator[dict[str, Any]]:
    known = interfaces()
    if interface is not None and interface not in known:
        raise CommandExecutionError(f"Interface {interface} not in available interfaces {', '.join(known)}")
    for name, entry in known.items():
        if interface in (None, name):
            yield from (
                one for one in entry.get(family, []) if loopback or not ipaddress.ip_address(one["address"]).is_loopback
            )


def _addresses(family: str, interface: str | None, cidr: str | None, *, loopback: bool) -> list[str]:
    found = {str(one["address"]) for one in _own(family, interface, loopback=loopback)}
    chosen = [one for one in found if cidr is None or ip_in_subnet(one, cidr)]
    return sorted(chosen, key=ipaddress.ip_address)


def _networks(family: str, names: str | list[str] | None, *, loopback: bool = False) -> list[str]:
    wanted: list[str | None] = [names] if isinstance(names, str) else [*(names or ())] or [None]
    found = {
        str(_network(f"{one['address']}/{one.get('netmask') or one.get('prefixlen')}"))
        for name in wanted
        for one in _own(family, name, loopback=loopback)
    }
    return sorted(found, key=ipaddress.ip_network)


def _ip_networks(family: str, interface: str | None, *, loopback: bool, verbose: bool) -> Any:
    names = _networks(family, interface, loopback=loopback)
    if not verbose:
        return names
    return {
        name: {
            "prefixlen": network.prefixlen,
            "netmask": str(network.netmask),
            "num_addresses": network.num_addresses,
            "address": str(network.network_address),
        }
        for name in names
        for network in [_network(name)]
    }


def _connections(kind: str, *, established: bool) -> list[Any]:
    import psutil

    try:
        found = psutil.net_connections(kind)
    except psutil.AccessDenied as error:
        raise CommandExecutionError("Only root may see the sockets of all processes.") from error
    return [one for one in found if not established or (one.status == "ESTABLISHED" and one.raddr)]


def _joined(address: Any) -> str:
    return f"{address.ip}:{address.port}" if address else "0.0.0.0:*"


def _program(pid: int) -> str:
    import psutil

    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return "?"
