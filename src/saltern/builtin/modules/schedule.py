"""The jobs that a minion runs by itself: `schedule` of its configuration and its pillar.

What is changed here is kept in `_schedule.conf` beside the configuration's other files, and counts at the next start,
unless `persist=False` is given. Jobs of pillar can be turned off and changed until the pillar is read again. Where no
minion runs, the file is changed.
"""

from __future__ import annotations

from saltern.errors import ArgumentError, Unreachable
from saltern.plugin_api import CommandExecutionError, Functions, OwnMinion, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__salt__: Functions
__own_minion__: OwnMinion | None

__func_alias__ = {"list_": "list", "reload_": "reload"}

_UNITS = ("seconds", "minutes", "hours", "days")
_OPTIONS = (
    "range", "when", "once", "once_fmt", "cron", "returner", "after", "return_config", "return_kwargs", "until",
    "run_on_start", "skip_during_range", "run_after_skip_range", "skip_function", "metadata", "splay", "return_job",
    "dry_run",
)  # fmt: skip
_FORMAT = "%Y-%m-%dT%H:%M:%S"
_CONFLICT = 'Unable to use "seconds", "minutes", "hours", or "days" with "when" or "cron" options.'
_MISSING = "Job {} does not exist."


def list_(
    show_all: bool = False,
    show_disabled: bool = True,
    where: str | None = None,
    return_yaml: bool = True,
    offline: bool = False,
) -> Any:
    """The jobs of the schedule, as YAML or as data.

    show_all
        With the jobs of the minion's own, whose names begin with `__`.
    show_disabled
        With jobs that are turned off.
    where
        `opts` or `pillar` for the jobs of one place.
    return_yaml
        As a text, in which `saved` says whether a restart knows the job again.
    offline
        Taken for Salt's sake: a minion that does not run is known by its files in any case.

    CLI Example::

        saltern run '*' schedule.list
        saltern run '*' schedule.list show_all=True
        saltern run '*' schedule.list return_yaml=False where=pillar
    """
    del offline
    if where not in (None, "opts", "pillar"):
        raise SaltInvocationError("where must be opts or pillar")
    known = _ask("list", where=where)
    shown: dict[str, Any] = {}
    for name, job in known["schedule"].items():
        if isinstance(job, dict) and "function" in job:
            if (name.startswith("__") and not show_all) or not (show_disabled or job.get("enabled", True)):
                continue
            job = {**job, "saved": name in known["saved"]} if return_yaml else job
        shown[name] = job
    return _as_yaml(shown) if return_yaml else shown


def is_enabled(name: str | None = None) -> Any:
    """A job of the schedule, empty where there is none; without a name whether the schedule as a whole is turned on.

    CLI Example::

        saltern run '*' schedule.is_enabled name=job_name
        saltern run '*' schedule.is_enabled
    """
    known = list_(show_all=True, return_yaml=False)
    return known.get(name, {}) if name else known.get("enabled", True)


def build_schedule_item(name: str, **kwargs: Any) -> dict[str, Any]:
    """A job of a schedule from its options, as configurations hold it; what is wrong with them as a comment.

    function
        What is run.
    job_args, job_kwargs
        A list and a dictionary of its arguments.

    All else are the options that a job has in a configuration.

    CLI Example::

        saltern run '*' schedule.build_schedule_item job1 function='test.ping' seconds=3600
    """
    if not name:
        return _refused("Job name is required.")
    units = [one for one in _UNITS if one in kwargs]
    if units and ("when" in kwargs or "cron" in kwargs):
        return _refused(_CONFLICT)
    if "when" in kwargs and "cron" in kwargs:
        return _refused('Unable to use "when" and "cron" options together.  Ignoring.')
    if not kwargs.get("function"):
        return _refused("A function is required.")
    item: dict[str, Any] = {"function": kwargs["function"]}
    item |= {one: kwargs[one] for one in units}
    for given, option, form in (("job_args", "args", list), ("job_kwargs", "kwargs", dict)):
        if given in kwargs:
            if not isinstance(kwargs[given], form):
                return _refused(f"{given} is not a {form.__name__}. please correct and try again.")
            item[option] = kwargs[given]
    item |= {"maxrunning": kwargs.get("maxrunning", 1), "name": kwargs.get("name", name)}
    item |= {"enabled": kwargs.get("enabled", True), "jid_include": kwargs.get("jid_include", True)}
    return {**item, **{one: kwargs[one] for one in _OPTIONS if one in kwargs}}


