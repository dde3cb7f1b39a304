"""Services of OpenRC, on Alpine Linux and Gentoo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import Context, Functions, Grains
from saltern.plugin_api.linux import init_scripts, systemd
from saltern.plugin_api.packages import words_of
from saltern.plugin_api.service_call import call, status_of

__salt__: Functions
__grains__: Grains
__context__: Context

__virtualname__ = "service"
__func_alias__ = {"reload_": "reload"}


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") not in ("Alpine", "Gentoo"):
        return False, "OpenRC serves Alpine Linux and Gentoo"
    return (False, "systemd is here") if systemd.serves() else __virtualname__


def get_enabled() -> dict[str, list[str]]:
    """The services that a runlevel starts, with those runlevels.

    CLI Example::

        saltern run '*' service.get_enabled
    """
    return {name: levels for name, levels in _runlevels().items() if levels}


def get_disabled() -> list[str]:
    """The services that no runlevel starts.

    CLI Example::

        saltern run '*' service.get_disabled
    """
    return sorted(name for name, levels in _runlevels().items() if not levels)


def get_all() -> list[str]:
    """All services.

    CLI Example::

        saltern run '*' service.get_all
    """
    return sorted(_runlevels())


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


def zap(name: str) -> bool:
    """Let OpenRC forget that a service was started.

    CLI Example::

        saltern run '*' service.zap sshd
    """
    return _act(name, "zap")


def status(name: str, sig: str | None = None) -> Any:
    """Whether a service runs, or with `sig` a process whose command has this in it; of all that a glob matches by name.

    CLI Example::

        saltern run '*' service.status sshd
        saltern run '*' service.status 'ssh*'
    """
    if sig:
        return bool(__salt__["status.pid"](sig))
    return status_of(name, get_all, lambda one: available(one) and call(["rc-service", one, "status"]).retcode == 0)


def enable(name: str, **kwargs: Any) -> bool:
    """Let runlevels start a service: those of `runlevels` and no others, by default `default`.

    CLI Example::

        saltern run '*' service.enable sshd
        saltern run '*' service.enable sshd runlevels=boot
    """
    wanted = _wanted(kwargs) or ["default"]
    now = _runlevels().get(name, [])
    gone = [level for level in now if level not in wanted] if kwargs.get("runlevels") else []
    return all(_update(*words) for words in _updates(name, [one for one in wanted if one not in now], gone))


def disable(name: str, **kwargs: Any) -> bool:
    """Do not let runlevels start a service: those of `runlevels`, by default all.

    CLI Example::

        saltern run '*' service.disable sshd
        saltern run '*' service.disable sshd runlevels=boot
    """
    wanted = _wanted(kwargs)
    gone = [level for level in _runlevels().get(name, []) if not wanted or level in wanted]
    return all(_update(*words) for words in _updates(name, [], gone))


def enabled(name: str, **kwargs: Any) -> bool:
    """Whether a runlevel starts a service, or with `runlevels` whether exactly these do.

    CLI Example::

        saltern run '*' service.enabled sshd
        saltern run '*' service.enabled sshd runlevels=boot
    """
    levels = _runlevels().get(name, [])
    wanted = _wanted(kwargs)
    return set(levels) == set(wanted) if wanted else bool(levels)


def disabled(name: str) -> bool:
    """Whether no runlevel starts a service.

    CLI Example::

        saltern run '*' service.disabled sshd
    """
    return not enabled(name)


def _act(name: str, action: str) -> bool:
    return call(["rc-service", name, action], __context__).retcode == 0


def _runlevels() -> dict[str, list[str]]:
    done = __salt__["cmd.run_all"](["rc-update", "--verbose", "show"], python_shell=False)
    return init_scripts.parse_runlevels(done["stdout"])


def _wanted(arguments: Mapping[str, Any]) -> list[str]:
    return words_of(arguments.get("runlevels"))


def _updates(name: str, added: list[str], gone: list[str]) -> list[tuple[str, str, str]]:
    return [*(("add", name, level) for level in added), *(("delete", name, level) for level in gone)]


def _update(*words: str) -> bool:
    return call(["rc-update", *words], __context__).retcode == 0
