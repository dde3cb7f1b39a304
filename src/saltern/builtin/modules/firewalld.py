"""Zones, services and rules of firewalld, by firewall-cmd.

Functions work on the permanent configuration, which holds after `reload_rules`; with `permanent=False` on the one that
holds now. What firewalld refuses is an error.
"""

from __future__ import annotations

import logging

from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.program import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

log = logging.getLogger(__name__)


def __virtual__() -> bool | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    if find_program("firewall-cmd"):
        return True
    return False, "The firewalld execution module cannot be loaded: the firewall-cmd binary is not in the path."


def version() -> str:
    """The version of firewalld.

    CLI Example::

        saltern run '*' firewalld.version
    """
    return _cmd("--version")


def reload_rules() -> str:
    """Let the permanent configuration be the one that holds.

    CLI Example::

        saltern run '*' firewalld.reload_rules
    """
    return _cmd("--reload")


def default_zone() -> str:
    """The zone of connections and interfaces without another.

    CLI Example::

        saltern run '*' firewalld.default_zone
    """
    return _cmd("--get-default-zone")


def set_default_zone(zone: str) -> str:
    """Set the default zone.

    CLI Example::

        saltern run '*' firewalld.set_default_zone work
    """
    return _cmd(f"--set-default-zone={zone}")


def make_permanent() -> str:
    """Let what holds now be the permanent configuration.

    CLI Example::

        saltern run '*' firewalld.make_permanent
    """
    return _cmd("--runtime-to-permanent")


def list_zones(permanent: bool = True) -> dict[str, dict[str, list[str]]]:
    """All zones, each with its settings.

    CLI Example::

        saltern run '*' firewalld.list_zones
    """
    return _settings(_cmd("--list-all-zones", permanent=permanent))


def list_all(zone: str | None = None, permanent: bool = True) -> dict[str, dict[str, list[str]]]:
    """The settings of a zone, or of the default one.

    CLI Example::

        saltern run '*' firewalld.list_all
        saltern run '*' firewalld.list_all my_zone
    """
    return _settings(_cmd("--list-all", zone=zone, permanent=permanent))


def get_zones(permanent: bool = True) -> list[str]:
    """The names of the zones.

    CLI Example::

        saltern run '*' firewalld.get_zones
    """
    return _cmd("--get-zones", permanent=permanent).split()


def get_services(permanent: bool = True) -> list[str]:
    """The names of the services that firewalld knows.

    CLI Example::

        saltern run '*' firewalld.get_services
    """
    return _cmd("--get-services", permanent=permanent).split()


def get_icmp_types(permanent: bool = True) -> list[str]:
    """The types of ICMP messages that firewalld knows.

    CLI Example::

        saltern run '*' firewalld.get_icmp_types
    """
    return _cmd("--get-icmptypes", permanent=permanent).split()


def new_zone(zone: str, restart: bool = True) -> str:
    """Make a zone; without `restart` it does not hold yet.

    CLI Example::

        saltern run '*' firewalld.new_zone my_zone
    """
    done = _cmd(f"--new-zone={zone}", permanent=True)
    return reload_rules() if restart else done


def delete_zone(zone: str, restart: bool = True) -> str:
    """Remove a zone; without `restart` it does not hold yet.

    CLI Example::

        saltern run '*' firewalld.delete_zone my_zone
    """
    done = _cmd(f"--delete-zone={zone}", permanent=True)
    return reload_rules() if restart else done


def new_service(name: str, restart: bool = True) -> str:
    """Make a service; without `restart` it does not hold yet.

    CLI Example::

        saltern run '*' firewalld.new_service my_service
    """
    done = _cmd(f"--new-service={name}", permanent=True)
    return reload_rules() if restart else done


def delete_service(name: str, restart: bool = True) -> str:
    """Remove a service; without `restart` it does not hold yet.

    CLI Example::

        saltern run '*' firewalld.delete_service my_service
    """
    done = _cmd(f"--delete-service={name}", permanent=True)
    return reload_rules() if restart else done


