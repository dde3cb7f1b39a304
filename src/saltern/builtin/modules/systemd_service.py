"""Services, and other units, under systemd.

`unmask` and `unmask_runtime` take away what masks a unit before it is started. `no_block` does not wait for the end;
stopping or restarting the minion's own service never waits for it, because it would wait for itself. `root` is the
directory of another system.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Grains, process
from saltern.plugin_api.linux import init_scripts, systemd
from saltern.plugin_api.service_call import call, said, status_of

__salt__: Functions
__grains__: Grains
__context__: Context

__virtualname__ = "service"
__func_alias__ = {"reload_": "reload"}

_OWN = ("saltern-minion", "salt-minion")


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("kernel") == "Linux" and systemd.serves():
        return __virtualname__
    return False, "systemd is not here"


def systemctl_reload() -> bool:
    """Let systemd read the unit files again.

    CLI Example::

        saltern run '*' service.systemctl_reload
    """
    _must(call(_command("daemon-reload"), __context__), "Problem performing systemctl daemon-reload")
    return True


def get_running() -> list[str]:
    """The services and other units that run.

    CLI Example::

        saltern run '*' service.get_running
    """
    units = systemd.parse_units(_ask("list-units", "--plain", "--all"))
    return sorted(systemd.short_name(unit) for unit, (_, sub) in units.items() if sub == "running")


def get_enabled(root: str | None = None) -> list[str]:
    """The services and other units that are started at boot.

    CLI Example::

        saltern run '*' service.get_enabled
    """
    return sorted({*_in_state("enabled", root), *(_scripts(root) & init_scripts.started_at_boot())})


def get_disabled(root: str | None = None) -> list[str]:
    """The services and other units that are not started at boot, and could be.

    CLI Example::

        saltern run '*' service.get_disabled
    """
    return sorted({*_in_state("disabled", root), *(_scripts(root) - init_scripts.started_at_boot())})


def get_static(root: str | None = None) -> list[str]:
    """The services and other units that are started by others only.

    CLI Example::

        saltern run '*' service.get_static
    """
    return sorted(_in_state("static", root))


def get_all(root: str | None = None) -> list[str]:
    """All services and other units.

    CLI Example::

        saltern run '*' service.get_all
    """
    units = {systemd.short_name(unit) for unit in _unit_files(root)}
    return sorted(units | _scripts(root))


def available(name: str) -> bool:
    """Whether there is a service of this name, which may be an instance of a template.

    CLI Example::

        saltern run '*' service.available sshd
    """
    return bool(_properties(name, "LoadState").get("LoadState", "not-found") != "not-found")


def missing(name: str) -> bool:
    """Whether there is no service of this name.

    CLI Example::

        saltern run '*' service.missing sshd
    """
    return not available(name)


def unmask(name: str, runtime: bool = False, root: str | None = None) -> bool:
    """Let a service be started again; with `runtime` take away the mask that holds until the next boot.

    CLI Example::

        saltern run '*' service.unmask foo
        saltern run '*' service.unmask foo runtime=True
    """
    if masked(name, runtime, root):
        words = ("unmask", *(["--runtime"] if runtime else []), systemd.unit_name(name))
        _must(call(_command(*words, root=root), __context__), f"Failed to unmask service '{name}'")
    return True


def mask(name: str, runtime: bool = False, root: str | None = None) -> bool:
    """Do not let a service be started; with `runtime` until the next boot.

    CLI Example::

        saltern run '*' service.mask foo
        saltern run '*' service.mask foo runtime=True
    """
    words = ("mask", *(["--runtime"] if runtime else []), systemd.unit_name(name))
    _must(call(_command(*words, root=root), __context__), f"Failed to mask service '{name}'")
    return True


def masked(name: str, runtime: bool = False, root: str | None = None) -> bool:
    """Whether a service is masked for good, or with `runtime` until the next boot.

    CLI Example::

        saltern run '*' service.masked foo
    """
    return systemd.is_masked(name, runtime, root)


def start(name: str, no_block: bool = False, unmask: bool = False, unmask_runtime: bool = False) -> bool:
    """Start a service.

    CLI Example::

        saltern run '*' service.start sshd
    """
    return _act("start", name, bool(no_block), unmask, unmask_runtime)


def stop(name: str, no_block: bool | None = None) -> bool:
    """Stop a service.

    CLI Example::

        saltern run '*' service.stop sshd
    """
    return _act("stop", name, _is_own(name) if no_block is None else no_block)


def restart(name: str, no_block: bool | None = None, unmask: bool = False, unmask_runtime: bool = False) -> bool:
    """Stop a service and start it again.

    CLI Example::

        saltern run '*' service.restart sshd
    """
    return _act("restart", name, _is_own(name) if no_block is None else no_block, unmask, unmask_runtime)


def reload_(name: str, no_block: bool = False, unmask: bool = False, unmask_runtime: bool = False) -> bool:
    """Let a service read its configuration again.

    CLI Example::

        saltern run '*' service.reload sshd
    """
    return _act("reload", name, no_block, unmask, unmask_runtime)


def force_reload(name: str, no_block: bool = True, unmask: bool = False, unmask_runtime: bool = False) -> bool:
    """Let a service read its configuration again, or restart it where it cannot.

    CLI Example::

        saltern run '*' service.force_reload sshd
    """
    return _act("force-reload", name, no_block, unmask, unmask_runtime)


def status(name: str, sig: str | None = None) -> Any:
    """Whether a service runs; of all that a glob matches by name. `sig` has no meaning here.

    CLI Example::

        saltern run '*' service.status sshd
        saltern run '*' service.status 'ssh*'
    """

    def is_active(one: str) -> bool:
        return process.run(_command("is-active", "--quiet", systemd.unit_name(one))).retcode == 0

    return status_of(name, get_all, is_active)


def enable(
    name: str,
    no_block: bool = False,
    unmask: bool = False,
    unmask_runtime: bool = False,
    root: str | None = None,
    **kwargs: Any,
) -> bool:
    """Let a service be started at boot.

    CLI Example::

        saltern run '*' service.enable sshd
    """
    _unmask(name, unmask, unmask_runtime, root)
    words = ("enable", *(["--no-block"] if no_block else []), systemd.unit_name(name))
    return call(_command(*words, root=root), __context__).retcode == 0


def disable(name: str, no_block: bool = False, root: str | None = None, **kwargs: Any) -> bool:
    """Do not let a service be started at boot.

    CLI Example::

        saltern run '*' service.disable sshd
    """
    words = ("disable", *(["--no-block"] if no_block else []), systemd.unit_name(name))
    return call(_command(*words, root=root), __context__).retcode == 0


def enabled(name: str, root: str | None = None, **kwargs: Any) -> bool:
    """Whether a service is started at boot, or whenever another one needs it.

    CLI Example::

        saltern run '*' service.enabled sshd
    """
    done = process.run(_command("is-enabled", "--quiet", systemd.unit_name(name), root=root))
    return done.retcode == 0 or (name in _scripts(root) and name in init_scripts.started_at_boot())


def disabled(name: str, root: str | None = None) -> bool:
    """Whether a service is not started at boot.

    CLI Example::

        saltern run '*' service.disabled sshd
    """
    return not enabled(name, root=root)


def show(name: str, root: str | None = None) -> dict[str, Any]:
    """The properties of a unit.

    CLI Example::

        saltern run '*' service.show sshd
    """
    return systemd.parse_properties(_ask("show", systemd.unit_name(name), root=root))


def execs(root: str | None = None) -> dict[str, str]:
    """The programs that the services run, by service.

    CLI Example::

        saltern run '*' service.execs
    """
    found: dict[str, str] = {}
    for name in get_all(root):
        command = show(name, root).get("ExecStart")
        if isinstance(command, dict) and command.get("path"):
            found[name] = command["path"]
    return found


def firstboot(
    locale: str | None = None,
    locale_message: str | None = None,
    keymap: str | None = None,
    timezone: str | None = None,
    hostname: str | None = None,
    machine_id: str | None = None,
    root: str | None = None,
) -> bool:
    """Set what a new system is asked for at its first boot.

    CLI Example::

        saltern run '*' service.firstboot keymap=jp locale=en_US.UTF-8
    """
    settings = {
        "locale": locale,
        "locale-message": locale_message,
        "keymap": keymap,
        "timezone": timezone,
        "hostname": hostname,
        "machine-ID": machine_id,
        "root": root,
    }
    words = [f"--{name}={value}" for name, value in settings.items() if value]
    _must(call(["systemd-firstboot", *words], __context__), "systemd-firstboot error")
    return True


def offline() -> bool:
    """Whether systemd is there and does not run, as in an image that is being built.

    CLI Example::

        saltern run '*' service.offline
    """
    return systemd.is_offline()


def _command(*words: str, root: str | None = None) -> list[str]:
    elsewhere = [f"--root={root}"] if root else []
    return ["systemctl", "--no-pager", "--no-ask-password", *elsewhere, *words]


def _ask(*words: str, root: str | None = None) -> str:
    done = process.run(_command("--full", "--no-legend", *words, root=root))
    return process.text_of(done.stdout)


def _must(done: process.Finished, what: str) -> None:
    if done.retcode:
        raise CommandExecutionError(f"{what}: {said(done)}")


def _properties(name: str, *wanted: str) -> dict[str, Any]:
    properties = [f"--property={one}" for one in wanted]
    return systemd.parse_properties(_ask("show", *properties, systemd.unit_name(name)))


def _act(verb: str, name: str, no_block: bool, unmask: bool = False, unmask_runtime: bool = False) -> bool:
    """Do it, after systemd has read again what has changed of the unit; an error says what systemd says."""
    if _properties(name, "NeedDaemonReload").get("NeedDaemonReload") == "yes":
        systemctl_reload()
    _unmask(name, unmask, unmask_runtime)
    argv = _command(verb, *(["--no-block"] if no_block else []), systemd.unit_name(name))
    done = call(systemd.scoped(argv, __salt__["config.get"]("systemd.scope", True)), __context__)
    if done.retcode:
        raise CommandExecutionError(said(done))
    return True


def _unmask(name: str, for_good: bool, runtime: bool, root: str | None = None) -> None:
    if for_good:
        unmask(name, runtime=False, root=root)
    if runtime:
        unmask(name, runtime=True, root=root)


def _is_own(name: str) -> bool:
    return systemd.short_name(name) in _OWN


def _unit_files(root: str | None) -> dict[str, str]:
    return systemd.parse_unit_files(_ask("list-unit-files", root=root))


def _in_state(state: str, root: str | None) -> Sequence[str]:
    return [systemd.short_name(unit) for unit, found in _unit_files(root).items() if found == state]


def _scripts(root: str | None) -> set[str]:
    """The init scripts that no unit takes the place of."""
    if root:
        return set()
    units = {systemd.short_name(unit) for unit in _unit_files(None)}
    return set(init_scripts.names()) - units
