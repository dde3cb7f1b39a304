"""Look at jobs that run and at those that ran: the job cache."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from saltern.plugin_api import CommandExecutionError, SaltInvocationError
from saltern.plugin_api.returner_history import ReturnerHistory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from saltern.plugin_api import Functions, Opts
    from saltern.plugin_api.history import JobHistory

__opts__: Opts
__ret__: Functions
__jobs__: JobHistory

_OWN_CACHES = ("", "local_cache", "salt_cache", "sqlite", "memory")
_FIND_JOB = "saltutil.find_job"
_TIME_FORMATS = (
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y, %b %d %H:%M:%S.%f",
    "%Y, %b %d %H:%M:%S",
    "%Y %b %d",
    "%Y %b %d %H:%M",
    "%Y %b %d %H:%M:%S",
    "%d %b %Y",
    "%d %b %Y %H:%M",
    "%d %b %Y %H:%M:%S",
    "%b %d %Y",
    "%b %d %Y %H:%M",
    "%b %d %Y %H:%M:%S",
    "%b %d, %Y",
    "%b %d, %Y %H:%M",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
)


def active(outputter: str | None = None, display_progress: bool = False) -> dict[str, Any]:
    """The jobs that run now, with the minions that run them and those that have returned.

    CLI Example::

        saltern runner jobs.active
    """
    del display_progress  # known from what minions report anyway: there is nothing to wait for
    return _shown(__jobs__.active(), outputter)


def lookup_jid(
    jid: str,
    ext_source: str | None = None,
    returned: bool = True,
    missing: bool = False,
    display_progress: bool = False,
) -> dict[str, Any]:
    """What the minions returned for a job.

    jid
        The job id.
    ext_source
        The job cache to read; the default is the configured one.
    returned
        Show the minions that returned.
    missing
        Show the minions that did not.

    CLI Example::

        saltern runner jobs.lookup_jid 20261122085142537545
        saltern runner jobs.lookup_jid 20261122085142537545 missing=True
    """
    job = list_job(jid, ext_source=ext_source, display_progress=display_progress)
    results = job["Result"]
    data = {minion: result["return"] for minion, result in results.items()} if returned else {}
    if missing:
        data |= {minion: "Minion did not return" for minion in job.get("Minions", []) if minion not in results}
    outputter = next((result["out"] for result in results.values() if result.get("out")), None)
    return _shown(data, outputter)


def list_job(jid: str, ext_source: str | None = None, display_progress: bool = False) -> dict[str, Any]:
    """One job with its minions and their returns.

    CLI Example::

        saltern runner jobs.list_job 20261122085142537545
    """
    del display_progress
    jid = str(jid)
    history = _history(ext_source)
    job = {"jid": jid, **history.instance(jid), "Result": history.returns(jid)}
    if __opts__.get("job_cache_store_endtime") and (ended := history.end_time(jid)):
        job["EndTime"] = ended
    return job


def list_jobs(
    ext_source: str | None = None,
    outputter: str | None = None,
    search_metadata: dict[str, Any] | None = None,
    search_function: str | list[str] | None = None,
    search_target: str | list[str] | None = None,
    start_time: Any = None,
    end_time: Any = None,
    display_progress: bool = False,
) -> dict[str, Any]:
    """The jobs in the job cache. All conditions that are given must hold.

    search_metadata
        A dictionary: jobs that have at least one of its pairs in their metadata.
    search_function
        A glob on the function, or several, as a list or joined by commas.
    search_target
        A glob on the target, or several.
    start_time, end_time
        Only jobs started at these times or between them: a date, a time with a date, a jid, or seconds since 1970.
        Times without a zone are UTC.

    CLI Example::

        saltern runner jobs.list_jobs
        saltern runner jobs.list_jobs search_function='test.*,pkg.install'
        saltern runner jobs.list_jobs search_target='web*' start_time='2026-11-22 08:00'
        saltern runner jobs.list_jobs search_metadata='{"release": 7}'
    """
    del display_progress
    found = _history(ext_source).instances(
        functions=_globs(search_function),
        targets=_globs(search_target),
        metadata=_metadata(search_metadata, "search_metadata"),
        since=_seconds(start_time, "start_time"),
        until=_seconds(end_time, "end_time"),
    )
    return _shown(found, outputter)


def list_jobs_filter(
    count: int,
    filter_find_job: bool = True,
    ext_source: str | None = None,
    outputter: str | None = None,
    display_progress: bool = False,
) -> Any:
    """The newest jobs, oldest first.

    count
        How many.
    filter_find_job
        Leave out those that only look for another job.

    CLI Example::

        saltern runner jobs.list_jobs_filter 50
        saltern runner jobs.list_jobs_filter 100 filter_find_job=False
    """
    del display_progress
    if int(count) < 1:
        raise SaltInvocationError("count must be 1 or more")
    hidden = (_FIND_JOB,) if filter_find_job else ()
    found = _history(ext_source).instances(not_functions=hidden, limit=int(count))
    rows = [{"JID": jid, **instance} for jid, instance in found.items()]
    return {"outputter": outputter, "data": rows} if outputter else rows


def print_job(jid: str, ext_source: str | None = None) -> dict[str, Any]:
    """One job with its returns, by its jid.

    CLI Example::

        saltern runner jobs.print_job 20261122085142537545
    """
    job = list_job(jid, ext_source=ext_source)
    return {job.pop("jid"): job}


def exit_success(jid: str, ext_source: str | None = None) -> dict[str, bool]:
    """Whether each minion returned something that counts as true; one that did not return counts as false.

    CLI Example::

        saltern runner jobs.exit_success 20261122085142537545
    """
    job = list_job(jid, ext_source=ext_source)
    results = job["Result"]
    return {
        minion: bool(results[minion]["return"]) if minion in results else False
        for minion in sorted({*job.get("Minions", []), *results})
    }


def last_run(
    ext_source: str | None = None,
    outputter: str | None = None,
    metadata: dict[str, Any] | None = None,
    function: str | list[str] | None = None,
    target: str | list[str] | None = None,
    display_progress: bool = False,
) -> Any:
    """The newest job that fits, with its returns; False when none does.

    CLI Example::

        saltern runner jobs.last_run
        saltern runner jobs.last_run function=state.apply target='web*'
        saltern runner jobs.last_run metadata='{"release": 7}'
    """
    del display_progress
    found = _history(ext_source).instances(
        functions=_globs(function), targets=_globs(target), metadata=_metadata(metadata, "metadata"), limit=1
    )
    if not found:
        return False
    return _shown(print_job(next(iter(found)), ext_source=ext_source), outputter)


def master() -> list[dict[str, Any]]:
    """The runner functions that run on the master now.

    CLI Example::

        saltern runner jobs.master
    """
    return __jobs__.runners()


def _history(ext_source: str | None) -> JobHistory | ReturnerHistory:
    """The cache to read: an external one that is configured, else the one that was asked for, else the master's."""
    configured = str(__opts__.get("ext_job_cache") or "")
    name = configured or ext_source or str(__opts__.get("master_job_cache") or "")
    if name in _OWN_CACHES:
        return __jobs__
    history = ReturnerHistory(__ret__, name)
    if history.can_be_read():
        return history
    if name == ext_source:
        raise CommandExecutionError(f"The job cache {name!r} cannot be read; the master's own is local_cache")
    # A returner that only writes, or whose library the master lacks: the record knows every outcome all the same.
    return __jobs__


