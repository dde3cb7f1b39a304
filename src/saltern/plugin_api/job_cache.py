"""A store of jobs as a returner: Salt's functions over one object (behaviours RET-06, MJC-12).

A returner gives its module these functions by one line::

    globals().update(job_cache_functions(__name__, _opened, lambda: __opts__))
"""

from __future__ import annotations

from datetime import UTC, datetime

from saltern.plugin_api.job_loads import new_jid, newest, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any, Protocol

    from saltern.plugin_api.types import Opts
else:
    Protocol = object


class JobCache(Protocol):
    """What a store does. Loads and returns are Salt's dictionaries."""

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        """Store returns, all or none; one of the same job and minion that is there already stays as it is."""

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        """Store the load of a job; of a jid that is there the first load stays."""

    def store_many(self, loads: Sequence[tuple[str, Mapping[str, Any]]], rets: Sequence[Mapping[str, Any]]) -> None:
        """Both for any number of jobs, all or none; asked of those only that store `together`."""

    def load(self, jid: str) -> dict[str, Any]:
        """The load of a job, empty when it is not known."""

    def returns(self, jid: str) -> dict[str, Any]:
        """The whole returns of a job by minion."""

    def last_of(self, fun: str) -> dict[str, Any]:
        """The last return of each minion for a function."""

    def instances(self) -> dict[str, dict[str, Any]]:
        """All jobs as lists of jobs show them, oldest first."""

    def minions(self) -> list[str]:
        """The ids of all minions that ever returned something."""

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> bool | None:
        """Drop what is older than that (0: nothing); with `archive` move it away, where the store can.

        True when there is more to do, which a later call does."""

    def add_events(self, events: Sequence[Mapping[str, Any]], master: str) -> None:
        """Store events, each a tag with its data; asked of those only that store events."""


class Opened(Protocol):
    """Opens a store for a call; a return is given where its `ret_config` and `ret_kwargs` may say which store."""

    def __call__(self, ret: Mapping[str, Any] | None, /) -> AbstractContextManager[Any]: ...


def job_cache_functions(
    module: str, opened: Opened, opts: Callable[[], Opts], *, events: bool = False, together: bool = False
) -> dict[str, Callable[..., Any]]:
    """The functions of the returner `module` over the store that `opened` opens.

    With `events` also `event_return`, with `together` also `store_many`.
    """
    found = [*_writing(opened), *_reading(opened), *_keeping(opened, opts)]
    if together:
        found.append(_store_many(opened))
    if events:
        found.append(_event_return(opened, opts))
    for function in found:
        # A loader offers the functions that are a module's own.
        function.__module__ = module
        function.__qualname__ = function.__name__
    return {function.__name__: function for function in found}


def _writing(opened: Opened) -> list[Callable[..., Any]]:
    def returner(ret: dict[str, Any]) -> None:
        """Store one return."""
        with opened(ret) as cache:
            cache.add_returns([without_secrets(ret)])

    def returner_many(rets: list[dict[str, Any]]) -> None:
        """Store several returns, all or none."""
        for alike in _by_options(rets):
            with opened(alike[0]) as cache:
                cache.add_returns([without_secrets(ret) for ret in alike])

    def save_load(jid: str, load: dict[str, Any], minions: list[str] | None = None) -> None:  # noqa: ARG001
        """Store the load of a job; a jid that is there keeps its load."""
        with opened(None) as cache:
            cache.save_load(jid, load)

    def save_minions(jid: str, minions: list[str], syndic_id: str | None = None) -> None:
        """The minions of a job are not stored beside its returns."""

    return [returner, returner_many, save_load, save_minions]


def _reading(opened: Opened) -> list[Callable[..., Any]]:
    def get_load(jid: str) -> dict[str, Any]:
        """The load of a job, empty when it is not known."""
        with opened(None) as cache:
            return dict(cache.load(jid))

    def get_jid(jid: str) -> dict[str, Any]:
        """The whole returns of a job by minion."""
        with opened(None) as cache:
            return dict(cache.returns(jid))

    def get_fun(fun: str) -> dict[str, Any]:
        """The last return of each minion for a function."""
        with opened(None) as cache:
            return dict(cache.last_of(fun))

    def get_jids() -> dict[str, dict[str, Any]]:
        """All jobs, as `jobs.list_jobs` shows them."""
        with opened(None) as cache:
            return dict(cache.instances())

    def get_jids_filter(count: int, filter_find_job: bool = True) -> list[dict[str, Any]]:
        """The newest jobs, oldest first, each with its `JID`."""
        return newest(get_jids(), count, filter_find_job=filter_find_job)

    def get_minions() -> list[str]:
        """The ids of all minions that ever returned something."""
        with opened(None) as cache:
            return list(cache.minions())

    return [get_load, get_jid, get_fun, get_jids, get_jids_filter, get_minions]


def _keeping(opened: Opened, opts: Callable[[], Opts]) -> list[Callable[..., Any]]:
    def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:  # noqa: ARG001
        """The jid of a new job."""
        return new_jid(passed_jid)

    def clean_some_old_jobs() -> bool:
        """As `clean_old_jobs`, but for a short time only; true when there is more to do, which the next call does."""
        keep = float(opts().get("keep_jobs_seconds", 86_400))
        with opened(None) as cache:
            return bool(cache.expire(keep, datetime.now(UTC), archive=bool(opts().get("archive_jobs", False))))

    def clean_old_jobs() -> None:
        """Drop what is older than `keep_jobs_seconds`; with `archive_jobs` move it away, where the store can."""
        while clean_some_old_jobs():
            pass

    return [prep_jid, clean_old_jobs, clean_some_old_jobs]


def _store_many(opened: Opened) -> Callable[..., Any]:
    def store_many(loads: list[dict[str, Any]], rets: list[dict[str, Any]]) -> None:
        """Store loads (each `jid`, `load`, `minions`) and returns, all or none."""
        with opened(None) as cache:
            cache.store_many([(one["jid"], one["load"]) for one in loads], [without_secrets(ret) for ret in rets])

    return store_many


def _event_return(opened: Opened, opts: Callable[[], Opts]) -> Callable[..., Any]:
    def event_return(events: list[dict[str, Any]]) -> None:
        """Store events, each a tag with its data."""
        with opened(None) as cache:
            cache.add_events(events, str(opts().get("id", "")))

    return event_return


def _by_options(rets: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Runs of returns that go to the same store."""
    runs: list[list[dict[str, Any]]] = []
    for ret in rets:
        if runs and _options_of(runs[-1][0]) == _options_of(ret):
            runs[-1].append(ret)
        else:
            runs.append([ret])
    return runs


def _options_of(ret: Mapping[str, Any]) -> tuple[Any, Any]:
    return ret.get("ret_config"), ret.get("ret_kwargs")
