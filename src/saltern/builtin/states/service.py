"""Services run or do not, are started at boot or are not, are masked or are not.

`no_block`, `unmask` and `unmask_runtime` are for systemd; `runlevels` is for OpenRC. Other arguments are not passed on.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_beacon import without_beacon

__salt__: Functions
__states__: Functions
__opts__: Opts

_POLL_SECONDS = 0.2


def __virtual__() -> bool | tuple[bool, str]:
    if "service.start" in __salt__:
        return True
    return False, "there is no module for the services of this system"


def running(
    name: str, enable: bool | None = None, sig: str | None = None, init_delay: float | None = None, **kwargs: Any
) -> dict[str, Any]:
    """A service runs; `enable` says whether it is started at boot as well.

    `sig` is a text in the command of its process, for services that cannot tell. `timeout` (`wait`) is how long it may
    take until it runs. `init_delay` is a pause after its start.
    """
    if _is_offline():
        return _result(name, True, {}, "Running in OFFLINE mode. Nothing to do")
    if not _available(name):
        if __opts__["test"]:
            comment = f"Service {name} not present; if created in this state run, it would have been started"
            return _result(name, None, {}, comment)
        return _result(name, False, {}, f"The named service {name} is not available")
    masks = _masks(name, kwargs)
    if not __opts__["test"]:
        _unmask(name, masks)
    if _status(name, sig):
        return _with_masks(_enabled_as_wanted(name, enable, f"The service {name} is already running", kwargs), masks)
    if __opts__["test"]:
        return _with_masks(_result(name, None, {name: True}, f"Service {name} is set to start"), masks)
    started, said = _do("service.start", name, kwargs)
    if started and _comes_true(lambda: bool(_status(name, sig)), kwargs):
        result = _enabled_after(name, enable, True, {name: True}, f"Started service {name}", kwargs)
    else:
        result = _result(name, False, {}, said or f"Service {name} failed to start")
        if enable is not None:
            result = _enabled_after(name, enable, False, {}, result["comment"], kwargs)
    result = _with_masks(result, masks)
    if init_delay and result["result"]:
        time.sleep(float(init_delay))
        result["comment"] += f"\nDelayed return for {init_delay} seconds"
    return result


def dead(
    name: str, enable: bool | None = None, sig: str | None = None, init_delay: float | None = None, **kwargs: Any
) -> dict[str, Any]:
    """A service does not run; `enable` says whether it is started at boot all the same."""
    if _is_offline():
        return _result(name, True, {}, "Running in OFFLINE mode. Nothing to do")
    if not _available(name):
        return _result(name, True, {}, f"The named service {name} is not available")
    if not _status(name, sig):
        return _enabled_as_wanted(name, enable, f"The service {name} is already dead", kwargs)
    if __opts__["test"]:
        set_anew = enable is not None and "service.enable" in __salt__ and _is_enabled(name, kwargs) != enable
        return _result(name, None, {name: set_anew}, f"Service {name} is set to be killed")
    stopped, said = _do("service.stop", name, kwargs)
    if init_delay:
        time.sleep(float(init_delay))
    if stopped and _comes_true(lambda: not _status(name, sig), kwargs):
        return _enabled_after(name, enable, True, {name: False}, f"Service {name} was killed", kwargs)
    return _result(name, False, {}, said or f"Service {name} failed to die")


def enabled(name: str, **kwargs: Any) -> dict[str, Any]:
    """A service is started at boot. Whether it runs is no matter."""
    return _enablement(name, True, kwargs)


def disabled(name: str, **kwargs: Any) -> dict[str, Any]:
    """A service is not started at boot. Whether it runs is no matter."""
    return _enablement(name, False, kwargs)


def masked(name: str, runtime: bool = False) -> dict[str, Any]:
    """A service cannot be started, for good or with `runtime` until the next boot."""
    return _masking(name, True, runtime)


def unmasked(name: str, runtime: bool = False) -> dict[str, Any]:
    """A service can be started."""
    return _masking(name, False, runtime)


def mod_watch(
    name: str,
    sfun: str | None = None,
    sig: str | None = None,
    reload: bool = False,
    full_restart: bool = False,
    init_delay: float | None = None,
    force: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """What is watched has changed: a service that shall run is restarted or reloaded, one that shall not is stopped."""
    if sfun == "dead":
        verb, done, function = "stop", "stopped", "service.stop"
        if not _status(name, sig):
            return _result(name, True, {}, "Service is already stopped")
    elif sfun == "running":
        verb, done, function = _watch_action(name, sig, reload, full_restart, force)
    else:
        return _result(name, False, {}, f"Unable to trigger watch for service.{sfun}")
    if __opts__["test"]:
        return _result(name, None, {name: True}, f"Service is set to be {done}")
    _unmask(name, _masks(name, kwargs))
    good, said = _do(function, name, kwargs)
    if init_delay:
        time.sleep(float(init_delay))
    if not good:
        return _result(name, False, {}, said or f"Failed to {verb} the service")
    return _result(name, True, {name: True}, f"Service {done}")


def mod_beacon(
    name: str, sfun: str = "", beacon: bool = False, beacon_data: Mapping[str, Any] | None = None, **kwargs: Any
) -> dict[str, Any]:
    """A beacon that watches the service of a state which says `beacon: True`."""
    told = without_beacon(name, beacon, f"service.{sfun}", ("running", "dead"))
    if told:
        return told
    data = beacon_data or {}
    told_when = {"onchangeonly": True, "delay": 0, "emitatstartup": False, "uncleanshutdown": None}
    made: dict[str, Any] = __states__["beacon.present"](
        name=f"beacon_service_{name}",
        beacon_module="service",
        services={name: {key: data.get(key, usual) for key, usual in told_when.items()}},
        interval=data.get("interval", 60),
    )
    return made


def _watch_action(name: str, sig: str | None, reload: bool, full_restart: bool, force: bool) -> tuple[str, str, str]:
    """What is to be done, how it is called when done, and the function that does it."""
    if not _status(name, sig):
        return "start", "started", "service.start"
    if reload and force and "service.force_reload" in __salt__:
        return "forcefully reload", "forcefully reloaded", "service.force_reload"
    if reload and "service.reload" in __salt__:
        return "reload", "reloaded", "service.reload"
    if full_restart and "service.full_restart" in __salt__:
        return "fully restart", "fully restarted", "service.full_restart"
    return "restart", "restarted", "service.restart"


def _is_offline() -> bool:
    return "service.offline" in __salt__ and bool(__salt__["service.offline"]())


def _available(name: str) -> bool:
    return bool(__salt__["service.available"](name))


def _status(name: str, sig: str | None) -> Any:
    return __salt__["service.status"](name, sig)


def _comes_true(holds: Callable[[], bool], kwargs: Mapping[str, Any]) -> bool:
    """Whether it is so, or becomes so within the `timeout` that is given."""
    until = time.monotonic() + float(kwargs.get("timeout") or kwargs.get("wait") or 0)
    while not holds():
        if time.monotonic() >= until:
            # Nobody waits for a start that is not waited for.
            return bool(kwargs.get("no_block"))
        time.sleep(_POLL_SECONDS)
    return True


def _do(function: str, name: str, kwargs: Mapping[str, Any]) -> tuple[bool, str]:
    """Call a function of `service` with the arguments that it takes: whether it worked, and what was wrong."""
    takes = inspect.signature(__salt__[function]).parameters
    passed = {key: kwargs[key] for key in ("no_block", "runlevels") if key in kwargs and _is_taken(key, takes)}
    try:
        return bool(__salt__[function](name, **passed)), ""
    except CommandExecutionError as error:
        return False, str(error)


def _is_taken(key: str, takes: Mapping[str, inspect.Parameter]) -> bool:
    return key in takes or any(one.kind is one.VAR_KEYWORD for one in takes.values())


def _is_enabled(name: str, kwargs: Mapping[str, Any]) -> bool:
    takes = inspect.signature(__salt__["service.enabled"]).parameters
    passed = {key: kwargs[key] for key in ("runlevels",) if key in kwargs and _is_taken(key, takes)}
    return bool(__salt__["service.enabled"](name, **passed))


def _enabled_as_wanted(name: str, enable: bool | None, comment: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a service that runs or does not as it should: what remains is whether it starts at boot."""
    if enable is None or "service.enable" not in __salt__ or _is_enabled(name, kwargs) == enable:
        return _result(name, True, {}, comment)
    word = "enabled" if enable else "disabled"
    if __opts__["test"]:
        return _result(name, None, {name: True}, f"Service {name} set to be {word}")
    if _set_enabled(name, enable, kwargs):
        return _result(name, True, {name: True}, f"Service {name} has been {word}, and is in the desired state")
    where = "start" if enable else "not start"
    return _result(
        name, False, {}, f"Failed when setting service {name} to {where} at boot, but the service was already running"
    )