def add_service_port(service: str, port: str) -> str:
    """Add a port to a service.

    CLI Example::

        saltern run '*' firewalld.add_service_port zone 80/tcp
    """
    return _of_service(service, f"--add-port={port}")


def remove_service_port(service: str, port: str) -> str:
    """Remove a port from a service.

    CLI Example::

        saltern run '*' firewalld.remove_service_port zone 80/tcp
    """
    return _of_service(service, f"--remove-port={port}")


def get_service_ports(service: str) -> list[str]:
    """The ports of a service.

    CLI Example::

        saltern run '*' firewalld.get_service_ports my_service
    """
    return _of_service(service, "--get-ports").split()


def add_service_protocol(service: str, protocol: str) -> str:
    """Add a protocol to a service.

    CLI Example::

        saltern run '*' firewalld.add_service_protocol zone gre
    """
    return _of_service(service, f"--add-protocol={protocol}")


def remove_service_protocol(service: str, protocol: str) -> str:
    """Remove a protocol from a service.

    CLI Example::

        saltern run '*' firewalld.remove_service_protocol zone gre
    """
    return _of_service(service, f"--remove-protocol={protocol}")


def get_service_protocols(service: str) -> list[str]:
    """The protocols of a service.

    CLI Example::

        saltern run '*' firewalld.get_service_protocols my_service
    """
    return _of_service(service, "--get-protocols").split()


def list_services(zone: str | None = None, permanent: bool = True) -> list[str]:
    """The services that a zone lets in.

    CLI Example::

        saltern run '*' firewalld.list_services
        saltern run '*' firewalld.list_services my_zone
    """
    return _cmd("--list-services", zone=zone, permanent=permanent).split()


def add_service(service: str, zone: str | None = None, permanent: bool = True) -> str:
    """Let a zone let a service in.

    CLI Example::

        saltern run '*' firewalld.add_service ssh
        saltern run '*' firewalld.add_service ssh my_zone
    """
    return _cmd(f"--add-service={service}", zone=zone, permanent=permanent)


def remove_service(service: str, zone: str | None = None, permanent: bool = True) -> str:
    """Let a zone no longer let a service in.

    CLI Example::

        saltern run '*' firewalld.remove_service ssh
        saltern run '*' firewalld.remove_service ssh my_zone
    """
    return _cmd(f"--remove-service={service}", zone=zone, permanent=permanent)


def get_masquerade(zone: str | None = None, permanent: bool = True) -> bool:
    """Whether a zone masquerades.

    CLI Example::

        saltern run '*' firewalld.get_masquerade zone
    """
    return _cmd("--query-masquerade", zone=zone, permanent=permanent, good=(0, 1)) == "yes"


def add_masquerade(zone: str | None = None, permanent: bool = True) -> str:
    """Let a zone masquerade.

    CLI Example::

        saltern run '*' firewalld.add_masquerade
        saltern run '*' firewalld.add_masquerade dmz
    """
    return _cmd("--add-masquerade", zone=zone, permanent=permanent)


def remove_masquerade(zone: str | None = None, permanent: bool = True) -> str:
    """Let a zone no longer masquerade.

    CLI Example::

        saltern run '*' firewalld.remove_masquerade
        saltern run '*' firewalld.remove_masquerade dmz
    """
    return _cmd("--remove-masquerade", zone=zone, permanent=permanent)


def list_ports(zone: str, permanent: bool = True) -> list[str]:
    """The ports that a zone lets in.

    CLI Example::

        saltern run '*' firewalld.list_ports my_zone
    """
    return _cmd("--list-ports", zone=zone, permanent=permanent).split()


