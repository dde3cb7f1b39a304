"""Jobs that the minion runs by itself."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(name: str, **kwargs: Any) -> dict[str, Any]:
    """The schedule has this job.

    function
        What is run.
    job_args, job_kwargs
        A list and a dictionary of its arguments.
    seconds, minutes, hours, days
        Every so often, the sum of them; not with `when` or `cron`.
    when, cron, once
        At a time of day or at several, by a cron expression, or once (in the format `once_fmt`).
    run_on_start
        Whether it runs when the minion starts as well; what comes every so often does unless this is false.
    splay, range, skip_during_range, run_after_skip_range, after, until
        A random delay in seconds; when it may run and when not.
    maxrunning, jid_include
        How many runs may go on at a time, and whether they are counted.
    return_job, returner, return_config, return_kwargs, metadata
        What becomes of its returns.
    enabled, persist
        Whether it is turned on, and whether it is still there after a restart.

    Example::

        update_packages:
          schedule.present:
            - function: pkg.upgrade
            - cron: '0 4 * * 6'
    """
    options = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    is_new = name not in _jobs()
    function = "schedule.add" if is_new else "schedule.modify"
    wanted = __salt__[function](name, **options, test=True)
    changes = ({name: "added"} if is_new else wanted.get("changes", {})) if wanted["result"] else {}
    if not wanted["result"] or not changes:
        return result_of(name, bool(wanted["result"]), wanted["comment"])
    if __opts__["test"]:
        return result_of(name, None, wanted["comment"], changes)
    done = __salt__[function](name, **options)
    told = f"Adding new job {name} to schedule" if is_new else f"Modifying job {name} in schedule"
    return result_of(name, bool(done["result"]), told if done["result"] else done["comment"], done["changes"])


def absent(name: str, **kwargs: Any) -> dict[str, Any]:
    """The schedule does not have this job; `persist` says whether that holds after a restart.

    Example::

        old_job:
          schedule.absent: []
    """
    if name not in _jobs():
        return result_of(name, True, f"Job {name} not present in schedule")
    if __opts__["test"]:
        return result_of(name, None, f"Job: {name} would be deleted from schedule.", {name: "removed"})
    done = __salt__["schedule.delete"](name, persist=kwargs.get("persist", True))
    told = f"Removed job {name} from schedule" if done["result"] else done["comment"]
    return result_of(name, bool(done["result"]), told, done["changes"])


def enabled(name: str, **kwargs: Any) -> dict[str, Any]:
    """The job is turned on, if there is one; `persist` says whether that holds after a restart.

    Example::

        update_packages:
          schedule.enabled: []
    """
    return _turned(name, kwargs, on=True)


def disabled(name: str, **kwargs: Any) -> dict[str, Any]:
    """The job is turned off, if there is one; `persist` says whether that holds after a restart.

    Example::

        update_packages:
          schedule.disabled: []
    """
    return _turned(name, kwargs, on=False)


def _jobs() -> dict[str, Any]:
    found: dict[str, Any] = __salt__["schedule.list"](show_all=True, return_yaml=False)
    return found


def _turned(name: str, options: dict[str, Any], *, on: bool) -> dict[str, Any]:
    job = _jobs().get(name)
    if job is None:
        return result_of(name, True, f"Job {name} not present in schedule")
    word = "enabled" if on else "disabled"
    if bool(job.get("enabled", True)) == on:
        return result_of(name, True, f"Job {name} is {word} already")
    if __opts__["test"]:
        return result_of(name, None, f"Job: {name} would be {word} in schedule.", {name: word})
    done = __salt__["schedule.enable_job" if on else "schedule.disable_job"](name, persist=options.get("persist", True))
    told = f"{word.capitalize()} job {name} from schedule" if done["result"] else done["comment"]
    return result_of(name, bool(done["result"]), told, done["changes"])
