"""Settings of network interfaces, by the program ethtool: features, ring buffers, coalescing, pauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError
from saltern.plugin_api.program import Answer, ask

_FEATURES = ("rx", "tx", "sg", "tso", "ufo", "gso", "gro", "lro", "rxvlan", "txvlan", "ntuple", "rxhash")
_PAUSES = ("autoneg", "rx", "tx")
_OFFLOADS = {
    "tcp_segmentation_offload": ("tcp-segmentation-offload", "tso"),
    "scatter_gather": ("scatter-gather", "sg"),
    "generic_segmentation_offload": ("generic-segmentation-offload", "gso"),
    "udp_fragmentation_offload": ("udp-fragmentation-offload", "ufo"),
}
"""The offloads that Salt names, each with ethtool's name and its short one."""
_RINGS = {"rx": "RX", "rx_mini": "RX Mini", "rx_jumbo": "RX Jumbo", "tx": "TX"}
_PER_DIRECTION = [f"{way}_{what}" for way in ("rx", "tx") for what in ("usecs", "frames")]
_PER_INTERFACE = ("stats_block_usecs", "sample_interval", "pkt_rate_low", "pkt_rate_high")
_COALESCING = (*(f"{name}{when}" for when in ("", "_irq", "_low", "_high") for name in _PER_DIRECTION), *_PER_INTERFACE)
_ADAPTIVE = ("adaptive_rx", "adaptive_tx")
_NOT_SUPPORTED = "Not supported"


def __virtual__() -> bool | tuple[bool, str]:
    from saltern.plugin_api.process import find_program

    return find_program("ethtool") is not None or (False, "ethtool is not installed")


def show_driver(devname: str) -> dict[str, str] | str:
    """The driver of an interface and its address on the bus.

    CLI Example::

        saltern run '*' ethtool.show_driver eth0
    """
    answer = ask(["ethtool", "-i", devname])
    if answer.retcode:
        return "Not implemented"
    found = _pairs(answer.stdout.splitlines())
    return {"driver": found.get("driver", ""), "bus_info": found.get("bus-info", "")}


def show_features(devname: str) -> dict[str, dict[str, bool]]:
    """The features of an interface: whether each is on, and whether it is fixed.

    CLI Example::

        saltern run '*' ethtool.show_features eth0
    """
    lines = _well(["-k", devname]).splitlines()[1:]
    return {name: {"on": value.startswith("on"), "fixed": "[fixed]" in value} for name, value in _pairs(lines).items()}


def set_feature(devname: str, **kwargs: Any) -> bool | str:
    """Switch features on or off; True, or what ethtool says of it.

    Names are ethtool's short ones: rx, tx, sg, tso, ufo, gso, gro, lro, rxvlan, txvlan, ntuple, rxhash.

    CLI Example::

        saltern run '*' ethtool.set_feature eth0 sg=off
    """
    answer = ask(["ethtool", "-K", devname, *_known_words(kwargs, _FEATURES)])
    return answer.said or answer.retcode == 0


def show_offload(devname: str) -> dict[str, str]:
    """Whether the kernel leaves work to the interface: `on`, `off` or `not supported`.

    CLI Example::

        saltern run '*' ethtool.show_offload eth0
    """
    answer = ask(["ethtool", "-k", devname])
    found = {} if answer.retcode else _pairs(answer.stdout.splitlines())
    states = {name: found.get(long, "not supported").split() for name, (long, _) in _OFFLOADS.items()}
    return {name: words[0] if words[0] in ("on", "off") else "not supported" for name, words in states.items()}


def set_offload(devname: str, **kwargs: Any) -> dict[str, str]:
    """Switch offloads on or off, by the names of `ethtool.show_offload`; what there is then.

    CLI Example::

        saltern run '*' ethtool.set_offload eth0 tcp_segmentation_offload=on
    """
    wanted = {_OFFLOADS[name][1]: value for name, value in kwargs.items() if name in _OFFLOADS}
    if wanted:
        _well(["-K", devname, *_words(wanted)])
    return show_offload(devname)


def show_pause(devname: str) -> dict[str, bool]:
    """Whether an interface sends and obeys pause frames, and whether both sides agree on it by themselves.

    CLI Example::

        saltern run '*' ethtool.show_pause eth0
    """
    answer = ask(["ethtool", "-a", devname])
    if answer.retcode and "not supported" not in answer.said.lower():
        raise _failure(["-a", devname], answer)
    pairs = [] if answer.retcode else answer.stdout.splitlines()[1:]
    return {name: value == "on" for name, value in _pairs(pairs).items()}