def add(name: str, **kwargs: Any) -> dict[str, Any]:
    """Add a job to the schedule.

    persist
        Whether it is still there after a restart (the default).
    test
        Only say what would be done.

    All else as in `schedule.build_schedule_item`.

    CLI Example::

        saltern run '*' schedule.add job1 function='test.ping' seconds=3600
        saltern run '*' schedule.add job2 function='cmd.run' job_args="['date >> /tmp/date.log']" seconds=60
    """
    ret = _nothing()
    name = str(name)
    if name in list_(show_all=True, return_yaml=False):
        return ret | {"comment": f"Job {name} already exists in schedule."}
    job = build_schedule_item(name, **kwargs)
    if why := _why_not(name, job):
        return ret | {"comment": why}
    if kwargs.get("test"):
        return ret | {"comment": f"Job: {name} would be added to schedule.", "result": True}
    _ask("put", name=name, job=job, persist=kwargs.get("persist", True))
    return {"comment": f"Added job: {name} to schedule.", "result": True, "changes": {name: "added"}}


def modify(name: str, **kwargs: Any) -> dict[str, Any]:
    """Change a job of the schedule; what is not given becomes what it is without being given, but for the function.

    The arguments are those of `schedule.add`.

    CLI Example::

        saltern run '*' schedule.modify job1 function='test.ping' seconds=3600
    """
    ret = _nothing()
    current = list_(show_all=True, return_yaml=False).get(name)
    if current is None:
        return ret | {"comment": f"Job {name} does not exist in schedule."}
    kwargs.setdefault("function", current.get("function"))
    job = build_schedule_item(name, **kwargs)
    if why := _why_not(name, job):
        return ret | {"comment": why}
    if job == current:
        return ret | {"comment": f"Job {name} in correct state", "result": True}
    changes = {name: {"old": current, "new": job}}
    if kwargs.get("test"):
        return {"comment": f"Job: {name} would be modified in schedule.", "changes": changes, "result": True}
    _ask("put", name=name, job=job, persist=kwargs.get("persist", True))
    return {"comment": f"Modified job: {name} in schedule.", "changes": changes, "result": True}


def delete(name: str, **kwargs: Any) -> dict[str, Any]:
    """Take a job out of the schedule. One of the pillar stays.

    persist, test
        As in `schedule.add`.

    CLI Example::

        saltern run '*' schedule.delete job1
    """
    ret = _nothing()
    if not name:
        return ret | {"comment": "Job name is required."}
    if name not in list_(show_all=True, return_yaml=False):
        return ret | {"comment": _MISSING.format(name)}
    if kwargs.get("test"):
        return ret | {"comment": f"Job: {name} would be deleted from schedule.", "result": True}
    if not _removed(name, kwargs):
        return ret | {"comment": f"Failed to delete job {name} from schedule."}
    return {"comment": f"Deleted Job {name} from schedule.", "result": True, "changes": {name: "removed"}}


def purge(**kwargs: Any) -> dict[str, Any]:
    """Take all jobs out of the schedule but those of the minion's own.

    persist, test
        As in `schedule.add`.

    CLI Example::

        saltern run '*' schedule.purge
    """
    comments: list[str] = []
    changes: dict[str, str] = {}
    for name in _names():
        if kwargs.get("test"):
            comments.append(f"Job: {name} would be deleted from schedule.")
        elif _removed(name, kwargs):
            comments.append(f"Deleted job: {name} from schedule.")
            changes[name] = "removed"
        else:
            comments.append(f"Failed to delete job {name} from schedule.")
    return {"comment": comments, "changes": changes, "result": True}


def enable_job(name: str, **kwargs: Any) -> dict[str, Any]:
    """Turn a job on.

    persist, test
        As in `schedule.add`.

    CLI Example::

        saltern run '*' schedule.enable_job job1
    """
    return _turn(name, kwargs, on=True)


def disable_job(name: str, **kwargs: Any) -> dict[str, Any]:
    """Turn a job off.

    persist, test
        As in `schedule.add`.

    CLI Example::

        saltern run '*' schedule.disable_job job1
    """
    return _turn(name, kwargs, on=False)


def enable(**kwargs: Any) -> dict[str, Any]:
    """Turn the whole schedule on.

    persist, test
        As in `schedule.add`.

    CLI Example::

        saltern run '*' schedule.enable
    """
    return _turn_all(kwargs, on=True)


