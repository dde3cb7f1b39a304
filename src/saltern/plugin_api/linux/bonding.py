"""Options of bonded interfaces, as the kernel's driver takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.errors import SaltInvocationError

_MODES = ("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb")
_HASHED = ("2", "4", "5")
_PRIMARY = ("1", "5", "6")


def bond_options(iface: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """The options by name, in the driver's order; `SaltInvocationError` for a mode that there is not.

    `mode` is a name or number. Links are watched by `miimon` (100 ms), or with `arp_interval` by ARP.
    """
    mode = _mode(iface, settings.get("mode"))
    options = {"mode": mode}
    if settings.get("arp_interval"):
        targets = settings.get("arp_ip_target") or []
        listed = targets.split() if isinstance(targets, str) else [str(one) for one in targets]
        options |= {"arp_interval": str(settings["arp_interval"]), "arp_ip_target": ",".join(listed)}
    else:
        options["miimon"] = str(settings.get("miimon", 100))
        options["downdelay"] = str(settings.get("downdelay", 200))
        options["updelay"] = str(settings.get("updelay", 0))
    if mode == "4":
        options["lacp_rate"] = "1" if str(settings.get("lacp_rate", "slow")) in ("fast", "1") else "0"
        options["ad_select"] = str(settings.get("ad_select", "0"))
    if mode in _PRIMARY and settings.get("primary"):
        options["primary"] = str(settings["primary"])
    options["use_carrier"] = "on" if settings.get("use_carrier", True) in (True, "on", "yes", "1", 1) else "off"
    policy = settings.get("hashing-algorithm") or settings.get("xmit_hash_policy")
    if mode in _HASHED and policy:
        options["xmit_hash_policy"] = str(policy)
    return options


def _mode(iface: str, mode: Any) -> str:
    text = str(mode)
    if text in _MODES:
        return str(_MODES.index(text))
    numbers = [str(number) for number in range(len(_MODES))]
    if text in numbers:
        return text
    expected = "|".join([*numbers, *_MODES])
    raise SaltInvocationError(f"Invalid option -- Interface: {iface}, Option: mode, Expected: [{expected}]")
