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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Mods = str | Sequence[str] | None
    """SLS names: a list, or a text in which commas part them."""

__opts__: Opts
__salt__: Functions
__grains__: Grains
__pillar__: Pillar
__context__: Context
__state_engine__: StateEngine

__outputter__ = dict.fromkeys(
    (
        "apply", "apply_", "sls", "sls_id", "highstate", "single", "high", "low", "template", "template_str", "top",
        "test", "request", "run_request",
    ),
    "highstate",
)  # fmt: skip
__func_alias__ = {"apply_": "apply"}

_NO_STATES = "No Top file or master_tops data matches found. Please see master log for details."
_PILLAR_FAILED, _STATE_FAILED, _BROKEN = 5, 2, 1


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
    saltenv: str | None = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    concurrent: bool = False,
    force: bool = False,
    **kwargs: Any,
) -> Any:
    """Apply SLS files: a list, or names parted by commas, globs among them.

    With `test` nothing is changed, and results tell what would. `pillar` is laid over the minion's pillar. `exclude`
    leaves out SLS files or ids. While other states run this is refused, unless `queue` lets it wait or `concurrent`
    lets it run beside them. `force` runs although the pillar has errors.

    CLI Example::

        saltern run '*' state.sls core,edit.vim
        saltern run '*' state.sls web exclude='[{"id": "restart"}]' pillar='{"port": 8080}'
    """
    names = _listed(mods)
    disabled = _disabled(names)
    if disabled:
        return _failed(disabled)

    def low() -> list[dict[str, Any]]:
        if sync_mods:
            _sync(sync_mods)
        return __state_engine__.low(__state_engine__.high({_env(saltenv): names}, exclude))

    return _run(low, test=test, pillar=pillar, pillarenv=pillarenv, queue=queue, concurrent=concurrent, force=force)


def highstate(
    test: bool | None = None,
    queue: bool | int | None = None,
    saltenv: str | None = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    exclude: Any = None,
    whitelist: Mods = None,
    concurrent: bool = False,
    force: bool = False,
    **kwargs: Any,
) -> Any:
    """Apply the states that the top file has for this minion. `whitelist` keeps these SLS files only.

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
    return _of_top("", test, queue, saltenv, pillar, pillarenv, exclude, whitelist, concurrent=concurrent, force=force)


def top(
    topfn: str,
    test: bool | None = None,
    queue: bool | int | None = None,
    saltenv: str | None = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    exclude: Any = None,
    **kwargs: Any,
) -> Any:
    """Apply the states of another top file than the configured one.

    CLI Example::

        saltern run '*' state.top reverse_top.sls
    """
    return _of_top(topfn, test, queue, saltenv, pillar, pillarenv, exclude, None)


def single(
    fun: str,
    name: Any = None,
    test: bool | None = None,
    queue: bool | int | None = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    **kwargs: Any,
) -> Any:
    """Run one state function with its arguments.

    CLI Example::

        saltern run '*' state.single pkg.installed name=vim
    """
    module, dot, function = fun.partition(".")
    if not dot:
        raise SaltInvocationError(f"'{fun}' is no state function: module.function")
    if not _has_state(fun):
        return _failed([f"Specified state '{fun}' was not found"])
    given = {key: value for key, value in kwargs.items() if not key.startswith("__pub_")}
    chunk = {"state": module, "fun": function, "name": name, "__sls__": None, "__env__": _env(kwargs.get("saltenv"))}
    chunk |= {**given, "__id__": given.get("__id__", name), "order": 10_000}
    return _run(lambda: [chunk], test=test, pillar=pillar, pillarenv=pillarenv, queue=queue)


def low(data: dict[str, Any], queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Run one low chunk; its result without the tag.

    CLI Example::

        saltern run '*' state.low '{"state": "pkg", "fun": "installed", "name": "vi"}'
    """
    missing = [key for key in ("state", "fun", "name") if key not in data]
    if missing:
        return _failed([f'Missing "{key}" in low data' for key in missing])
    chunk = {"__sls__": None, "__env__": "base", "__id__": data["name"], "order": 10_000, **data}
    results = _run(lambda: [chunk], test=kwargs.get("test"), queue=queue)
    return next(iter(results.values())) if isinstance(results, dict) else results