def disable(**kwargs: Any) -> dict[str, Any]:
    """Turn the whole schedule off: no job runs.

    persist, test
        As in `schedule.add`.

    CLI Example::

        saltern run '*' schedule.disable
    """
    return _turn_all(kwargs, on=False)


def run_job(name: str, force: bool = False) -> dict[str, Any]:
    """Have a job run now.

    force
        Even if it is turned off.

    CLI Example::

        saltern run '*' schedule.run_job job1
        saltern run '*' schedule.run_job job1 force=True
    """
    job = list_(show_all=True, return_yaml=False).get(name)
    if job is None:
        return _refused(_MISSING.format(name))
    if not force and not job.get("enabled", True):
        return {"comment": f"Job {name} is disabled.", "result": True}
    return _done(f"Scheduling Job {name} on minion.", "run", name=name, force=force)


def save(**kwargs: Any) -> dict[str, Any]:
    """Write the schedule down, but for the jobs of pillar.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' schedule.save
    """
    if kwargs.get("test"):
        return {"comment": "Schedule would be saved.", "result": True}
    _ask("save")
    return {"comment": "Schedule (non-pillar items) saved.", "result": True}


def reload_() -> dict[str, Any]:
    """Read the schedule that was written down; its jobs begin anew.

    CLI Example::

        saltern run '*' schedule.reload
    """
    found = _ask("reload")
    comment = "Reloaded schedule on minion." if found else "There is no schedule that was saved."
    return {"comment": [comment], "result": True}


def copy(name: str, target: str, **kwargs: Any) -> dict[str, Any]:
    """Give a job to the minions of a target, as the master allows it (`peer`).

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' schedule.copy job1 'web*'
    """
    return _given_away(name, target, kwargs, "copied to {} minion(s).", "Copied Job {} from schedule to minion(s).")


def move(name: str, target: str, **kwargs: Any) -> dict[str, Any]:
    """Give a job to the minions of a target, as the master allows it (`peer`), and take it out of this schedule.

    test
        Only say what would be done.

    CLI Example::

        saltern run '*' schedule.move job1 'web*'
    """
    ret = _given_away(name, target, kwargs, "moved from schedule.", "Moved Job {} from schedule.")
    if ret["result"] and ret.get("minions"):
        _removed(name, kwargs)
    return ret


def postpone_job(name: str, current_time: str, new_time: str, **kwargs: Any) -> dict[str, Any]:
    """Let a job run at another time than the one at which it is due.

    current_time, new_time
        Local times.
    time_fmt
        Their format, otherwise `%Y-%m-%dT%H:%M:%S`.

    CLI Example::

        saltern run '*' schedule.postpone_job job1 2026-12-24T12:00:00 2026-12-24T18:00:00
    """
    form = kwargs.get("time_fmt", _FORMAT)
    if why := _why_not_then(name, form, current_time, new_time):
        return _refused(why)
    told = f"Postponed Job {name} in schedule."
    return _done(told, "postpone", name=name, moment=current_time, later=new_time, form=form)


def skip_job(name: str, current_time: str, **kwargs: Any) -> dict[str, Any]:
    """Leave a job out at a time at which it is due.

    current_time
        A local time.
    time_fmt
        Its format, otherwise `%Y-%m-%dT%H:%M:%S`.

    CLI Example::

        saltern run '*' schedule.skip_job job1 2026-12-24T12:00:00
    """
    form = kwargs.get("time_fmt", _FORMAT)
    if why := _why_not_then(name, form, current_time):
        return _refused(why)
    return _done(f"Added Skip Job {name} in schedule.", "skip", name=name, moment=current_time, form=form)


def show_next_fire_time(name: str, **kwargs: Any) -> dict[str, Any]:
    """When a job is due next, as local time.

    time_fmt
        The format, otherwise `%Y-%m-%dT%H:%M:%S`.

    CLI Example::

        saltern run '*' schedule.show_next_fire_time job1
    """
    status = job_status(name, time_fmt=kwargs.get("time_fmt", _FORMAT))
    return {"result": True, "next_fire_time": status.get("_next_fire_time")}


def job_status(name: str, time_fmt: str = _FORMAT) -> dict[str, Any]:
    """A job with what is known of its last and its next run; empty where there is none.

    CLI Example::

        saltern run '*' schedule.job_status job1
    """
    try:
        found: dict[str, Any] = _ask("status", name=name, form=time_fmt)
    except Unreachable as error:
        raise CommandExecutionError(error.message) from error
    return found


