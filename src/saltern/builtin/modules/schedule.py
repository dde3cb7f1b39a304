"""Jobs of the configuration's `schedule`. Nothing runs them yet: there is no scheduler in this release."""

from __future__ import annotations

from saltern.plugin_api import Opts, Pillar, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__pillar__: Pillar

__func_alias__ = {"list_": "list"}

_TIMES = ("seconds", "minutes", "hours", "days")
_OPTIONS = (
    "range", "when", "once", "once_fmt", "cron", "returner", "after", "return_config", "return_kwargs", "until",
    "run_on_start", "skip_during_range", "metadata", "splay", "return_job",
)  # fmt: skip


def list_(
    show_all: bool = False,
    show_disabled: bool = True,
    where: str | None = None,
    return_yaml: bool = True,
    offline: bool = False,
) -> Any:
    """The jobs of the schedule, as YAML or as data; `where` is `opts` or `pillar` for those of one place.

    CLI Example::

        saltern run '*' schedule.list
        saltern run '*' schedule.list return_yaml=False where=pillar
    """
    import yaml

    places = {"opts": __opts__.get("schedule") or {}, "pillar": __pillar__.get("schedule") or {}}
    if where is not None and where not in places:
        raise SaltInvocationError("where must be opts or pillar")
    known: dict[str, Any] = {}
    for name, jobs in places.items():
        if where in (None, name):
            known.update({key: job for key, job in jobs.items() if isinstance(job, dict)})
    shown = {
        name: {**job, "enabled": job.get("enabled", True)}
        for name, job in known.items()
        if (show_all or not name.startswith("__")) and (show_disabled or job.get("enabled", True))
    }
    if not return_yaml:
        return shown
    return yaml.safe_dump({"schedule": shown}, default_flow_style=False, sort_keys=True)


def is_enabled(name: str | None = None) -> Any:
    """Whether a job of the schedule is enabled, or the schedule as a whole.

    CLI Example::

        saltern run '*' schedule.is_enabled name=job_name
    """
    known = list_(show_all=True, return_yaml=False)
    if name is not None:
        return bool(known.get(name, {}).get("enabled", False))
    return bool((__opts__.get("schedule") or {}).get("enabled", True))


def build_schedule_item(name: str, **kwargs: Any) -> dict[str, Any]:
    """A job of a schedule from its options, as configurations hold it; what is wrong with them as a comment.

    CLI Example::

        saltern run '*' schedule.build_schedule_item job1 function='test.ping' seconds=3600
    """
    if not name:
        return {"comment": "Job name is required.", "result": False}
    times = [one for one in _TIMES if one in kwargs]
    if times and ("when" in kwargs or "cron" in kwargs):
        told = 'Unable to use "seconds", "minutes", "hours", or "days" with "when" or "cron" options.'
        return {"comment": told, "result": False}
    if "when" in kwargs and "cron" in kwargs:
        return {"comment": 'Unable to use "when" and "cron" options together. Ignoring.', "result": False}
    item: dict[str, Any] = {"function": kwargs.get("function", name)}
    item |= {one: kwargs[one] for one in times}
    item |= {"maxrunning": kwargs.get("maxrunning", 1), "name": kwargs.get("name", name)}
    item |= {"enabled": kwargs.get("enabled", True), "jid_include": kwargs.get("jid_include", True)}
    if "job_args" in kwargs:
        if not isinstance(kwargs["job_args"], list):
            return {"comment": "job_args is not a list. please correct and try again.", "result": False}
        item["args"] = kwargs["job_args"]
    if "job_kwargs" in kwargs:
        if not isinstance(kwargs["job_kwargs"], dict):
            return {"comment": "job_kwargs is not a dict. please correct and try again.", "result": False}
        item["kwargs"] = kwargs["job_kwargs"]
    return {**item, **{one: kwargs[one] for one in _OPTIONS if one in kwargs}}
