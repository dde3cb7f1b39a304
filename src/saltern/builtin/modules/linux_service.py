"""Services of other Linux systems: init scripts, without a word about boot."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Grains
from saltern.plugin_api.linux import init_scripts, systemd
from saltern.plugin_api.service_call import call, status_of

__salt__: Functions
__grains__: Grains
__context__: Context

__virtualname__ = "service"
__func_alias__ = {"reload_": "reload"}

_SERVED_ELSEWHERE = ("Debian", "RedHat", "Gentoo", "Alpine")


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("kernel") != "Linux":
        return False, "it is for Linux only"
    if __grains__.get("os_family") in _SERVED_ELSEWHERE or systemd.serves():
        return False, "another module serves this system"
    return __virtualname__


def run(name: str, action: str) -> bool:
    """Call the init script of a service with an action.

    CLI Example::

        saltern run '*' service.run postgresql initdb
    """
    path = init_scripts.script(name)
    if path is None:
        raise CommandExecutionError(f"There is no init script '{name}'")
    return call([path, action], __context__).retcode == 0


def start(name: str) -> bool:
    """Start a service.

    CLI Example::

        saltern run '*' service.start sshd
    """
    return run(name, "start")


def stop(name: str) -> bool:
    """Stop a service.

    CLI Example::

        saltern run '*' service.stop sshd
    """
    return run(name, "stop")


def restart(name: str) -> bool:
    """Stop a service and start it again.

    CLI Example::

        saltern run '*' service.restart sshd
    """
    return run(name, "restart")


def reload_(name: str) -> bool:
    """Let a service read its configuration again.

    CLI Example::

        saltern run '*' service.reload sshd
    """
    return run(name, "reload")


def status(name: str, sig: str | None = None) -> Any:
    """The process ids of a service, found by its name or `sig` in their commands; empty when it does not run.

    Of all services that a glob matches by name.

    CLI Example::

        saltern run '*' service.status sshd
        saltern run '*' service.status 'ssh*'
    """
    if sig:
        return __salt__["status.pid"](sig)
    return status_of(name, get_all, __salt__["status.pid"])


def available(name: str) -> bool:
    """Whether there is a service of this name.

    CLI Example::

        saltern run '*' service.available sshd
    """
    return init_scripts.script(name) is not None


def missing(name: str) -> bool:
    """Whether there is no service of this name.

    CLI Example::

        saltern run '*' service.missing sshd
    """
    return not available(name)


def get_all() -> list[str]:
    """All services.

    CLI Example::

        saltern run '*' service.get_all
    """
    return init_scripts.names()