def high(data: dict[str, Any], test: bool | None = None, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Run high data: ids to states.

    CLI Example::

        saltern run '*' state.high '{"vim": {"pkg": ["installed"]}}'
    """
    return _run(lambda: __state_engine__.low(__state_engine__.high_of_data(data)), test=test, queue=queue)


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
    except OSError as error:
        raise CommandExecutionError(f"{place} cannot be read: {error.strerror}") from error
    return _run_text(text, str(place), queue, kwargs)


def template_str(tem: str, queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Apply a text that has the form of an SLS file.

    CLI Example::

        saltern run '*' state.template_str '"a: {test.nop: []}"'
    """
    return _run_text(tem, "", queue, kwargs)


def sls_id(
    id_: str,
    mods: Mods,
    test: bool | None = None,
    queue: bool | int | None = None,
    saltenv: str | None = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    **kwargs: Any,
) -> Any:
    """Apply one id of SLS files, and what it needs.

    CLI Example::

        saltern run '*' state.sls_id my_state my_module
    """

    def chunks() -> list[dict[str, Any]]:
        low = __state_engine__.low(__state_engine__.high({_env(saltenv): _listed(mods)}))
        found = __state_engine__.needed(low, id_)
        if not found:
            shown = ", ".join(_listed(mods))
            raise SaltInvocationError(
                f"No matches for ID '{id_}' found in SLS '{shown}' within saltenv '{_env(saltenv)}'"
            )
        return found

    return _run(chunks, test=test, pillar=pillar, pillarenv=pillarenv, queue=queue)


def test(*args: Any, **kwargs: Any) -> Any:
    """Tell what `state.apply` with these arguments would change.

    CLI Example::

        saltern run '*' state.test nginx
    """
    return apply_(*args, **{**kwargs, "test": True})


# --- show -----------------------------------------------------------------------------------------------------------


def show_top(queue: bool | int | None = None, saltenv: str | None = None, **kwargs: Any) -> Any:
    """The SLS files that the top file has for this minion, by environment.

    CLI Example::

        saltern run '*' state.show_top
    """
    return _shown(lambda: __state_engine__.tops(saltenv))


def show_highstate(
    queue: bool | int | None = None, pillar: dict[str, Any] | None = None, saltenv: str | None = None, **kwargs: Any
) -> Any:
    """The high data of the states that the top file has for this minion.

    CLI Example::

        saltern run '*' state.show_highstate
    """
    found = _shown(lambda: _high_of_top(saltenv), pillar)
    if not found:
        __context__["retcode"] = _BROKEN
    return found


def show_lowstate(
    queue: bool | int | None = None, pillar: dict[str, Any] | None = None, saltenv: str | None = None, **kwargs: Any
) -> Any:
    """The low chunks of the states that the top file has for this minion, in the order of the run.

    CLI Example::

        saltern run '*' state.show_lowstate
    """
    return _shown(lambda: __state_engine__.low(_high_of_top(saltenv)), pillar)


def show_sls(
    mods: Mods,
    test: bool | None = None,
    queue: bool | int | None = None,
    saltenv: str | None = None,
    pillar: dict[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """The high data of SLS files.

    CLI Example::

        saltern run '*' state.show_sls core,edit.vim saltenv=dev
    """
    return _shown(lambda: __state_engine__.high({_env(saltenv): _listed(mods)}, kwargs.get("exclude")), pillar)


def show_low_sls(
    mods: Mods,
    test: bool | None = None,
    queue: bool | int | None = None,
    saltenv: str | None = None,
    pillar: dict[str, Any] | None = None,
    **kwargs: Any,
) -> Any:
    """The low chunks of SLS files, in the order of the run.

    CLI Example::

        saltern run '*' state.show_low_sls web
    """
    engine = __state_engine__
    return _shown(lambda: engine.low(engine.high({_env(saltenv): _listed(mods)}, kwargs.get("exclude"))), pillar)


def show_states(queue: bool | int | None = None, saltenv: str | None = None, sort: bool = True, **kwargs: Any) -> Any:
    """The SLS files that take part in a highstate.

    CLI Example::

        saltern run '*' state.show_states
    """
    return _shown(lambda: list(dict.fromkeys(__state_engine__.sls_names(__state_engine__.tops(saltenv)))))


def show_state_usage(queue: bool | int | None = None, **kwargs: Any) -> Any:
    """Which SLS files of each environment the highstate uses, and which not.

    CLI Example::

        saltern run '*' state.show_state_usage
    """
    used = set(__state_engine__.sls_names(__state_engine__.tops()))
    found = {}
    for env in __salt__["cp.envs"]():
        known = [name for name in __salt__["cp.list_states"](saltenv=env) if name != "top"]
        not_used = [name for name in known if name not in used]
        found[env] = {
            "used": [name for name in known if name in used],
            "unused": not_used,
            "count_all": len(known),
            "count_used": len(known) - len(not_used),
            "count_unused": len(not_used),
        }
    return found


def sls_exists(mods: Mods, test: bool | None = None, saltenv: str | None = None, **kwargs: Any) -> bool:
    """Whether these SLS files are there and can be compiled.

    CLI Example::

        saltern run '*' state.sls_exists core,edit.vim
    """
    return isinstance(show_sls(mods, saltenv=saltenv), dict)


def id_exists(ids: Mods, mods: Mods, test: bool | None = None, saltenv: str | None = None, **kwargs: Any) -> bool:
    """Whether these ids are in SLS files.

    CLI Example::

        saltern run '*' state.id_exists create_myfile,update_template filestate
    """
    found = show_low_sls(mods, saltenv=saltenv)
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


def get_pauses(jid: str | None = None) -> dict[str, Any]:
    """The pauses that are set for runs of states.

    CLI Example::

        saltern run '*' state.get_pauses
    """
    return {}


# --- requests -------------------------------------------------------------------------------------------------------


def request(mods: Mods = None, **kwargs: Any) -> Any:
    """Tell what applying states would change, and keep the request for `state.run_request`.

    CLI Example::

        saltern run '*' state.request stuff
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__pub_")}
    name = str(given.pop("name", "default"))
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
    """Forget the requests that are kept, or one of them. False when there is none of that name.

    CLI Example::

        saltern run '*' state.clear_request
    """
    if name is None:
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
    given = {key: value for key, value in kept["kwargs"].items() if key != "test"}
    results = apply_(kept["mods"], **given)
    clear_request(name)
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
) -> Any:
    """Compile, run, and say by the retcode how it went (behaviour STA-22)."""
    from saltern.plugin_api.run_lock import one_at_a_time

    wait = bool(__opts__.get("state_queue", False) if queue is None else queue)
    folder = Path(str(__opts__.get("cachedir", "")))
    with one_at_a_time(folder, wait=wait, needed=not concurrent) as free:
        if not free:
            return _failed(running() or ["Other states are running on this minion."])
        __state_engine__.with_pillar(pillar or {}, pillarenv)
        problems = _pillar_problems()
        if problems and not force:
            return _failed(problems, _PILLAR_FAILED)
        try:
            results = __state_engine__.run(low(), test=bool(__opts__.get("test")) if test is None else bool(test))
        except StatesInvalidError as error:
            return _failed(error.messages)
    if any(result["result"] is False for result in results.values()):
        __context__["retcode"] = _STATE_FAILED
    return results


def _of_top(
    topfn: str,
    test: bool | None,
    queue: bool | int | None,
    saltenv: str | None,
    pillar: Mapping[str, Any] | None,
    pillarenv: str | None,
    exclude: Any,
    whitelist: Mods,
    *,
    concurrent: bool = False,
    force: bool = False,
) -> Any:
    def low() -> list[dict[str, Any]]:
        if __opts__.get("autoload_dynamic_modules", True):
            _sync(["all"])
        matches = __state_engine__.tops(saltenv, topfn)
        kept = _listed(whitelist)
        if kept:
            matches = {env: [name for name in names if name in kept] for env, names in matches.items()}
        return __state_engine__.low(__state_engine__.high(matches, exclude))

    results = _run(low, test=test, pillar=pillar, pillarenv=pillarenv, queue=queue, concurrent=concurrent, force=force)
    if results == {}:
        __context__["retcode"] = _STATE_FAILED
        return {
            "no_|-states_|-states_|-None": {
                "result": False,
                "comment": _NO_STATES,
                "name": "No States",
                "changes": {},
                "__run_num__": 0,
            }
        }
    return results


def _run_text(text: str, file: str, queue: bool | int | None, kwargs: Mapping[str, Any]) -> Any:
    engine = __state_engine__
    env = _env(kwargs.get("saltenv"))
    return _run(
        lambda: engine.low(engine.high_of_text(text, file=file, saltenv=env)),
        test=kwargs.get("test"),
        pillar=kwargs.get("pillar"),
        queue=queue,
    )


def _high_of_top(saltenv: str | None) -> dict[str, Any]:
    return __state_engine__.high(__state_engine__.tops(saltenv))


def _shown(compile_: Callable[[], Any], pillar: Mapping[str, Any] | None = None) -> Any:
    __state_engine__.with_pillar(pillar or {})
    problems = _pillar_problems()
    if problems:
        raise CommandExecutionError("Pillar failed to render. Additional info follows:\n\n" + "\n".join(problems[1:]))
    try:
        return compile_()
    except StatesInvalidError as error:
        return _failed(error.messages)


def _failed(messages: list[str], retcode: int = _BROKEN) -> list[str]:
    __context__["retcode"] = retcode
    return messages


def _pillar_problems() -> list[str]:
    errors = __pillar__.get("_errors")
    if not errors:
        return []
    return ["Pillar failed to render with the following messages:", *map(str, errors)]


def _disabled(names: Sequence[str]) -> list[str]:
    import fnmatch

    patterns = list_disabled() or []
    hits = [name for name in names if any(fnmatch.fnmatchcase(name, one) for one in patterns)]
    return [
        f"The state file '{name}' is currently disabled by the list of disabled states; state.enable enables it."
        for name in hits
    ]


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
    return str(saltenv or __opts__.get("saltenv") or "base")


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
