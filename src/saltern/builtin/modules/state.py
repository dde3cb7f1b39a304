"""States: applied, tried, and shown as they are compiled."""

from __future__ import annotations

import os
from pathlib import Path

from saltern.plugin_api import (
    CommandExecutionError,
    Context,
    Functions,
    Grains,
    Opts,
    Pillar,
    SaltInvocationError,
    StateEngine,
    StatesInvalidError,
)
from saltern.plugin_api.state_result import orchestration_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from saltern.plugin_api.state_pauses import StatePauses
    from saltern.plugin_api.types import PackagedStates

    Mods = str | Sequence[str] | None
    """SLS names: a list, or a text in which commas part them."""

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__context__: Context
__state_engine__: StateEngine
__packaged_states__: PackagedStates

__outputter__ = dict.fromkeys(
    (
        "apply", "apply_", "sls", "sls_id", "highstate", "single", "high", "low", "template", "template_str", "top",
        "pkg", "test", "request", "run_request",
    ),
    "highstate",
)  # fmt: skip
__func_alias__ = {"apply_": "apply"}

_NO_STATES = "No states found for this minion"
_NO_MATCHES = "No Top file or master_tops data matches found. Please see master log for details."
_PILLAR_FAILED, _STATE_FAILED, _BROKEN = 5, 2, 1
_ANY_PILLAR = {"force": True}
"""States that are given outright, and not in a file, are applied even if the pillar has faults."""


# --- apply ----------------------------------------------------------------------------------------------------------


def apply_(mods: Mods = None, **kwargs: Any) -> Any:
    """Apply SLS files, or without any the states of the top file: `state.sls` and `state.highstate` in one.

    CLI Example::

        saltern run '*' state.apply
        saltern run '*' state.apply nginx,php test=True
    """
    return sls(mods, **kwargs) if mods else highstate(**kwargs)