def _shown(data: dict[str, Any], outputter: str | None) -> dict[str, Any]:
    return {"outputter": outputter, "data": data} if outputter else data


def _globs(given: str | Iterable[str] | None) -> list[str]:
    if given is None:
        return []
    parts = given.split(",") if isinstance(given, str) else [str(part) for part in given]
    return [part.strip() for part in parts if part.strip()]


def _metadata(given: Any, name: str) -> dict[str, Any] | None:
    if given is None or isinstance(given, dict):
        return given
    raise SaltInvocationError(f"The {name} parameter must be specified as a dictionary")


def _seconds(given: Any, name: str) -> float | None:
    """A moment in any usual form, as seconds since 1970."""
    if given is None or given == "":
        return None
    if isinstance(given, datetime):
        return _utc(given)
    if isinstance(given, date):
        return datetime(given.year, given.month, given.day, tzinfo=UTC).timestamp()
    text = " ".join(str(given).split())
    for read in (_from_jid, _from_number, _from_iso, _from_words):
        if (moment := read(text)) is not None:
            return moment
    raise SaltInvocationError(f"{name}: {text!r} is no time that can be read; write it as 2026-11-22 08:51:42")


def _from_jid(text: str) -> float | None:
    if not re.fullmatch(r"\d{20}(_\d+)?", text):
        return None
    try:
        return _utc(datetime.strptime(text[:20], "%Y%m%d%H%M%S%f"))  # noqa: DTZ007  (`_utc` sets the zone)
    except ValueError:
        return None


def _from_number(text: str) -> float | None:
    """Seconds since 1970; eight digits are a date instead."""
    return float(text) if re.fullmatch(r"\d{9,11}(\.\d*)?|0", text) else None


def _from_iso(text: str) -> float | None:
    try:
        return _utc(datetime.fromisoformat(text))
    except ValueError:
        return None


def _from_words(text: str) -> float | None:
    for form in _TIME_FORMATS:
        # strptime reads names of months in full or short, each by its own letter.
        for variant in dict.fromkeys((form, form.replace("%b", "%B"))):
            try:
                return _utc(datetime.strptime(text, variant))  # noqa: DTZ007  (`_utc` sets the zone)
            except ValueError:
                continue
    return None


def _utc(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
