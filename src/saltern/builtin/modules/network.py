"""The network of this host: interfaces, addresses, routes, sockets, neighbours, and whether others can be reached."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError
from saltern.plugin_api.linux import netlink, sockets
from saltern.plugin_api.linux import routes as tables
from saltern.plugin_api.linux.files import read_text

__salt__: Functions

log = logging.getLogger(__name__)

_Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface

_RING_OPTIONS = ("rx", "tx", "rx-mini", "rx-jumbo")
_RING_WORDS = {"RX": "rx", "RX Mini": "rx-mini", "RX Jumbo": "rx-jumbo", "TX": "tx"}
_FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}
_PINGS = 4
_CONNECT_SECONDS = 5.0


# --- addresses as such --------------------------------------------------------------------------------------------


def calc_net(ip_addr: str, netmask: str | int | None = None) -> str:
    """The network of an address in CIDR notation; the mask may be part of the address.

    CLI Example::

        saltern run '*' network.calc_net 172.17.0.5 255.255.255.240
        saltern run '*' network.calc_net 2a02:f6e:a000:80:84d8:8332:7866:4e07/64
    """
    text = str(ip_addr) if netmask is None else f"{ip_addr}/{netmask}"
    return str(ipaddress.ip_network(text, strict=False))


def convert_cidr(cidr: str) -> dict[str, str]:
    """The `network`, `netmask` and `broadcast` address of a network in CIDR notation.

    CLI Example::

        saltern run '*' network.convert_cidr 172.31.0.0/16
    """
    network = ipaddress.ip_network(cidr, strict=False)
    return {
        "network": str(network.network_address),
        "netmask": str(network.netmask),
        "broadcast": str(network.broadcast_address),
    }


def ip_in_subnet(ip_addr: str, cidr: str) -> bool:
    """Whether an address lies in a network.

    CLI Example::

        saltern run '*' network.ip_in_subnet 172.17.0.4 172.16.0.0/12
    """
    return _any_within([str(ip_addr)], cidr)


def is_private(ip_addr: str) -> bool:
    """Whether an address is not for the public Internet.

    CLI Example::

        saltern run '*' network.is_private 10.0.0.3
    """
    return ipaddress.ip_address(ip_addr).is_private


def is_loopback(ip_addr: str) -> bool:
    """Whether an address is one of the host to itself.

    CLI Example::

        saltern run '*' network.is_loopback 127.0.0.1
    """
    return ipaddress.ip_address(ip_addr).is_loopback


def reverse_ip(ip_addr: str) -> str:
    """The name by which DNS knows an address.

    CLI Example::

        saltern run '*' network.reverse_ip 172.17.0.4
    """
    return ipaddress.ip_address(ip_addr).reverse_pointer


def iphexval(ip: str) -> str:
    """The four bytes of an IPv4 address in hexadecimal.

    CLI Example::

        saltern run '*' network.iphexval 10.0.0.1
    """
    return "".join(f"{int(part):02X}" for part in str(ip).split("."))


# --- the interfaces of this host ----------------------------------------------------------------------------------


def interfaces() -> dict[str, dict[str, Any]]:
    """Each interface: `up`, `hwaddr`, `parent`, and lists of addresses `inet`, `inet6` and `secondary`.

    CLI Example::

        saltern run '*' network.interfaces
    """
    links = netlink.links()
    names = {link.number: link.name for link in links}
    found: dict[int, dict[str, Any]] = {}
    for link in links:
        parent = names.get(link.parent)
        found[link.number] = {
            "up": link.up,
            **({"parent": parent} if parent else {}),
            **({"hwaddr": link.hardware_address} if link.hardware_address else {}),
        }
    for address in netlink.addresses():
        if address.interface in found:
            kind, entry = _described(address)
            found[address.interface].setdefault(kind, []).append(entry)
    return {names[index]: entry for index, entry in found.items()}


def interface(iface: str) -> list[dict[str, Any]] | str:
    """The IPv4 addresses of an interface; for one that does not exist, a text that names those that do.

    CLI Example::

        saltern run '*' network.interface eth0
    """
    found: list[dict[str, Any]] | str = _of_interface(iface, lambda entry: entry.get("inet", ""))
    return found


def interface_ip(iface: str) -> str:
    """The first IPv4 address of an interface, empty when it has none.

    CLI Example::

        saltern run '*' network.interface_ip eth0
    """
    found: str = _of_interface(iface, lambda entry: next((one["address"] for one in entry.get("inet", ())), ""))
    return found


def hw_addr(iface: str) -> str:
    """The hardware address of an interface.

    CLI Example::

        saltern run '*' network.hw_addr eth0
    """
    found: str = _of_interface(iface, lambda entry: entry.get("hwaddr", ""))
    return found


def hwaddr(iface: str) -> str:
    """The same as `network.hw_addr`.

    CLI Example::

        saltern run '*' network.hwaddr eth0
    """
    return hw_addr(iface)


def ifacestartswith(cidr: str | float) -> list[str]:
    """The interface, or its label, for each IPv4 address that begins with a text.

    CLI Example::

        saltern run '*' network.ifacestartswith 10.0
    """
    entries = (one for entry in interfaces().values() for one in entry.get("inet", ()))
    return [one["label"] for one in entries if one["address"].startswith(str(cidr))]


def ip_addrs(
    interface: str | None = None,
    include_loopback: bool = False,
    cidr: str | None = None,
    type: str | None = None,
) -> list[str]:
    """The IPv4 addresses of this host: of one interface, within a network, or of the `type` public or private.

    CLI Example::

        saltern run '*' network.ip_addrs
        saltern run '*' network.ip_addrs cidr=10.0.0.0/8
        saltern run '*' network.ip_addrs type=private
    """
    found = _own_addresses(4, interface, include_loopback)
    if cidr:
        return [one for one in found if ip_in_subnet(one, cidr)]
    return [one for one in found if type is None or is_private(one) == (type != "public")]


def ipaddrs(
    interface: str | None = None,
    include_loopback: bool = False,
    cidr: str | None = None,
    type: str | None = None,
) -> list[str]:
    """The same as `network.ip_addrs`.

    CLI Example::

        saltern run '*' network.ipaddrs eth0
    """
    return ip_addrs(interface, include_loopback, cidr, type)


def ip_addrs6(interface: str | None = None, include_loopback: bool = False, cidr: str | None = None) -> list[str]:
    """The IPv6 addresses of this host: of one interface, or within a network.

    CLI Example::

        saltern run '*' network.ip_addrs6 cidr=2000::/3
    """
    found = _own_addresses(6, interface, include_loopback)
    return [one for one in found if not cidr or ip_in_subnet(one, cidr)]


def ipaddrs6(interface: str | None = None, include_loopback: bool = False, cidr: str | None = None) -> list[str]:
    """The same as `network.ip_addrs6`.

    CLI Example::

        saltern run '*' network.ipaddrs6 eth0
    """
    return ip_addrs6(interface, include_loopback, cidr)


def ip_networks(
    interface: str | None = None, include_loopback: bool = False, verbose: bool = False
) -> list[str] | dict[str, dict[str, Any]]:
    """The IPv4 networks that this host has an address in; `verbose` gives their properties too.

    CLI Example::

        saltern run '*' network.ip_networks verbose=True
    """
    return _own_networks(4, interface, include_loopback, verbose)


def ip_networks6(
    interface: str | None = None, include_loopback: bool = False, verbose: bool = False
) -> list[str] | dict[str, dict[str, Any]]:
    """The IPv6 networks that this host has an address in; `verbose` gives their properties too.

    CLI Example::

        saltern run '*' network.ip_networks6 verbose=True
    """
    return _own_networks(6, interface, include_loopback, verbose)


def subnets(interfaces: str | list[str] | None = None) -> list[str]:
    """The IPv4 networks of this host, or of some interfaces, without loopback.

    CLI Example::

        saltern run '*' network.subnets eth1
    """
    names = [interfaces] if isinstance(interfaces, str) else interfaces
    return list(_networks(4, names, include_loopback=False))


def subnets6() -> list[str]:
    """The IPv6 networks of this host, without loopback.

    CLI Example::

        saltern run '*' network.subnets6
    """
    return list(_networks(6, None, include_loopback=False))


def in_subnet(cidr: str) -> bool:
    """Whether this host has an address in a network; loopback does not count.

    CLI Example::

        saltern run '*' network.in_subnet 10.0.0.0/16
    """
    return _any_within([*_own_addresses(4), *_own_addresses(6)], cidr)


def get_bufsize(iface: str) -> dict[str, Any]:
    """The sizes of an interface's ring buffers, and their limits (`rx-max`); an empty dictionary without ethtool.

    CLI Example::

        saltern run '*' network.get_bufsize eth0
    """
    if not __salt__["cmd.which"]("ethtool"):
        return {}
    done = _ran(["ethtool", "-g", iface])
    if done["retcode"]:
        return {"result": False, "comment": _last_line(done)}
    limits, _, current = done["stdout"].partition("Current hardware settings:")
    sizes = {f"{name}-max": size for name, size in _ring_sizes(limits)}
    return {"result": True, **sizes, **dict(_ring_sizes(current))}


def mod_bufsize(iface: str, *args: Any, **kwargs: Any) -> dict[str, Any] | bool:
    """Set the sizes of an interface's ring buffers: `rx`, `tx`, `rx-mini`, `rx-jumbo`. False without ethtool.

    CLI Example::

        saltern run '*' network.mod_bufsize eth0 tx=1024 rx=256
    """
    del args
    if not __salt__["cmd.which"]("ethtool"):
        return False
    wanted = [word for name in _RING_OPTIONS if kwargs.get(name) for word in (name, str(kwargs[name]))]
    if not wanted:
        return {"result": False, "comment": "Requires rx=<val> tx=<val> rx-mini=<val> and/or rx-jumbo=<val>"}
    done = _ran(["ethtool", "-G", iface, *wanted])
    if done["retcode"]:
        return {"result": False, "comment": _last_line(done)}
    return get_bufsize(iface)


# --- names --------------------------------------------------------------------------------------------------------


def get_hostname() -> str:
    """The name of this host.

    CLI Example::

        saltern run '*' network.get_hostname
    """
    return socket.gethostname()


def get_fqdn() -> str:
    """The name of this host with its domain.

    CLI Example::

        saltern run '*' network.get_fqdn
    """
    from saltern.builtin.grains import network as grains

    return str(grains.names()["fqdn"])


def fqdns() -> dict[str, list[str]]:
    """All names that DNS or the hosts file gives to the addresses of this host.

    CLI Example::

        saltern run '*' network.fqdns
    """
    from saltern.plugin_api.getent import reverse_names

    outside = [one for one in (*ip_addrs(), *ip_addrs6()) if not ipaddress.ip_address(one).is_link_local]
    return {"fqdns": reverse_names(outside)}


def mod_hostname(hostname: str) -> bool:
    """Give this host a name, at once and for its next start; its old name in the hosts file is replaced.

    CLI Example::

        saltern run '*' network.mod_hostname master.example.com
    """
    from saltern.plugin_api.linux import host_name

    if not hostname:
        return False
    if not host_name.is_valid(hostname):
        raise SaltInvocationError(f"'{hostname}' is no host name: letters, digits, dashes and dots are")
    old = (socket.gethostname(), get_fqdn())
    if host_name.systemd_runs():
        done = _ran(["hostnamectl", "set-hostname", hostname])
        if done["retcode"]:
            raise CommandExecutionError(f"The host name cannot be set: {_last_line(done)}")
    else:
        host_name.set_without_systemd(hostname)
    host_name.replace_in_hosts_file(old, hostname)
    return True


# --- routes, neighbours, sockets ----------------------------------------------------------------------------------


def routes(family: str | None = None) -> list[dict[str, str]]:
    """The routes of the family `inet` or `inet6`, or of both.

    CLI Example::

        saltern run '*' network.routes
    """
    if family not in (None, "inet", "inet6"):
        raise CommandExecutionError(f"Invalid address family {family}")
    found = tables.parse_inet(read_text("/proc/net/route")) + tables.parse_inet6(read_text("/proc/net/ipv6_route"))
    return [
        {
            "addr_family": route.family,
            "destination": route.destination,
            "gateway": route.gateway,
            "netmask": route.netmask,
            "flags": route.flags,
            "interface": route.interface,
        }
        for route in found
        if family in (None, route.family)
    ]


def default_route(family: str | None = None) -> list[dict[str, str]]:
    """The default routes of the family `inet` or `inet6`, or of both.

    CLI Example::

        saltern run '*' network.default_route inet
    """
    return [route for route in routes(family) if route["destination"] in ("0.0.0.0", "::/0")]


def get_route(ip: str) -> dict[str, str | None]:
    """The way to an address: its `gateway` (None on the same link), `interface` and `source` address.

    CLI Example::

        saltern run '*' network.get_route 10.10.10.10
    """
    import json

    address = str(ipaddress.ip_address(ip))
    done = _ran(["ip", "-j", "route", "get", address])
    if done["retcode"]:
        raise CommandExecutionError(f"There is no route to {address}: {_last_line(done)}")
    route = json.loads(done["stdout"])[0]
    return {
        "destination": address,
        "gateway": route.get("gateway"),
        "interface": route.get("dev"),
        "source": route.get("prefsrc"),
    }


def arp() -> dict[str, str]:
    """The kernel's ARP table: hardware address to address.

    CLI Example::

        saltern run '*' network.arp
    """
    found = {}
    for line in read_text("/proc/net/arp").splitlines()[1:]:
        address, _, flags, hardware, *_ = line.split()
        found[hardware if int(flags, 16) & 2 else "<incomplete>"] = address
    return found


def ip_neighs() -> dict[str, str]:
    """The neighbours with an IPv4 address: hardware address to address.

    CLI Example::

        saltern run '*' network.ip_neighs
    """
    return _neighbours(4)


def ipneighs() -> dict[str, str]:
    """The same as `network.ip_neighs`.

    CLI Example::

        saltern run '*' network.ipneighs
    """
    return ip_neighs()


def ip_neighs6() -> dict[str, str]:
    """The neighbours with an IPv6 address: hardware address to address.

    CLI Example::

        saltern run '*' network.ip_neighs6
    """
    return _neighbours(6)


def ipneighs6() -> dict[str, str]:
    """The same as `network.ip_neighs6`.

    CLI Example::

        saltern run '*' network.ipneighs6
    """
    return ip_neighs6()


def netstat() -> list[dict[str, str]]:
    """The open TCP and UDP sockets with their queues, user, inode and program (`pid/name`, or `-`).

    CLI Example::

        saltern run '*' network.netstat
    """
    programs = {inode: f"{pid}/{name}" for inode, (pid, name) in sockets.holders().items()}
    return [
        {
            "proto": one.protocol,
            "recv-q": str(one.receive_queue),
            "send-q": str(one.send_queue),
            "local-address": f"{one.local_address}:{one.local_port}",
            "remote-address": f"{one.remote_address}:{one.remote_port or '*'}",
            **({"state": one.state} if one.state else {}),
            "user": str(one.uid),
            "inode": str(one.inode),
            "program": programs.get(one.inode, "-"),
        }
        for one in sockets.sockets()
    ]


def active_tcp() -> dict[int, dict[str, Any]]:
    """The established TCP connections, numbered: `local_addr`, `local_port`, `remote_addr`, `remote_port`.

    CLI Example::

        saltern run '*' network.active_tcp
    """
    established = (one for one in sockets.sockets(("tcp", "tcp6")) if one.state == "ESTABLISHED")
    return {
        number: {
            "local_addr": one.local_address,
            "local_port": one.local_port,
            "remote_addr": one.remote_address,
            "remote_port": one.remote_port,
        }
        for number, one in enumerate(established)
    }


# --- reaching others ----------------------------------------------------------------------------------------------


def ping(host: str, timeout: float | bool = False, return_boolean: bool = False) -> str | bool:
    """Ping a host four times and return what ping prints, or with `return_boolean` whether all answers came.

    CLI Example::

        saltern run '*' network.ping example.com return_boolean=True timeout=3
    """
    wait = ["-W", str(timeout)] if timeout else []
    done = _ran(["ping", "-c", str(_PINGS), *wait, "--", str(host)])
    if return_boolean:
        return bool(done["retcode"] == 0)
    return "\n".join(filter(None, (done["stdout"], done["stderr"])))


def traceroute(host: str) -> list[dict[str, Any]]:
    """The stations on the way to a host: `count`, `hostname`, `ip` and the times `ms1` to `ms3`.

    A station that does not answer has the host name `*` and nothing else.

    CLI Example::

        saltern run '*' network.traceroute example.com
    """
    if not __salt__["cmd.which"]("traceroute"):
        log.info("There is no program traceroute on this minion")
        return []
    done = _ran(["traceroute", "--", str(host)])
    return [hop for line in done["stdout"].splitlines() if (hop := _hop(line))]


def dig(host: str) -> str:
    """Ask DNS for a host by the program dig, and return what it prints.

    CLI Example::

        saltern run '*' network.dig example.com
    """
    text: str = __salt__["cmd.run"](["dig", "-q", str(host)], python_shell=False)
    return text


def connect(host: str, port: int | str | None = None, **kwargs: Any) -> dict[str, Any]:
    """Whether a port of a host can be reached: `{"result": bool, "comment": str}`.

    `proto` is tcp or udp, `timeout` in seconds, `family` ipv4 or ipv6. A UDP port counts as reached when it answers.

    CLI Example::

        saltern run '*' network.connect example.com 80 timeout=3 family=ipv4
        saltern run '*' network.connect example.com port=53 proto=udp
    """
    for name, value in (("host", host), ("port", port)):
        if not value:
            return {"result": False, "comment": f"Required argument, {name}, is missing."}
    kind = socket.SOCK_DGRAM if kwargs.get("proto") == "udp" else socket.SOCK_STREAM
    name = "udp" if kind == socket.SOCK_DGRAM else "tcp"
    family = _FAMILIES.get(str(kwargs.get("family")), socket.AF_UNSPEC)
    try:
        found, _, _, _, address = socket.getaddrinfo(host, port, family, kind)[0]
    except OSError:
        return {"result": False, "comment": f"Unable to resolve host {host} on {name} port {port}"}
    reached = _reaches(socket.AddressFamily(found), kind, address, float(kwargs.get("timeout") or _CONNECT_SECONDS))
    said = "Successfully connected" if reached else "Unable to connect"
    return {"result": reached, "comment": f"{said} to {host} ({address[0]}) on {name} port {port}"}


def wol(mac: str, bcast: str = "255.255.255.255", destport: int = 9) -> bool:
    """Send a magic packet, which wakes up the machine with this hardware address.

    CLI Example::

        saltern run '*' network.wol 08-00-27-13-69-77
        saltern run '*' network.wol 080027136977 255.255.255.255 7
    """
    digits = re.sub(r"[-:.]", "", str(mac))
    if not re.fullmatch(r"[0-9A-Fa-f]{12}", digits):
        raise ValueError("Invalid MAC address")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.sendto(b"\xff" * 6 + bytes.fromhex(digits) * 16, (bcast, int(destport)))
    return True


# --- helpers ------------------------------------------------------------------------------------------------------


def _described(address: netlink.Address) -> tuple[str, dict[str, Any]]:
    """The list of its interface that an address goes to, and its entry there."""
    if address.family == 6:
        return "inet6", {"address": address.address, "prefixlen": str(address.prefix), "scope": address.scope}
    entry = {
        "address": address.address,
        "netmask": str(_interface_of(address).netmask),
        "broadcast": address.broadcast,
        "label": address.label,
    }
    return ("secondary", {"type": "inet", **entry}) if address.secondary else ("inet", entry)


def _of_interface(iface: str, read: Callable[[dict[str, Any]], Any]) -> Any:
    known = interfaces()
    if iface in known:
        return read(known[iface])
    names = ", ".join(f'"{name}"' for name in known)
    return f'Interface "{iface}" not in available interfaces: {names}'


def _interface_of(address: netlink.Address) -> _Interface:
    return ipaddress.ip_interface(f"{address.address}/{address.prefix}")


def _own_interfaces(family: int, names: Iterable[str] | None, include_loopback: bool) -> Iterator[_Interface]:
    index = {link.name: link.number for link in netlink.links()}
    wanted = None if names is None else {index.get(name) for name in names}
    for address in netlink.addresses():
        if address.family != family or (wanted is not None and address.interface not in wanted):
            continue
        own = _interface_of(address)
        if include_loopback or not own.ip.is_loopback:
            yield own


def _own_addresses(family: int, interface: str | None = None, include_loopback: bool = False) -> list[str]:
    """Ordered as numbers: 10.0.0.9 stands before 10.0.0.10."""
    found = _own_interfaces(family, [interface] if interface else None, include_loopback)
    return [str(one) for one in sorted({own.ip for own in found}, key=int)]


def _networks(
    family: int, names: Iterable[str] | None, include_loopback: bool
) -> dict[str, ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = {own.network for own in _own_interfaces(family, names, include_loopback)}
    return {str(one): one for one in sorted(found, key=lambda one: (int(one.network_address), one.prefixlen))}


def _own_networks(
    family: int, interface: str | None, include_loopback: bool, verbose: bool
) -> list[str] | dict[str, dict[str, Any]]:
    found = _networks(family, [interface] if interface else None, include_loopback)
    if not verbose:
        return list(found)
    return {
        name: {
            "address": str(network.network_address),
            "netmask": str(network.netmask),
            "num_addresses": network.num_addresses,
            "prefixlen": network.prefixlen,
        }
        for name, network in found.items()
    }


def _any_within(addresses: Iterable[str], cidr: Any) -> bool:
    """An unreadable network holds no address; the log says so."""
    try:
        network = ipaddress.ip_network(cidr)
    except ValueError as error:
        log.error("Invalid CIDR '%s': %s", cidr, error)
        return False
    return any(ipaddress.ip_address(address) in network for address in addresses)


def _neighbours(family: int) -> dict[str, str]:
    return {one.hardware_address: one.address for one in netlink.neighbours() if one.family == family}


def _ran(argv: list[str]) -> dict[str, Any]:
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    return done


def _last_line(done: dict[str, Any]) -> str:
    lines = str(done["stderr"] or done["stdout"]).splitlines()
    return lines[-1].strip() if lines else f"exit code {done['retcode']}"


def _ring_sizes(text: str) -> Iterator[tuple[str, int]]:
    for line in text.splitlines():
        name, _, size = line.partition(":")
        if name in _RING_WORDS and size.strip().isdigit():
            yield _RING_WORDS[name], int(size)


def _hop(line: str) -> dict[str, Any] | None:
    """A line of traceroute: `1  gw (192.0.2.1)  0.1 ms  0.2 ms *`."""
    head = re.match(r"\s*(\d+)\s+(\S+)(?:\s+\(([^)]+)\))?", line)
    if not head:
        return None
    if head[3] is None:
        return {"count": int(head[1]), "hostname": "*"}
    times = [float(time) for time in re.findall(r"([\d.]+) ms", line)]
    return {
        "count": int(head[1]),
        "hostname": head[2],
        "ip": head[3],
        **{f"ms{number}": time for number, time in enumerate(times[:3], 1)},
    }


def _reaches(family: socket.AddressFamily, kind: int, address: Any, timeout: float) -> bool:
    with socket.socket(family, kind) as probe:
        probe.settimeout(timeout)
        try:
            probe.connect(address)
            if kind == socket.SOCK_DGRAM:
                probe.send(b"")
                probe.recv(1)
        except (OSError, OverflowError):
            return False
    return True
