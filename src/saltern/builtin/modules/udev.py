"""What udev(7) knows of devices."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process

__salt__: Functions


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("udevadm") is not None or (False, "udevadm is not installed")


def info(dev: str) -> dict[str, Any]:
    """All that there is of a device, by its path or its place below `/sys`: `P`, `N`, `S`, and `E`, its variables.

    CLI Example::

        saltern run '*' udev.info /dev/sda
    """
    found = _parse(_export(dev))
    return found[0] if found else {}


def env(dev: str) -> dict[str, Any] | None:
    """The variables of a device.

    CLI Example::

        saltern run '*' udev.env /dev/sda
    """
    return info(dev).get("E")


def name(dev: str) -> Any:
    """The name of a device below `/dev`.

    CLI Example::

        saltern run '*' udev.name /sys/class/block/sda
    """
    return info(dev).get("N")


def path(dev: str) -> Any:
    """The place of a device below `/sys`.

    CLI Example::

        saltern run '*' udev.path /dev/sda
    """
    return info(dev).get("P")


def links(dev: str) -> Any:
    """The links below `/dev` that lead to a device.

    CLI Example::

        saltern run '*' udev.links /dev/sda
    """
    return info(dev).get("S")


def exportdb() -> list[dict[str, Any]]:
    """All that udev knows of all devices.

    CLI Example::

        saltern run '*' udev.exportdb
    """
    done = __salt__["cmd.run_all"](["udevadm", "info", "--export-db"], python_shell=False)
    return _parse(str(done["stdout"]))


def _export(dev: str) -> str:
    option = "path" if dev.startswith("/sys") else "name"
    argv = ["udevadm", "info", "--export", "--query=all", f"--{option}={dev}"]
    done = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    if done["retcode"] != 0:
        raise CommandExecutionError(str(done["stderr"] or done["stdout"]))
    return str(done["stdout"])


def _parse(text: str) -> list[dict[str, Any]]:
    return [_device(block) for block in text.split("\n\n") if block.strip()]


def _device(block: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in block.splitlines():
        kind, colon, rest = line.partition(": ")
        if not colon:
            continue
        if kind == "E":
            key, _, value = rest.partition("=")
            found.setdefault("E", {})[key] = _number(value)
        elif kind == "S":
            found.setdefault("S", []).append(rest)
        else:
            found[kind] = _number(rest)
    return found


def _number(text: str) -> Any:
    return int(text) if text.isdigit() and (text == "0" or not text.startswith("0")) else text