def add_port(zone: str, port: str, permanent: bool = True, force_masquerade: bool = False) -> str:
    """Let a zone let a port (`443/tcp`) in.

    CLI Example::

        saltern run '*' firewalld.add_port internal 443/tcp
    """
    if force_masquerade and not get_masquerade(zone, permanent):
        add_masquerade(zone, permanent)
    return _cmd(f"--add-port={port}", zone=zone, permanent=permanent)


def remove_port(zone: str, port: str, permanent: bool = True) -> str:
    """Let a zone no longer let a port in.

    CLI Example::

        saltern run '*' firewalld.remove_port internal 443/tcp
    """
    return _cmd(f"--remove-port={port}", zone=zone, permanent=permanent)


def list_port_fwd(zone: str, permanent: bool = True) -> list[dict[str, str]]:
    """The ports that a zone forwards.

    CLI Example::

        saltern run '*' firewalld.list_port_fwd public
    """
    lines = _cmd("--list-forward-ports", zone=zone, permanent=permanent).split()
    return [_forward(line) for line in lines]


def add_port_fwd(
    zone: str,
    src: Any,
    dest: Any,
    proto: str = "tcp",
    dstaddr: str = "",
    permanent: bool = True,
    force_masquerade: bool = False,
) -> str:
    """Let a zone forward a port to another, on this machine or at `dstaddr`.

    CLI Example::

        saltern run '*' firewalld.add_port_fwd public 80 443 tcp
    """
    if force_masquerade and not get_masquerade(zone, permanent):
        add_masquerade(zone, permanent)
    forward = f"port={src}:proto={proto}:toport={dest}:toaddr={dstaddr}"
    return _cmd(f"--add-forward-port={forward}", zone=zone, permanent=permanent)


def remove_port_fwd(
    zone: str, src: Any, dest: Any, proto: str = "tcp", dstaddr: str = "", permanent: bool = True
) -> str:
    """Let a zone no longer forward a port.

    CLI Example::

        saltern run '*' firewalld.remove_port_fwd public 80 443 tcp
    """
    forward = f"port={src}:proto={proto}:toport={dest}:toaddr={dstaddr}"
    return _cmd(f"--remove-forward-port={forward}", zone=zone, permanent=permanent)


def list_icmp_block(zone: str, permanent: bool = True) -> list[str]:
    """The types of ICMP messages that a zone blocks.

    CLI Example::

        saltern run '*' firewalld.list_icmp_block zone
    """
    return _cmd("--list-icmp-blocks", zone=zone, permanent=permanent).split()


def block_icmp(zone: str, icmp: str, permanent: bool = True) -> str | bool:
    """Let a zone block a type of ICMP messages; False for one that firewalld does not know.

    CLI Example::

        saltern run '*' firewalld.block_icmp zone echo-reply
    """
    if icmp not in get_icmp_types(permanent):
        log.error("firewalld knows no type of ICMP messages %s", icmp)
        return False
    return _cmd(f"--add-icmp-block={icmp}", zone=zone, permanent=permanent)


def allow_icmp(zone: str, icmp: str, permanent: bool = True) -> str | bool:
    """Let a zone no longer block a type of ICMP messages; False for one that firewalld does not know.

    CLI Example::

        saltern run '*' firewalld.allow_icmp zone echo-reply
    """
    if icmp not in get_icmp_types(permanent):
        log.error("firewalld knows no type of ICMP messages %s", icmp)
        return False
    return _cmd(f"--remove-icmp-block={icmp}", zone=zone, permanent=permanent)


def get_interfaces(zone: str, permanent: bool = True) -> list[str]:
    """The interfaces of a zone.

    CLI Example::

        saltern run '*' firewalld.get_interfaces zone
    """
    return _cmd("--list-interfaces", zone=zone, permanent=permanent).split()


def add_interface(zone: str, interface: str, permanent: bool = True) -> str:
    """Put an interface into a zone.

    CLI Example::

        saltern run '*' firewalld.add_interface zone eth0
    """
    return _cmd(f"--add-interface={interface}", zone=zone, permanent=permanent)