def sls(
    mods: Mods,
    test: bool | None = None,
    exclude: Any = None,
    queue: bool | int | None = None,
    sync_mods: Any = None,
    state_events: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Apply SLS files: a list, or names parted by commas, globs among them.

    With `test` nothing is changed, and results tell what would. `saltenv` is the environment of the files; `pillar` is
    laid over the minion's pillar, which `pillarenv` takes from another environment. `exclude` leaves out SLS files or
    ids. While other states run this is refused, unless `queue` lets it wait or `concurrent` lets it run beside them.
    `force` runs although the pillar has errors. With `cache` what the first such run compiled is applied, without a
    look at the files, until `state.clear_cache`; `cache_name` tells one such thing from another.

    CLI Example::

        saltern run '*' state.sls core,edit.vim
        saltern run '*' state.sls web exclude='[{"id": "restart"}]' pillar='{"port": 8080}'
    """
    names = _listed(mods) or [""]  # which is found nowhere, and told so
    disabled = _disabled(names)
    if disabled:
        return _failed(disabled)

    def low() -> list[dict[str, Any]]:
        if sync_mods:
            _sync(sync_mods)
        return __state_engine__.low(_high({_env(kwargs.get("saltenv")): names}, exclude, kwargs))

    return _run(low, test=test, queue=queue, events=state_events, **_wishes(kwargs))


def highstate(
    test: bool | None = None,
    queue: bool | int | None = None,
    state_events: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Apply the states that the top file has for this minion.

    Beside what `state.sls` takes there is `whitelist`, which keeps these SLS files only, and `terse`, which leaves out
    what is as it should be.

    CLI Example::

        saltern run '*' state.highstate
        saltern run '*' state.highstate whitelist=sls1_to_run,sls2_to_run
    """
    if _disabled(["highstate"]):
        return {
            "name": "Salt highstate run is disabled. To re-enable, run state.enable highstate",
            "result": "False",
            "comment": "Disabled",
        }
    return _of_top("", test, queue, kwargs, keeping=kwargs, events=state_events)


def orchestrate(
    mods: Mods,
    saltenv: str = "base",
    test: bool | None = None,
    exclude: Any = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
) -> dict[str, Any]:
    """Run SLS files as an orchestration from this host, as the runner of this name does on the master.

    Its stages are asked of the master on this host, in the name of the user who runs this.

    CLI Example::

        saltern run '*' state.orchestrate webserver
        saltern run '*' state.orchestrate webserver saltenv=dev test=True
    """
    wishes = {"saltenv": saltenv, "exclude": exclude, "pillar": pillar, "pillarenv": pillarenv}
    results = sls(mods, test, concurrent=True, **{name: value for name, value in wishes.items() if value is not None})
    return orchestration_of(__opts__["id"], results)


def top(
    topfn: str,
    test: bool | None = None,
    queue: bool | int | None = None,
    **kwargs: Any,
) -> Any:
    """Apply the states of another top file than the configured one.

    CLI Example::

        saltern run '*' state.top reverse_top.sls
    """
    return _of_top(topfn, test, queue, {**kwargs, "whitelist": None})


def single(
    fun: str,
    name: Any,
    test: bool | None = None,
    queue: bool | int | None = None,
    **kwargs: Any,
) -> Any:
    """Run one state function with its arguments.

    CLI Example::

        saltern run '*' state.single pkg.installed name=vim
    """
    module, dot, function = str(fun).partition(".")
    if not dot:
        __context__["retcode"] = _BROKEN
        return "Invalid function passed"
    if not _has_state(fun):
        return _failed([f"Specified state '{fun}' was not found"])
    own = ("pillar", "pillarenv", "mock")
    given = {key: value for key, value in kwargs.items() if not key.startswith("__pub_") and key not in own}
    chunk = {"state": module, "fun": function, "name": name, "__sls__": None, "__env__": _env(kwargs.get("saltenv"))}
    chunk |= {**given, "__id__": given.get("__id__", name), "order": 10_000}
    lacking = [f"Missing parameter {one} for state {fun}" for one in _required(fun) if one not in chunk]
    if lacking:
        return _failed(lacking)
    wishes = _wishes({key: kwargs.get(key) for key in own} | _ANY_PILLAR)
    return _run(lambda: [chunk], test=test, queue=queue, **wishes)


def low(data: dict[str, Any], queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Run one low chunk; its result without the tag.

    CLI Example::

        saltern run '*' state.low '{"state": "pkg", "fun": "installed", "name": "vi"}'
    """
    missing = [key for key in ("state", "fun", "name") if key not in data]
    if missing:
        return _failed([f'Missing "{key}" data' for key in missing])
    fun = f"{data['state']}.{data['fun']}"
    if not _has_state(fun):
        return _failed([f"Specified state '{fun}' was not found"])
    chunk = {"__sls__": None, "__env__": "base", "__id__": data["name"], "order": 10_000, **data}
    wishes = _wishes({"mock": kwargs.get("mock")} | _ANY_PILLAR)
    results = _run(lambda: [chunk], test=kwargs.get("test"), queue=queue, **wishes)
    return next(iter(results.values())) if isinstance(results, dict) else results


def high(data: Any, test: bool | None = None, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Run high data: ids to states.

    CLI Example::

        saltern run '*' state.high '{"vim": {"pkg": ["installed"]}}'
    """
    if not isinstance(data, dict):
        return _failed(["High data is not a dictionary and is invalid"])
    engine = __state_engine__
    wishes = _wishes(kwargs | _ANY_PILLAR)
    return _run(lambda: engine.low(engine.high_of_data(data)), test=test, queue=queue, **wishes)


def template(tem: str, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Apply a file of the minion that has the form of an SLS file.

    CLI Example::

        saltern run '*' state.template /root/my_state.sls
    """
    place = Path(tem if tem.endswith(".sls") else f"{tem}.sls")
    if not place.is_file():
        place = Path(tem)
    try:
        text = place.read_text()
    except FileNotFoundError:
        return _failed([f"Specified SLS {place}.sls on local filesystem cannot be found."])
    except OSError as error:
        raise CommandExecutionError(f"{place} cannot be read: {error.strerror}") from error
    return _run_text(text, str(place), queue, kwargs)


def template_str(tem: str, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Apply a text that has the form of an SLS file.

    CLI Example::

        saltern run '*' state.template_str '"a: {test.nop: []}"'
    """
    return _run_text(tem, "", queue, kwargs | _ANY_PILLAR)


def pkg(
    pkg_path: str,
    pkg_sum: str,
    hash_type: str,
    test: bool | None = None,
    queue: bool | int | None = None,
    **kwargs: Any,
) -> Any:
    """Run a package of states: an archive on this machine with chunks, their files, pillar and grains.

    Nothing is run unless the archive has the digest `pkg_sum` of the kind `hash_type`.

    CLI Example::

        saltern run '*' state.pkg /tmp/salt_state.tgz 760a9353810e36f6d81416366fc426dc md5
    """
    from saltern.plugin_api.state_package import opened_package

    archive = Path(pkg_path)
    if not archive.is_file():
        raise CommandExecutionError(f"There is no state package {pkg_path}")
    try:
        found = __salt__["file.get_hash"](pkg_path, hash_type)
    except ValueError as error:
        raise CommandExecutionError(f"There is no hash named {hash_type}") from error
    if found != pkg_sum:
        raise CommandExecutionError(f"The {hash_type} of {pkg_path} is {found}, and not {pkg_sum}: it is not run")
    with opened_package(archive) as package:
        trial = _is_trial(test)
        return _in_turn(lambda: __packaged_states__.run(package, test=trial), queue=queue)


def sls_id(
    id_: str,
    mods: Mods,
    test: bool | None = None,
    queue: bool | int | None = None,
    state_events: bool | None = None,
    **kwargs: Any,
) -> Any:
    """Apply one id of SLS files, and what it needs.

    CLI Example::

        saltern run '*' state.sls_id my_state my_module
    """

    env = _env(kwargs.get("saltenv"))

    def chunks() -> list[dict[str, Any]]:
        low = __state_engine__.low(__state_engine__.high({env: _listed(mods)}))
        found = __state_engine__.needed(low, id_)
        if not found:
            shown = ", ".join(_listed(mods))
            raise SaltInvocationError(f"No matches for ID '{id_}' found in SLS '{shown}' within saltenv '{env}'")
        return found

    return _run(chunks, test=test, queue=queue, events=state_events, **_wishes(kwargs))


def test(*args: Any, **kwargs: Any) -> Any:
    """Tell what `state.apply` with these arguments would change.

    CLI Example::

        saltern run '*' state.test nginx
    """
    return apply_(*args, **{**kwargs, "test": True})


# --- show -----------------------------------------------------------------------------------------------------------


def show_top(queue: bool | int | None = None, **kwargs: Any) -> Any:
    """The SLS files that the top file has for this minion, by environment.

    CLI Example::

        saltern run '*' state.show_top
    """
    return _shown(lambda: __state_engine__.tops(_allowed(kwargs.get("saltenv"))), kwargs.get("pillar"))


def show_highstate(queue: bool | int | None = None, **kwargs: Any) -> Any:
    """The high data of the states that the top file has for this minion.

    CLI Example::

        saltern run '*' state.show_highstate
    """
    engine = __state_engine__
    found = _shown(
        lambda: engine.gathered(engine.tops(_allowed(kwargs.get("saltenv"))), checked=False), kwargs.get("pillar")
    )
    if not found or "__exclude__" in found:
        __context__["retcode"] = _BROKEN
    return found


def show_lowstate(queue: bool | int | None = None, **kwargs: Any) -> Any:
    """The low chunks of the states that the top file has for this minion, in the order of the run.

    CLI Example::

        saltern run '*' state.show_lowstate
    """
    return _shown(
        lambda: __state_engine__.low_shown(_high_of_top(_allowed(kwargs.get("saltenv")))), kwargs.get("pillar"), 0
    )


def show_sls(mods: Mods, test: bool | None = None, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """The high data of SLS files.

    CLI Example::

        saltern run '*' state.show_sls core,edit.vim saltenv=dev
    """
    return _shown(lambda: __state_engine__.gathered(_asked(mods, kwargs)), kwargs.get("pillar"), test=test)


def show_low_sls(mods: Mods, test: bool | None = None, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """The low chunks of SLS files, in the order of the run.

    CLI Example::

        saltern run '*' state.show_low_sls web
    """
    engine = __state_engine__
    return _shown(lambda: engine.low_shown(engine.gathered(_asked(mods, kwargs))), kwargs.get("pillar"), test=test)


def graph(mods: Mods, test: bool | None = None, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """What needs what among the states of SLS files, in the language of Graphviz.

    An arrow leads from what is needed to what needs it. States that others try first (`prereq`) are there twice.

    CLI Example::

        saltern run '*' state.graph web --out newline_values_only
    """
    engine = __state_engine__
    return _shown(lambda: engine.graph(engine.gathered(_asked(mods, kwargs))), kwargs.get("pillar"))


def graph_highstate(queue: bool | int | None = None, **kwargs: Any) -> Any:
    """The same as `state.graph` for the states that the top file has for this minion.

    CLI Example::

        saltern run '*' state.graph_highstate --out newline_values_only
    """
    engine = __state_engine__
    return _shown(
        lambda: engine.graph(engine.gathered(engine.tops(_allowed(kwargs.get("saltenv"))))), kwargs.get("pillar")
    )


def show_states(queue: bool | int | None = None, **kwargs: Any) -> Any:
    """The SLS files whose states a highstate runs, in the order of the run.

    CLI Example::

        saltern run '*' state.show_states
    """
    engine = __state_engine__
    env = _allowed(kwargs.get("saltenv"))
    return _shown(lambda: list(dict.fromkeys(one["__sls__"] for one in engine.low_shown(_high_of_top(env)))))


def show_state_usage(queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Which SLS files of each environment the top file names, and which not.

    CLI Example::

        saltern run '*' state.show_state_usage
    """
    tops = __state_engine__.tops()
    found = {}
    for env in __salt__["cp.envs"]():
        used = tops.get(env, ())
        known = list(__salt__["cp.list_states"](saltenv=env))
        not_used = [name for name in known if name not in used]
        found[env] = {
            "used": [name for name in known if name in used],
            "unused": not_used,
            "count_all": len(known),
            "count_used": len(known) - len(not_used),
            "count_unused": len(not_used),
        }
    return found


def sls_exists(mods: Mods, test: bool | None = None, queue: bool | int | None = None, **kwargs: Any) -> bool:
    """Whether these SLS files are there and can be compiled.

    CLI Example::

        saltern run '*' state.sls_exists core,edit.vim
    """
    return isinstance(show_sls(mods, **kwargs), dict)


def id_exists(ids: Mods, mods: Mods, test: bool | None = None, queue: bool | int | None = None, **kwargs: Any) -> bool:
    """Whether these ids are in SLS files.

    CLI Example::

        saltern run '*' state.id_exists create_myfile,update_template filestate
    """
    found = show_low_sls(mods, **kwargs)
    known = {chunk["__id__"] for chunk in found if isinstance(chunk, dict)}
    return set(_listed(ids)) <= known


# --- what runs ------------------------------------------------------------------------------------------------------


def running(concurrent: bool = False) -> list[str]:
    """What keeps states from running now: one text for each job that runs states.

    CLI Example::

        saltern run '*' state.running
    """
    from saltern.plugin_api.running import running_jobs

    if concurrent:
        return []
    jobs = running_jobs(str(__opts__.get("cachedir", "")))
    return [
        f'The function "{job["fun"]}" is running as PID {job["pid"]} and was started at {_started(job["jid"])} with jid'
        f" {job['jid']}"
        for job in jobs
        if str(job.get("fun", "")).startswith("state.") and job["pid"] != os.getpid()
        and str(job["fun"]).partition(".")[2] in _RUNS
    ]  # fmt: skip


_RUNS = ("apply", "sls", "highstate", "single", "low", "high", "template", "template_str", "top", "sls_id", "test",
         "request", "run_request")  # fmt: skip


def clear_cache() -> list[str]:
    """Remove what states kept of former runs; the names of the files.

    CLI Example::

        saltern run '*' state.clear_cache
    """
    folder = Path(str(__opts__.get("cachedir", "")))
    gone = [place for place in folder.glob("*.cache.p") if place.is_file()]
    for place in gone:
        place.unlink()
    return sorted(place.name for place in gone)


# --- pauses ---------------------------------------------------------------------------------------------------------


def pause(jid: str | int, state_id: str | None = None, duration: float | str | None = None) -> None:
    """Have a job that runs states pause before the state of this id, or without one before its next state.

    It goes on after `duration` seconds, or without a duration when `state.resume` says so.

    CLI Example::

        saltern run '*' state.pause 20171130110407769519
        saltern run '*' state.pause 20171130110407769519 vim 20
    """
    try:
        lasting = {} if duration is None else {"duration": float(duration)}
    except ValueError:
        raise SaltInvocationError(f"duration is a number of seconds, not '{duration}'") from None
    if lasting and lasting["duration"].is_integer():
        lasting = {"duration": int(lasting["duration"])}
    _pauses().set(str(jid), state_id, lasting)


def resume(jid: str | int, state_id: str | None = None) -> None:
    """Forget the pause of a job before the state of this id, or without one all its pauses: it goes on.

    CLI Example::

        saltern run '*' state.resume 20171130110407769519
        saltern run '*' state.resume 20171130110407769519 vim
    """
    _pauses().end(str(jid), state_id)


def soft_kill(jid: str | int, state_id: str | None = None) -> None:
    """Have a job that runs states end before the state of this id, or without one before its next state.

    What runs at this moment is not disturbed, and the job returns the results up to there.

    CLI Example::

        saltern run '*' state.soft_kill 20171130110407769519
        saltern run '*' state.soft_kill 20171130110407769519 vim
    """
    _pauses().set(str(jid), state_id, {"kill": True})


def get_pauses(jid: str | int | None = None) -> dict[str, Any]:
    """The pauses that are set for the jobs that run, or for one of them; those of jobs that are over are removed.

    CLI Example::

        saltern run '*' state.get_pauses
        saltern run '*' state.get_pauses jid=20171130110407769519
    """
    from saltern.plugin_api.running import running_jobs

    pauses, found = _pauses(), {}
    active = {str(job.get("jid")) for job in running_jobs(str(__opts__.get("cachedir", "")))}
    for one in pauses.jids() if jid is None else [str(jid)]:
        if one not in active:
            pauses.end(one)
        elif set_ := pauses.of(one):
            found[one] = set_
    return found


def _pauses() -> StatePauses:
    from saltern.plugin_api.state_pauses import StatePauses

    return StatePauses(str(__opts__.get("cachedir", "")))


# --- requests -------------------------------------------------------------------------------------------------------


def request(mods: Mods = None, **kwargs: Any) -> Any:
    """Tell what applying states would change, and keep the request for `state.run_request`.

    CLI Example::

        saltern run '*' state.request stuff
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__pub_")}
    name = str(given.get("name", "default"))
    results = apply_(mods, **{**given, "test": True})
    _keep_requests({**check_request(), name: {"test_run": results, "mods": mods, "kwargs": {**given, "test": True}}})
    return results


def check_request(name: str | None = None) -> dict[str, Any]:
    """The requests that are kept, or one of them.

    CLI Example::

        saltern run '*' state.check_request
    """
    import msgspec

    place = _requests_file()
    found: dict[str, Any] = msgspec.msgpack.decode(place.read_bytes()) if place.is_file() else {}
    return found.get(name, {}) if name else found


def clear_request(name: str | None = None) -> bool:
    """Forget the requests that are kept, or one of them. False when there are some, and none of that name.

    CLI Example::

        saltern run '*' state.clear_request
    """
    if name is None or not _requests_file().exists():
        _requests_file().unlink(missing_ok=True)
        return True
    known = check_request()
    if known.pop(name, None) is None:
        return False
    _keep_requests(known)
    return True


def run_request(name: str = "default", **kwargs: Any) -> Any:
    """Apply the states of a request, and forget it.

    CLI Example::

        saltern run '*' state.run_request
    """
    kept = check_request(name)
    if not kept:
        return {}
    given = {key: value for key, value in kept["kwargs"].items() if key not in ("name", "test")}
    results = apply_(kept["mods"], **given)
    clear_request(name)
    if not check_request():
        clear_request()
    return results


# --- disabled -------------------------------------------------------------------------------------------------------


def disable(states: Mods) -> dict[str, Any]:
    """Refuse to apply states until they are enabled again: SLS names, globs, or `highstate`.

    CLI Example::

        saltern run '*' state.disable highstate
        saltern run '*' state.disable highstate,test.succeed_without_changes
    """
    known, said = list(list_disabled() or ()), []
    for name in _listed(states):
        if name in known:
            said.append(f"Info: {name} state already disabled.")
        else:
            known.append(name)
            said.append(f"Info: {name} state disabled.")
    __salt__["grains.setval"]("state_runs_disabled", known)
    return {"res": True, "msg": "\n".join(said)}


def enable(states: Mods) -> dict[str, Any]:
    """Let states be applied again that `state.disable` refused.

    CLI Example::

        saltern run '*' state.enable highstate
    """
    known, said = list(list_disabled() or ()), []
    for name in _listed(states):
        if name in known:
            known.remove(name)
            said.append(f"Info: {name} state enabled.")
        else:
            said.append(f"Info: {name} state already enabled.")
    __salt__["grains.setval"]("state_runs_disabled", known)
    return {"res": True, "msg": "\n".join(said)}


def list_disabled() -> list[str] | str:
    """The states that are disabled.

    CLI Example::

        saltern run '*' state.list_disabled
    """
    found: list[str] | str = __salt__["grains.get"]("state_runs_disabled")
    return found


# --- steps ----------------------------------------------------------------------------------------------------------


def _run(
    low: Callable[[], list[dict[str, Any]]],
    *,
    test: bool | None,
    pillar: Mapping[str, Any] | None = None,
    pillarenv: str | None = None,
    queue: bool | int | None = None,
    concurrent: bool = False,
    force: bool = False,
    mock: bool = False,
    events: bool | None = None,
) -> Any:
    """Compile and run states, one run at a time, with the pillar that is wished for."""

    def run() -> Any:
        _lay_over(pillar, pillarenv)
        problems = _pillar_problems()
        if problems and not force:
            return _failed(problems, _PILLAR_FAILED)
        trial = _is_trial(test)
        with __state_engine__.trial(trial):
            return __state_engine__.run(low(), test=trial, mock=mock, events=events)

    return _in_turn(run, queue=queue, concurrent=concurrent)


def _in_turn(run: Callable[[], Any], *, queue: bool | int | None, concurrent: bool = False) -> Any:
    """Run states when no others run, and say by the retcode how it went (behaviour STA-22)."""
    from saltern.plugin_api.run_lock import one_at_a_time

    wait = bool(__opts__.get("state_queue", False) if queue is None else queue)
    folder = Path(str(__opts__.get("cachedir", "")))
    with one_at_a_time(folder, wait=wait, needed=not concurrent) as free:
        if not free:
            return _failed(running() or ["Other states are running on this minion."])
        try:
            results = run()
        except StatesInvalidError as error:
            return _failed(error.messages)
    if results == {} or (isinstance(results, dict) and any(one["result"] is False for one in results.values())):
        __context__["retcode"] = _STATE_FAILED
    return results


def _is_trial(test: bool | None) -> bool:
    return bool(__opts__.get("test")) if test is None else bool(test)


def _high(matches: Mapping[str, list[str]], exclude: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The high data of SLS files, or with `cache` that of an earlier such run."""
    if not options.get("cache"):
        return __state_engine__.high(matches, exclude)
    from saltern.plugin_api.kept_high import KeptHigh

    kept = KeptHigh(str(__opts__.get("cachedir", "")), str(options.get("cache_name", "highstate")))
    return kept.get(lambda: __state_engine__.high(matches, exclude))


def _asked(mods: Mods, kwargs: Mapping[str, Any]) -> dict[str, list[str]]:
    """SLS files by their environment."""
    return {_env(kwargs.get("saltenv")): _listed(mods)}


def _wishes(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """What the keywords of those functions that run states say to `_run`."""
    return {
        "pillar": kwargs.get("pillar"),
        "pillarenv": kwargs.get("pillarenv"),
        "concurrent": bool(kwargs.get("concurrent")),
        "force": bool(kwargs.get("force")),
        "mock": bool(kwargs.get("mock")),
    }


def _of_top(
    topfn: str,
    test: bool | None,
    queue: bool | int | None,
    kwargs: Mapping[str, Any],
    *,
    keeping: Mapping[str, Any] | None = None,
    events: bool | None = None,
) -> Any:
    comment = _NO_MATCHES

    def low() -> list[dict[str, Any]]:
        nonlocal comment
        if __opts__.get("autoload_dynamic_modules", True):
            _sync(["all"])
        matches = __state_engine__.tops(_allowed(kwargs.get("saltenv")), topfn)
        comment = _NO_STATES if matches else _NO_MATCHES
        kept = _listed(kwargs.get("whitelist"))
        if kept:
            matches = {env: [name for name in names if name in kept] for env, names in matches.items()}
        return __state_engine__.low(_high(matches, kwargs.get("exclude"), keeping or {}))

    results = _run(low, test=test, queue=queue, events=events, **_wishes(kwargs))
    if results == {}:
        __context__["retcode"] = _STATE_FAILED
        return {
            "no_|-states_|-states_|-None": {
                "result": False,
                "comment": comment,
                "name": "No States",
                "changes": {},
                "__run_num__": 0,
            }
        }
    if kwargs.get("terse") and isinstance(results, dict):
        return {tag: one for tag, one in results.items() if one["result"] is not True or one["changes"]}
    return results


def _run_text(text: str, file: str, queue: bool | int | None, kwargs: Mapping[str, Any]) -> Any:
    engine = __state_engine__
    env = _env(kwargs.get("saltenv"))
    return _run(
        lambda: engine.low(engine.high_of_text(text, file=file, saltenv=env)),
        test=kwargs.get("test"),
        queue=queue,
        **_wishes(kwargs),
    )


def _high_of_top(saltenv: str | None) -> dict[str, Any]:
    return __state_engine__.high(__state_engine__.tops(saltenv))


def _shown(
    compile_: Callable[[], Any],
    pillar: Mapping[str, Any] | None = None,
    retcode: int = _BROKEN,
    *,
    test: bool | None = None,
) -> Any:
    """What `compile_` gives, or the list of what keeps it from that, which `retcode` goes with."""
    _lay_over(pillar)
    problems = _pillar_problems()
    if problems:
        raise CommandExecutionError(
            "Pillar failed to render. Additional info follows:\n\n" + "\n".join(f"- {one}" for one in problems[1:])
        )
    try:
        with __state_engine__.trial(_is_trial(test)):
            return compile_()
    except StatesInvalidError as error:
        return _failed(error.messages, retcode)


def _failed(messages: list[str], retcode: int = _BROKEN) -> list[str]:
    __context__["retcode"] = retcode
    return messages


def _lay_over(pillar: Any, pillarenv: str | None = None) -> None:
    """Have the run use this pillar beside the minion's own."""
    if pillar is not None and not isinstance(pillar, dict):
        raise SaltInvocationError("Pillar data must be formatted as a dictionary, unless pillar_enc is specified.")
    __state_engine__.with_pillar(pillar or {}, pillarenv)


def _pillar_problems() -> list[str]:
    errors = __pillar__.get("_errors")
    if not errors:
        return []
    return ["Pillar failed to render with the following messages:", *map(str, errors)]


def _disabled(names: Sequence[str]) -> list[str]:
    import fnmatch

    patterns = list_disabled() or []
    hits = [name for name in names if any(fnmatch.fnmatchcase(name, one) for one in patterns)]
    return [f'The state file "{name}" is currently disabled, to re-enable, run state.enable {name}.' for name in hits]


def _required(fun: str) -> Sequence[str]:
    """The parameters that a state function cannot do without."""
    found: dict[str, Any] = next(iter(__salt__["sys.state_argspec"](fun).values()), {})
    parameters, defaults = found.get("args") or (), found.get("defaults") or ()
    return parameters[: len(parameters) - len(defaults)]


def _has_state(fun: str) -> bool:
    from saltern.plugin_api.errors import DeliberateError

    try:
        return fun in __salt__["sys.list_state_functions"](fun.partition(".")[0])
    except (KeyError, DeliberateError):
        return True


def _sync(kinds: str | Sequence[str]) -> None:
    for kind in _listed(kinds):
        __salt__[f"saltutil.sync_{kind}"]()


def _listed(names: Any) -> list[str]:
    if not names:
        return []
    return [one.strip() for one in names.split(",")] if isinstance(names, str) else [str(one) for one in names]


def _env(saltenv: str | None) -> str:
    return str(_allowed(saltenv) or __opts__.get("saltenv") or "base")


def _allowed(saltenv: str | None) -> str | None:
    """The environment that was asked for; with `lock_saltenv` there is none but the minion's own."""
    if saltenv and __opts__.get("lock_saltenv") and saltenv != __opts__.get("saltenv"):
        raise CommandExecutionError("lock_saltenv is enabled, saltenv cannot be changed")
    return saltenv


def _started(jid: str) -> str:
    from saltern.plugin_api.job_loads import started_at

    return started_at(jid)


def _requests_file() -> Path:
    return Path(str(__opts__.get("cachedir", "")), "req_state.p")


def _keep_requests(requests: Mapping[str, Any]) -> None:
    import msgspec

    from saltern.plugin_api.file_cache import replacing

    with replacing(_requests_file(), 0o600) as file:
        file.write(msgspec.msgpack.encode(dict(requests)))