def _enabled_after(
    name: str, enable: bool | None, good: bool, changes: dict[str, Any], comment: str, kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """The result of a service that was just started or stopped, or could not be."""
    if enable is None or "service.enable" not in __salt__:
        return _result(name, good, changes, comment)
    word, where = ("enabled", "start") if enable else ("disabled", "not start")
    status = "running" if _status(name, kwargs.get("sig")) else "dead"
    if _is_enabled(name, kwargs) == enable:
        return _result(name, good, changes, comment)
    if _set_enabled(name, enable, kwargs):
        told = f"Service {name} has been {word}, and is {status}" if good else comment
        return _result(name, good, {name: True}, told)
    told = f"Failed when setting service {name} to {where} at boot, and the service is {status}"
    return _result(name, False, changes, told)


def _set_enabled(name: str, enable: bool, kwargs: Mapping[str, Any]) -> bool:
    good, _ = _do("service.enable" if enable else "service.disable", name, kwargs)
    return good and _is_enabled(name, kwargs) == enable


def _enablement(name: str, enable: bool, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    word, where = ("enabled", "start") if enable else ("disabled", "not start")
    if "service.enable" not in __salt__:
        return _result(name, False, {}, f"Service {name} cannot be {word} on this minion")
    if not _available(name):
        if enable and __opts__["test"]:
            comment = f"Service {name} not present; if created in this state run, it would have been enabled"
            return _result(name, None, {}, comment)
        # A service that is not there is not started at boot.
        return _result(name, not enable, {}, f"The named service {name} is not available")
    if _is_enabled(name, kwargs) == enable:
        return _result(name, True, {}, f"Service {name} is already {word}, and is in the desired state")
    if __opts__["test"]:
        return _result(name, None, {name: True}, f"Service {name} set to be {word}")
    if _set_enabled(name, enable, kwargs):
        return _result(name, True, {name: True}, f"Service {name} has been {word}, and is in the desired state")
    told = f"Failed when setting service {name} to {where} at boot, but the service was already running"
    return _result(name, False, {}, told)


def _masking(name: str, wanted: bool, runtime: bool) -> dict[str, Any]:
    if "service.masked" not in __salt__:
        return _result(name, False, {}, "Service masking not available on this minion")
    kind = "runtime masked" if runtime else "masked"
    word = kind if wanted else f"un{kind}" if not runtime else "runtime unmasked"
    now = bool(__salt__["service.masked"](name, runtime))
    if now == wanted:
        return _result(name, True, {}, f"Service {name} {'is' if wanted else 'was'} already {word}")
    changes = {kind: {"old": now, "new": wanted}}
    if __opts__["test"]:
        return _result(name, None, changes, f"Service {name} would be {word}")
    try:
        __salt__["service.mask" if wanted else "service.unmask"](name, runtime)
    except CommandExecutionError as error:
        return _result(name, False, {}, str(error))
    if bool(__salt__["service.masked"](name, runtime)) != wanted:
        return _result(name, False, {}, f"Failed to {'mask' if wanted else 'unmask'} service {name}")
    return _result(name, True, changes, f"Service {name} was {word}")


def _masks(name: str, kwargs: Mapping[str, Any]) -> list[bool]:
    """The masks of a service that are to be taken away: False for the one for good, True for the other."""
    if "service.masked" not in __salt__:
        return []
    asked = [runtime for key, runtime in (("unmask", False), ("unmask_runtime", True)) if kwargs.get(key)]
    return [runtime for runtime in asked if __salt__["service.masked"](name, runtime)]


def _unmask(name: str, masks: list[bool]) -> None:
    for runtime in masks:
        __salt__["service.unmask"](name, runtime)


def _with_masks(result: dict[str, Any], masks: list[bool]) -> dict[str, Any]:
    """A result that tells of the masks that are, or would be, taken away."""
    if not masks:
        return result
    name = result["name"]
    if __opts__["test"]:
        said = [f"Service {name} would be {'runtime ' if runtime else ''}unmasked" for runtime in masks]
        verdict = None if result["result"] is not False else False
    else:
        said = [f"Service {name} was {'runtime ' if runtime else ''}unmasked" for runtime in masks]
        verdict = result["result"]
    kinds = ["runtime masked" if runtime else "masked" for runtime in masks]
    changes = {**result["changes"], **{kind: {"old": True, "new": False} for kind in kinds}}
    return {**result, "result": verdict, "changes": changes, "comment": "\n".join([result["comment"], *said])}


def _result(name: str, result: bool | None, changes: dict[str, Any], comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
