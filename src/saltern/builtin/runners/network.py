"""Wake hosts on the network."""

from __future__ import annotations

from saltern.plugin_api import SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from saltern.plugin_api.master_control import MasterControl

__master__: MasterControl

_BROADCAST = "255.255.255.255"
_DISCARD = 9


def wol(mac: str, bcast: str = _BROADCAST, destport: int = _DISCARD) -> bool:
    """Send a wake-on-LAN packet for a network card.

    mac
        Its address, `08-00-27-13-69-77`, with dashes, colons or neither.
    bcast, destport
        Where to send it.

    CLI Example::

        saltern runner network.wol 08-00-27-13-69-77
        saltern runner network.wol 080027136977 255.255.255.255 7
    """
    import socket

    packet = b"\xff" * 6 + _address(mac) * 16
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sender.sendto(packet, (bcast, int(destport)))
    return True


def wollist(maclist: Sequence[str], bcast: str = _BROADCAST, destport: int = _DISCARD) -> list[str]:
    """Send a wake-on-LAN packet for each of several network cards; those for which one was sent.

    CLI Example::

        saltern runner network.wollist '["08-00-27-13-69-77", "08-00-27-13-69-78"]'
    """
    return [mac for mac in maclist if _is_address(mac) and wol(mac, bcast, destport)]


def wolmatch(
    tgt: str | Sequence[str], tgt_type: str = "glob", bcast: str = _BROADCAST, destport: int = _DISCARD
) -> list[str]:
    """Send a wake-on-LAN packet for each network card of the minions of a target, as their grains name them.

    CLI Example::

        saltern runner network.wolmatch 'web*'
    """
    found = []
    for minion in __master__.resolve(tgt, tgt_type):
        cards = (__master__.grains(minion) or {}).get("hwaddr_interfaces", {})
        found += [mac for name, mac in cards.items() if name != "lo" and wol(mac, bcast, destport)]
    return found


def _is_address(mac: str) -> bool:
    digits = str(mac).replace(":", "").replace("-", "")
    return len(digits) == 12 and set(digits.lower()) <= set("0123456789abcdef")


def _address(mac: str) -> bytes:
    if not _is_address(mac):
        raise SaltInvocationError(f"{mac!r} is not the address of a network card")
    return bytes.fromhex(str(mac).replace(":", "").replace("-", ""))
