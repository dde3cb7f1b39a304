"""Services of Red Hat's systems where System V's init scripts start them."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Context, Functions, Grains
from saltern.plugin_api.linux import init_scripts, systemd
from saltern.plugin_api.service_call import call, status_of

__salt__: Functions
__grains__: Grains
__context__: Context

__virtualname__ = "service"
__func_alias__ = {"reload_": "reload"}


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") != "RedHat":
        return False, "it is for Red Hat's systems and their relatives only"
    return (False, "systemd is here") if systemd.serves() else __virtualname__


def get_enabled(limit: str = "") -> list[str]:
    """The services that are started at boot. `limit` has no meaning: there are init scripts only.

    CLI Example::

        saltern run '*' service.get_enabled
    """
    return sorted(name for name, on in _chkconfig().items() if on)


def get_disabled(limit: str = "") -> list[str]:
    """The services that are not started at boot.

    CLI Example::

        saltern run '*' service.get_disabled
    """
    return sorted(set(get_all()) - set(get_enabled()))


def get_all(limit: str = "") -> list[str]:
    """All services.

    CLI Example::

        saltern run '*' service.get_all
    """
    return sorted({*init_scripts.names(), *_chkconfig()})


def available(name: str, limit: str = "") -> bool:
    """Whether there is a service of this name.

    CLI Example::

        saltern run '*' service.available sshd
    """
    return init_scripts.script(name) is not None


def missing(name: str, limit: str = "") -> bool:
    """Whether there is no service of this name.

    CLI Example::

        saltern run '*' service.missing sshd
    """
    return not available(name)


def start(name: str) -> bool:
    """Start a service.

    CLI Example::

        saltern run '*' service.start sshd
    """
    return _act(name, "start")


def stop(name: str) -> bool:
    """Stop a service.

    CLI Example::

        saltern run '*' service.stop sshd
    """
    return _act(name, "stop")


def restart(name: str) -> bool:
    """Stop a service and start it again.

    CLI Example::

        saltern run '*' service.restart sshd
    """
    return _act(name, "restart")


def reload_(name: str) -> bool:
    """Let a service read its configuration again.

    CLI Example::

        saltern run '*' service.reload sshd
    """
    return _act(name, "reload")


def status(name: str, sig: str | None = None) -> Any:
    """Whether a service runs, or with `sig` a process whose command has this in it; of all that a glob matches by name.

    CLI Example::

        saltern run '*' service.status sshd
        saltern run '*' service.status 'ssh*'
    """
    if sig:
        return bool(__salt__["status.pid"](sig))
    return status_of(name, get_all, lambda one: available(one) and call(["service", one, "status"]).retcode == 0)


def delete(name: str, **kwargs: Any) -> bool:
    """Take a service out of all runlevels; its init script stays.

    CLI Example::

        saltern run '*' service.delete sshd
    """
    return call(["chkconfig", "--del", name], __context__).retcode == 0


def enable(name: str, **kwargs: Any) -> bool:
    """Let a service be started at boot.

    CLI Example::

        saltern run '*' service.enable sshd
    """
    if name not in _chkconfig() and call(["chkconfig", "--add", name], __context__).retcode:
        return False
    return call(["chkconfig", name, "on"], __context__).retcode == 0


def disable(name: str, **kwargs: Any) -> bool:
    """Do not let a service be started at boot.

    CLI Example::

        saltern run '*' service.disable sshd
    """
    return call(["chkconfig", name, "off"], __context__).retcode == 0


def enabled(name: str, **kwargs: Any) -> bool:
    """Whether a service is started at boot.

    CLI Example::

        saltern run '*' service.enabled sshd
    """
    return _chkconfig().get(name, False)


def disabled(name: str) -> bool:
    """Whether a service is not started at boot.

    CLI Example::

        saltern run '*' service.disabled sshd
    """
    return not enabled(name)


def _act(name: str, action: str) -> bool:
    return call(["service", name, action], __context__).retcode == 0


def _chkconfig() -> dict[str, bool]:
    done = __salt__["cmd.run_all"](["chkconfig", "--list"], python_shell=False)
    return init_scripts.parse_chkconfig(done["stdout"])
