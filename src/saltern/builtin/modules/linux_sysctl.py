"""Parameters of the running kernel, and the files that set them at boot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Grains
from saltern.plugin_api.linux import sysctl_conf, systemd
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions
__grains__: Grains

__virtualname__ = "sysctl"

_OLD_PLACE = "/etc/sysctl.conf"
_PLACE = "/etc/sysctl.d/99-salt.conf"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("kernel", "Linux") != "Linux":
        return False, "the parameters of this kernel are not set as Linux has it"
    return __virtualname__


def default_config() -> str:
    """The file that `persist` writes where nobody names one.

    CLI Example::

        saltern run '*' sysctl.default_config
    """
    return _PLACE if systemd.booted() else _OLD_PLACE


def show(config_file: str | bool = False) -> dict[str, Any] | list[Any] | None:
    """All parameters of the running kernel, or those of a file.

    CLI Example::

        saltern run '*' sysctl.show
    """
    if config_file:
        try:
            return sysctl_conf.parse(Path(str(config_file)).read_text(errors="replace"))
        except OSError:
            return []
    done = __salt__["cmd.run_all"](["sysctl", "-a"], python_shell=False, ignore_retcode=True)
    found: dict[str, Any] = {}
    for line in str(done["stdout"]).splitlines():
        name, equals, value = line.partition(" =")
        if equals:
            found[name] = value.strip()
    return found


def get(name: str) -> str:
    """The value of a parameter, or what `sysctl` says against it.

    CLI Example::

        saltern run '*' sysctl.get net.ipv4.ip_forward
    """
    return str(__salt__["cmd.run"](["sysctl", "-n", name], python_shell=False))


def assign(name: str, value: Any) -> dict[str, str]:
    """Set a parameter of the running kernel.

    CLI Example::

        saltern run '*' sysctl.assign net.ipv4.ip_forward 1
    """
    text = str(value)
    if not sysctl_conf.exists(name):
        raise CommandExecutionError(f"sysctl {name} does not exist")
    done = __salt__["cmd.run_all"](["sysctl", "-w", f"{name}={text}"], python_shell=False)
    if done["retcode"] != 0 or "Invalid argument" in str(done["stderr"]):
        raise CommandExecutionError(f"sysctl -w failed: {done['stderr'] or done['stdout']}")
    shown, _, new = str(done["stdout"]).partition(" = ")
    return {shown.strip() or name: new}


def persist(name: str, value: Any, config: str | None = None) -> str:
    """Set a parameter now and at each boot: `Updated`, or `Already set`.

    CLI Example::

        saltern run '*' sysctl.persist net.ipv4.ip_forward 1
    """
    place = Path(config or default_config())
    text = read_whole(place) if place.exists() else sysctl_conf.NEW_FILE
    written = {sysctl_conf.dotted(key): one for key, one in sysctl_conf.parse(text).items()}
    in_file = sysctl_conf.same(written.get(sysctl_conf.dotted(name)), value)
    running = sysctl_conf.same(sysctl_conf.running(name), value)
    if in_file and running:
        return "Already set"
    if not running:
        assign(name, value)
    if not in_file:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write_whole(place, sysctl_conf.with_value(text, name, str(value)))
        except OSError as error:
            raise CommandExecutionError(f"{place} cannot be written: {error.strerror}") from error
    return "Updated"