def remove_interface(zone: str, interface: str, permanent: bool = True) -> str:
    """Take an interface from a zone.

    CLI Example::

        saltern run '*' firewalld.remove_interface zone eth0
    """
    return _cmd(f"--remove-interface={interface}", zone=zone, permanent=permanent)


def get_sources(zone: str, permanent: bool = True) -> list[str]:
    """The sources of a zone.

    CLI Example::

        saltern run '*' firewalld.get_sources zone
    """
    return _cmd("--list-sources", zone=zone, permanent=permanent).split()


def add_source(zone: str, source: str, permanent: bool = True) -> str:
    """Put a source into a zone.

    CLI Example::

        saltern run '*' firewalld.add_source zone 192.168.1.0/24
    """
    return _cmd(f"--add-source={source}", zone=zone, permanent=permanent)


def remove_source(zone: str, source: str, permanent: bool = True) -> str:
    """Take a source from a zone.

    CLI Example::

        saltern run '*' firewalld.remove_source zone 192.168.1.0/24
    """
    return _cmd(f"--remove-source={source}", zone=zone, permanent=permanent)


def get_rich_rules(zone: str, permanent: bool = True) -> list[str]:
    """The rich rules of a zone.

    CLI Example::

        saltern run '*' firewalld.get_rich_rules zone
    """
    return [line for line in _cmd("--list-rich-rules", zone=zone, permanent=permanent).splitlines() if line]


def add_rich_rule(zone: str, rule: str, permanent: bool = True) -> str:
    """Add a rich rule to a zone.

    CLI Example::

        saltern run '*' firewalld.add_rich_rule zone 'rule family="ipv4" source address="10.0.0.0/8" accept'
    """
    return _cmd(f"--add-rich-rule={rule}", zone=zone, permanent=permanent)


def remove_rich_rule(zone: str, rule: str, permanent: bool = True) -> str:
    """Remove a rich rule from a zone.

    CLI Example::

        saltern run '*' firewalld.remove_rich_rule zone 'rule family="ipv4" source address="10.0.0.0/8" accept'
    """
    return _cmd(f"--remove-rich-rule={rule}", zone=zone, permanent=permanent)


def _cmd(word: str, *, zone: str | None = None, permanent: bool = False, good: tuple[int, ...] = (0,)) -> str:
    """What firewall-cmd prints; `CommandExecutionError` with its words for an exit code that is not `good`."""
    where = [f"--zone={zone}"] if zone else []
    return _answer([*where, word, *(["--permanent"] if permanent else [])], good)


def _of_service(service: str, word: str) -> str:
    return _answer([f"--service={service}", word, "--permanent"])


def _answer(words: list[str], good: tuple[int, ...] = (0,)) -> str:
    answer = ask(["firewall-cmd", *words])
    if answer.retcode not in good:
        raise CommandExecutionError(f"firewall-cmd failed: {answer.reason}")
    return answer.stdout


def _settings(listing: str) -> dict[str, dict[str, list[str]]]:
    """What `--list-all` prints: a zone to its settings; a setting of several lines has one text for each."""
    found: dict[str, dict[str, list[str]]] = {}
    zone: dict[str, list[str]] = {}
    name = ""
    for line in filter(str.strip, listing.splitlines()):
        if not line[0].isspace():
            zone = found.setdefault(line.partition(" (")[0].strip(), {})
        elif line.startswith("\t"):
            zone[name] = [text for text in zone[name] if text] + [line.strip()]
        else:
            name, _, value = (part.strip() for part in line.partition(":"))
            zone[name] = [value]
    return found


_NAMES = {"port": "Source port", "proto": "Protocol", "toport": "Destination port", "toaddr": "Destination address"}


def _forward(line: str) -> dict[str, str]:
    """`port=80:proto=tcp:toport=443:toaddr=`."""
    given = dict(part.split("=", 1) for part in line.split(":", 3))
    return {said: given.get(word, "") for word, said in _NAMES.items()}