def set_pause(devname: str, **kwargs: Any) -> bool | list[str]:
    """Switch pauses on or off (`autoneg`, `rx`, `tx`); True, or the lines by which ethtool says why not.

    CLI Example::

        saltern run '*' ethtool.set_pause eth0 autoneg=off rx=off tx=off
    """
    answer = ask(["ethtool", "-A", devname, *_known_words(kwargs, _PAUSES)])
    return answer.said.splitlines() or answer.retcode == 0


def show_ring(devname: str) -> dict[str, int] | str:
    """How many packets the queues of an interface hold, and the most that they could (`..._max`).

    CLI Example::

        saltern run '*' ethtool.show_ring eth0
    """
    answer = ask(["ethtool", "-g", devname])
    if answer.retcode:
        return _NOT_SUPPORTED
    most, _, now = answer.stdout.partition("Current hardware settings:")
    found = {f"{name}_max": _number(_pairs(most.splitlines()).get(label)) for name, label in _RINGS.items()}
    return {**found, **{name: _number(_pairs(now.splitlines()).get(label)) for name, label in _RINGS.items()}}


def set_ring(devname: str, **kwargs: Any) -> dict[str, int] | str:
    """Set how many packets the queues of an interface hold: `rx`, `rx_mini`, `rx_jumbo`, `tx`. What there is then.

    CLI Example::

        saltern run '*' ethtool.set_ring eth0 rx=256 tx=256
    """
    before = show_ring(devname)
    if isinstance(before, str):
        return before
    return _changed("-G", devname, before, kwargs, _RINGS) or show_ring(devname)


def show_coalesce(devname: str) -> dict[str, int] | str:
    """How an interface gathers packets before it interrupts: microseconds, frames and rates; what is not there is 0.

    CLI Example::

        saltern run '*' ethtool.show_coalesce eth0
    """
    answer = ask(["ethtool", "-c", devname])
    if answer.retcode:
        return _NOT_SUPPORTED
    lines = answer.stdout.splitlines()
    found = {name.replace("-frame-", "-frames-"): value for name, value in _pairs(lines).items()}
    numbers = {name: _number(found.get(name.replace("_", "-"))) for name in _COALESCING}
    # ethtool has both in one line: "Adaptive RX: on  TX: off".
    rx, _, tx = found.get("Adaptive RX", "").partition("TX:")
    return {**numbers, "adaptive_rx": int(rx.strip() == "on"), "adaptive_tx": int(tx.strip() == "on")}


def set_coalesce(devname: str, **kwargs: Any) -> dict[str, int] | str:
    """Set how an interface gathers packets, by the names of `ethtool.show_coalesce`. What there is then.

    CLI Example::

        saltern run '*' ethtool.set_coalesce eth0 adaptive_rx=on rx_usecs=50
    """
    before = show_coalesce(devname)
    if isinstance(before, str):
        return before
    return _changed("-C", devname, before, kwargs, (*_COALESCING, *_ADAPTIVE)) or show_coalesce(devname)


def _changed(
    option: str, devname: str, before: Mapping[str, int], kwargs: Mapping[str, Any], known: Iterable[str]
) -> str:
    """Set what is not so already; what is wrong, or nothing."""
    given = {name: kwargs[name] for name in known if name in kwargs}
    wanted = {name: value for name, value in given.items() if _as_number(value) != before[name]}
    if not wanted:
        return ""
    answer = ask(["ethtool", option, devname, *_words(wanted)])
    return f"Invalid arguments: {answer.reason}" if answer.retcode else ""


def _known_words(given: Mapping[str, Any], known: Sequence[str]) -> list[str]:
    wanted = {name: value for name, value in given.items() if name in known}
    if not wanted:
        raise CommandExecutionError(f"None of the valid parameters were provided: {list(known)}")
    return _words(wanted)


def _words(settings: Mapping[str, Any]) -> list[str]:
    """Settings as ethtool's words. YAML has read `on` as True."""
    shown = {True: "on", False: "off"}
    return [
        word
        for name, value in settings.items()
        for word in (name.replace("_", "-"), shown[value] if isinstance(value, bool) else str(value))
    ]


def _as_number(value: Any) -> int | None:
    text = str(value).lower()
    return {"on": 1, "true": 1, "off": 0, "false": 0}.get(text, int(text) if text.isdigit() else None)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _pairs(lines: Iterable[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _well(words: list[str]) -> str:
    answer = ask(["ethtool", *words])
    if answer.retcode:
        raise _failure(words, answer)
    return answer.stdout


def _failure(words: list[str], answer: Answer) -> CommandExecutionError:
    return CommandExecutionError(f"ethtool {' '.join(words)}: {answer.reason}")