# --- what they have in common ---------------------------------------------------------------------------------------


def _ask(verb: str, **args: Any) -> Any:
    if __own_minion__ is None:
        raise SaltInvocationError("There is no minion here whose schedule this could be.")
    return __own_minion__("schedule", verb, args)


def _done(comment: str, verb: str, **args: Any) -> dict[str, Any]:
    """Ask for something that only a running minion can do."""
    try:
        _ask(verb, **args)
    except Unreachable as error:
        return _refused(error.message)
    return {"comment": comment, "result": True}


def _refused(comment: str) -> dict[str, Any]:
    return {"comment": comment, "result": False}


def _nothing() -> dict[str, Any]:
    return {"comment": "", "result": False, "changes": {}}


def _names() -> list[str]:
    return [name for name, job in list_(return_yaml=False).items() if isinstance(job, dict) and "function" in job]


def _why_not(name: str, job: Mapping[str, Any]) -> str:
    """What is wrong with a job, or with the options that it was to be built from."""
    if "result" in job:
        told = str(job["comment"])
        return f"Error: {told}" if told == _CONFLICT else told
    return str(_ask("check", name=name, job=job))


def _why_not_then(name: str, form: str, *moments: str) -> str:
    from datetime import datetime

    try:
        for moment in moments:
            datetime.strptime(str(moment), form)  # noqa: DTZ007  (local time)
    except ValueError:
        return "Date string could not be parsed."
    return "" if name in list_(show_all=True, return_yaml=False) else _MISSING.format(name)


def _removed(name: str, options: Mapping[str, Any]) -> bool:
    try:
        _ask("remove", name=name, persist=options.get("persist", True))
    except ArgumentError:
        return False  # it is in the pillar
    return True


def _turn(name: str, options: Mapping[str, Any], *, on: bool) -> dict[str, Any]:
    ret = _nothing()
    if name not in list_(show_all=True, return_yaml=False):
        return ret | {"comment": _MISSING.format(name)}
    word = "enabled" if on else "disabled"
    if options.get("test"):
        return ret | {"comment": f"Job: {name} would be {word} in schedule.", "result": True}
    _ask("enable", name=name, enabled=on, persist=options.get("persist", True))
    return {"comment": f"{word.capitalize()} Job {name} in schedule.", "result": True, "changes": {name: word}}


def _turn_all(options: Mapping[str, Any], *, on: bool) -> dict[str, Any]:
    word = "enabled" if on else "disabled"
    if options.get("test"):
        return {"comment": f"Schedule would be {word}.", "changes": {}, "result": True}
    _ask("enable", enabled=on, persist=options.get("persist", True))
    return {"comment": f"{word.capitalize()} schedule on minion.", "changes": {"schedule": word}, "result": True}


def _given_away(name: str, target: str, options: Mapping[str, Any], would: str, done: str) -> dict[str, Any]:
    job = list_(show_all=True, return_yaml=False).get(name)
    if job is None:
        return _refused(_MISSING.format(name))
    if options.get("test"):
        return {"comment": f"Job: {name} would be {would.format(target)}", "result": True}
    renamed = {"args": "job_args", "kwargs": "job_kwargs"}
    words = [f"{renamed.get(key, key)}={_word(value)}" for key, value in job.items() if key != "name"]
    answers = __salt__["publish.publish"](target, "schedule.add", [name, *words])
    if not answers:
        return {"comment": "no servers answered the published schedule.add command", "result": True}
    failed = [minion for minion, answer in answers.items() if not _is_added(answer)]
    if failed:
        told = "the following minions could not add the job: " + ", ".join(sorted(failed))
        return {"comment": told, "errors": failed, "result": False}
    return {"comment": done.format(name), "minions": list(answers), "result": True}


def _is_added(answer: Any) -> bool:
    return isinstance(answer, dict) and bool(answer.get("result"))


def _word(value: Any) -> str:
    """A value as it is typed on a command line."""
    import json

    return value if isinstance(value, str) else json.dumps(value)


def _as_yaml(shown: Mapping[str, Any]) -> str:
    from saltern.plugin_api.yaml.dump import dump_yaml

    return dump_yaml({"schedule": dict(shown)}, sort_keys=True)
