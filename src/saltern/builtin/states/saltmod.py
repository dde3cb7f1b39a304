"""Stages of an orchestration: states and functions of minions, functions of the master, and waiting for events.

They run on the master, by `saltern runner state.orchestrate`. Each stage is a job with an id of its own.
"""

from __future__ import annotations

import time

from saltern.plugin_api import Functions, Opts, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from saltern.plugin_api.master_control import LocalMaster
    from saltern.plugin_api.minion_job import CallAnswer, JobAnswers, Outcome

    Result = dict[str, Any]
    Names = str | Sequence[str] | None
    """Ids of minions: a list, or a text in which commas part them."""

__opts__: Opts
__salt__: Functions
__local_master__: LocalMaster

__virtualname__ = "salt"


def __virtual__() -> str:
    return __virtualname__


_SLS, _HIGHSTATE, _TOP = "state.sls", "state.highstate", "state.top"


def state(
    name: str,
    tgt: str | list[str],
    ssh: bool = False,
    tgt_type: str = "glob",
    ret: str = "",
    ret_config: str | None = None,
    ret_kwargs: dict[str, Any] | None = None,
    highstate: bool | None = None,
    sls: str | list[str] | None = None,
    top: str | None = None,
    saltenv: str | None = None,
    test: bool | None = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    expect_minions: bool = True,
    exclude: Any = None,
    fail_minions: Names = None,
    allow_fail: Any = 0,
    concurrent: bool = False,
    timeout: float | None = None,
    batch: str | int | None = None,
    queue: bool | int = False,
    subset: int | bool | None = None,
    orchestration_jid: str | None = None,
    failhard: bool | None = None,
    **kwargs: Any,
) -> Result:
    """Apply SLS files, another top file or the highstate on minions. The stage succeeds when all of them do.

    tgt, tgt_type
        Which minions.
    sls, top, highstate
        What to apply: SLS names, the name of a top file, or True for the minions' highstate.
    test, pillar, saltenv, pillarenv, exclude, concurrent, queue
        As `state.apply` has them.
    expect_minions
        Whether a minion of the target that gives no answer, or a target without minions, is a failure.
    fail_minions
        Minions that may fail.
    allow_fail
        How many minions may fail.
    timeout
        Seconds that a minion may say nothing; one that works is waited for.
    batch, subset
        How many minions at the same time, a number or a share; how many of the target at all.
    """
    _refuse_ssh(ssh)
    fun, arg = _states_wanted(highstate, top, sls)
    if not fun:
        return _result(name, False, "No highstate or sls specified, no execution made")
    given = {
        "test": __opts__.get("test") if test is None else test,
        "pillar": pillar,
        "pillarenv": pillarenv,
        "saltenv": saltenv or __opts__.get("saltenv"),
        "exclude": exclude,
    }
    kwarg = {**{key: value for key, value in given.items() if value}, "queue": queue, "concurrent": concurrent}
    if not isinstance(allow_fail, int):
        return _result(name, False, "Passed invalid value for 'allow_fail', must be an int")
    allowed, warnings = _minions(fail_minions)
    _tell("state", name, tgt, arg, kwarg, tgt_type=tgt_type, ret=ret, timeout=timeout, expect_minions=expect_minions)
    answers = _ask(
        tgt, fun, arg, kwarg, tgt_type=tgt_type, ret=ret, ret_config=ret_config, ret_kwargs=ret_kwargs,
        timeout=timeout, batch=batch, subset=subset, expected=expect_minions,
    )  # fmt: skip
    if answers.outcomes:
        result = _of_states(name, answers, allowed, allow_fail, test=bool(given["test"]))
    elif expect_minions:
        result = _result(name, False, "No minions returned")
    else:
        result = _result(name, True, _STATES_RAN)
    return {**result, "warnings": warnings} if warnings else result


def function(
    name: str,
    tgt: str | list[str],
    ssh: bool = False,
    tgt_type: str = "glob",
    ret: str = "",
    ret_config: str | None = None,
    ret_kwargs: dict[str, Any] | None = None,
    expect_minions: bool = False,
    fail_minions: Names = None,
    fail_function: str | None = None,
    arg: Any = None,
    kwarg: dict[str, Any] | None = None,
    timeout: float | None = None,
    batch: str | int | None = None,
    subset: int | bool | None = None,
    failhard: bool | None = None,
    **kwargs: Any,
) -> Result:
    """Run an execution function on minions; `name` is the function. The stage succeeds when all of them do.

    tgt, tgt_type
        Which minions.
    arg, kwarg
        The arguments: a list and a dictionary.
    fail_minions
        Minions that may fail.
    fail_function
        An execution function that is given each return and says whether it is good.
    timeout
        Seconds that a minion may say nothing; one that works is waited for.
    batch, subset
        How many minions at the same time, a number or a share; how many of the target at all.
    """
    _refuse_ssh(ssh)
    if __opts__["test"]:
        return _result(name, None, f"Function {name} would be executed on target {tgt}")
    args, warnings = _arguments(arg)
    allowed, more_warnings = _minions(fail_minions)
    warnings += more_warnings
    options = {"tgt_type": tgt_type, "ret": ret, "timeout": timeout, "expect_minions": expect_minions}
    _tell("function", name, tgt, args, kwarg or {}, **options)
    answers = _ask(
        tgt, name, args, kwarg or {}, tgt_type=tgt_type, ret=ret, ret_config=ret_config, ret_kwargs=ret_kwargs,
        timeout=timeout, batch=batch, subset=subset, expected=expect_minions,
    )  # fmt: skip
    if not answers.outcomes:
        result = _result(name, False, "No minions responded")
    else:
        result = _of_function(name, answers, allowed, fail_function)
    return {**result, "warnings": warnings} if warnings else result


def runner(name: str, **kwargs: Any) -> Result:
    """Run a runner function on the master; `name` is the function, other arguments are its own.

    `arg` and `kwarg` hold arguments whose names the state has itself.
    """
    return _of_master("runner", name, kwargs)


def wheel(name: str, **kwargs: Any) -> Result:
    """Run a wheel function on the master; `name` is the function, other arguments are its own."""
    return _of_master("wheel", name, kwargs)


def parallel_runners(name: str, runners: dict[str, Any], **kwargs: Any) -> Result:
    """Run several runner functions at the same time, and wait for all of them.

    `runners` maps an id to a dictionary with `name`, the function (without it the id is one), `arg` and `kwarg`.
    """
    import concurrent.futures

    if __opts__["test"]:
        return _result(name, None, "Runner functions would be executed in parallel.")
    wanted = {key: _one_runner(key, about) for key, about in runners.items()}
    with concurrent.futures.ThreadPoolExecutor(max(len(wanted), 1)) as pool:
        calls = {key: pool.submit(_called, "runner", *one) for key, one in wanted.items()}
        answers = {key: call.result() for key, call in calls.items()}
    failed = [key for key, answer in answers.items() if not _is_good(answer)]
    if failed:
        comment = f"Runner {failed[0]} failed." if len(failed) == 1 else f"Runners {', '.join(failed)} failed."
    else:
        comment = "All runner functions executed successfully."
    changes = {"ret": {key: answer.value for key, answer in answers.items()}}
    jids = {key: answer.jid for key, answer in answers.items() if answer.jid}
    return {**_result(name, not failed, comment, changes), **({"__jids__": jids} if jids else {})}


def wait_for_event(
    name: str, id_list: str | list[str], event_id: str = "id", timeout: float = 300, node: str = "master"
) -> Result:
    """Wait until each id of a list was told by an event whose tag matches the glob `name`.

    event_id
        Where the id stands in the event's data.
    timeout
        Seconds after which the stage has failed.
    """
    if __opts__["test"]:
        return _result(name, None, "Orchestration would wait for event '" + name + "'")
    missing, began = _listed(id_list), time.monotonic()
    changes: dict[str, Any] = {}
    for _, data in _master().events(name, float(timeout)) if missing else ():
        found = _told(data, event_id)
        if found in missing:
            missing.remove(found)
            changes.setdefault("minions_seen", []).append(found)
        if not missing:
            return _result(name, True, f"All events seen in {time.monotonic() - began} seconds.", changes)
    return _result(name, False, "Timeout value reached.", changes)


# --- what came of a stage -------------------------------------------------------------------------------------------


_STATES_RAN = "States ran successfully."


def _of_states(name: str, answers: JobAnswers, allowed: Sequence[str], may_fail: int, *, test: bool) -> Result:
    bad = {
        minion: _errors_of(minion, outcome) for minion, outcome in answers.outcomes.items() if _states_failed(outcome)
    }
    failed = sorted(minion for minion in bad if minion not in allowed)
    changed = sorted(minion for minion, outcome in answers.outcomes.items() if _has_changes(outcome))
    shown = {minion: _shown(outcome) for minion, outcome in answers.outcomes.items()}
    changes = {"out": "highstate", "ret": shown} if changed or bad else {}
    if len(failed) > may_fail:
        told = [bad[minion] for minion in failed if bad[minion]]
        return _result(name, False, "\n".join([f"Run failed on minions: {', '.join(failed)}", *told]), changes, answers)
    same = sorted(minion for minion in answers.outcomes if minion not in changed and minion not in bad)
    comment = _STATES_RAN
    updated = sorted({*changed, *bad})
    comment += f" Updating {', '.join(updated)}." if updated else ""
    comment += f" No changes made to {', '.join(same)}." if same else ""
    return _result(name, None if changes and test else True, comment, changes, answers)


def _of_function(name: str, answers: JobAnswers, allowed: Sequence[str], judge: str | None) -> Result:
    def is_good(outcome: Outcome) -> bool:
        if not outcome.has_returned or not outcome.success or outcome.retcode:
            return False
        return bool(__salt__[judge](outcome.value)) if judge else outcome.value is not False

    failed = sorted(
        minion for minion, outcome in answers.outcomes.items() if minion not in allowed and not is_good(outcome)
    )
    ran = sorted(answers.outcomes)
    first = f"Running function {name} failed on minions: {', '.join(failed)}" if failed else _RAN_WELL
    changes = {"ret": {minion: _shown(outcome) for minion, outcome in answers.outcomes.items()}}
    return _result(name, not failed, f"{first} Function {name} ran on {', '.join(ran)}.", changes, answers)


_RAN_WELL = "Function ran successfully."


def _of_master(client: str, name: str, kwargs: Mapping[str, Any]) -> Result:
    word = client.capitalize()
    if __opts__["test"]:
        return _result(name, None, f"{word} function '{name}' would be executed.")
    given = {key: value for key, value in kwargs.items() if not key.startswith("__") and key not in _OF_THE_STATE}
    arg, more = _arguments(given.pop("arg", None))[0], given.pop("kwarg", None) or {}
    kwarg = {**given, **more}
    _fire({"type": client, "name": name, "args": arg, "kwargs": kwarg})
    answer = _called(client, name, arg, {**kwarg, **_nested(name)})
    good = _is_good(answer)
    comment = f"{word} function '{name}' {'executed' if good else 'failed'}."
    if not good and isinstance(answer.value, str):
        comment += f"\n{answer.value}"
    result = _result(name, good, comment, {"return": answer.value})
    return {**result, "__jid__": answer.jid} if answer.jid else result


def _nested(name: str) -> dict[str, Any]:
    """What an orchestration within this one has to know of it."""
    orchestration = _orchestration()
    return {"orchestration_jid": orchestration} if orchestration and name in _ORCHESTRATIONS else {}


_ORCHESTRATIONS = ("state.orchestrate", "state.orch", "state.sls")
_OF_THE_STATE = ("sfun", "name")


def _called(client: str, name: str, arg: Sequence[Any], kwarg: Mapping[str, Any]) -> CallAnswer:
    """The answer of a function of the master; that there is none is an answer too."""
    from saltern.plugin_api.minion_job import CallAnswer

    try:
        return _master().call(client, name, arg, kwarg)
    except Exception as error:  # the master's refusal is what the stage has to tell
        return CallAnswer("", str(error), success=False)


def _is_good(answer: CallAnswer) -> bool:
    return answer.success and not (isinstance(answer.value, dict) and answer.value.get("retcode"))


def _one_runner(key: str, about: Any) -> tuple[str, list[Any], dict[str, Any]]:
    parts = about if isinstance(about, dict) else {k: v for one in about or () for k, v in one.items()}
    arg = parts.get("arg", parts.get("args"))
    return str(parts.get("name", key)), _arguments(arg)[0], dict(parts.get("kwarg") or {})


def _states_failed(outcome: Outcome) -> bool:
    value = outcome.value
    if not outcome.has_returned or not isinstance(value, dict):
        return True
    return not value or any(isinstance(one, dict) and one.get("result") is False for one in value.values())


def _has_changes(outcome: Outcome) -> bool:
    value = outcome.value
    return isinstance(value, dict) and any(isinstance(one, dict) and one.get("changes") for one in value.values())


def _errors_of(minion: str, outcome: Outcome) -> str:
    """What is to be told of a minion that did not run its states; empty of states that failed."""
    value = outcome.value
    if not outcome.has_returned:
        return f"Minion {minion} did not return a state result."
    if isinstance(value, dict):
        return ""
    told = "; ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return f"Minion {minion} returned errors: {told}"


def _shown(outcome: Outcome) -> Any:
    return outcome.value if outcome.has_returned else False


def _told(data: Mapping[str, Any], key: str) -> Any:
    """The id that an event tells: in its data, or in the data of the event that a minion fired."""
    inner = data.get("data")
    found = data.get(key)
    return inner[key] if isinstance(inner, dict) and key in inner else found


# --- how minions are asked ------------------------------------------------------------------------------------------


def _tell(
    kind: str, name: str, tgt: str | list[str], arg: Sequence[Any], kwarg: Mapping[str, Any], **options: Any
) -> None:
    """Tell the master's log which stage begins, with what it asks of minions."""
    asked = {"arg": list(arg), "kwarg": dict(kwarg), "ssh": False, **options}
    _fire({"type": kind, "tgt": tgt, "name": name, "args": asked})


def _fire(data: dict[str, Any]) -> None:
    if orchestration := _orchestration():
        __salt__["event.fire"](data, f"salt/run/{orchestration}/args")


def _ask(
    tgt: str | list[str],
    fun: str,
    arg: Sequence[Any],
    kwarg: Mapping[str, Any],
    *,
    batch: str | int | None,
    subset: int | bool | None,
    expected: bool,
    **options: Any,
) -> JobAnswers:
    """What came of a job; minions that are not expected and gave no answer are left out."""
    from saltern.plugin_api.minion_job import MinionJob

    given = {key: value for key, value in options.items() if value is not None}
    if orchestration := _orchestration():
        given["metadata"] = {"orchestration_jid": orchestration}
    job = MinionJob(tgt, fun, arg, kwarg, **given)
    answers = _master().publish(job._replace(batch=str(batch or ""), subset=int(subset or 0)))
    if expected:
        return answers
    return answers._replace(outcomes={key: one for key, one in answers.outcomes.items() if not one.is_silent})


def _states_wanted(highstate: bool | None, top: str | None, sls: str | Iterable[str] | None) -> tuple[str, list[Any]]:
    """The function of the minions and its arguments; no function where nothing is to be applied."""
    if highstate:
        return _HIGHSTATE, []
    if top:
        return _TOP, [top]
    names = [sls] if isinstance(sls, str) else list(sls or ())
    return (_SLS, [",".join(str(one) for one in names)]) if names else ("", [])


def _arguments(arg: Any) -> tuple[list[Any], list[str]]:
    """A list of arguments, and a warning where there was none."""
    if arg is None:
        return [], []
    if isinstance(arg, list | tuple):
        return list(arg), []
    values = arg.split() if isinstance(arg, str) else [arg]
    return values, ["Please specify 'arg' as a list of arguments."]


def _minions(names: Names) -> tuple[list[str], list[str]]:
    """The ids of `fail_minions`, and a warning where it holds none."""
    if isinstance(names, str | list | tuple | None):
        return _listed(names), []
    return [], ["'fail_minions' needs to be a list or a comma separated string. Ignored."]


def _listed(names: Names) -> list[str]:
    if isinstance(names, str):
        return [one.strip() for one in names.split(",") if one.strip()]
    return [str(one) for one in names or ()]


def _master() -> LocalMaster:
    """The master that this runs in, or the one on this host, where an orchestration is run by a minion's functions."""
    found: LocalMaster = globals().get("__master__") or __local_master__
    return found


def _orchestration() -> str:
    """The jid of the orchestration that this stage belongs to; empty outside of one."""
    return str(globals().get("__orchestration_jid__") or "")


def _refuse_ssh(ssh: Any) -> None:
    if ssh:
        raise SaltInvocationError("Stages over SSH (ssh: True) are not there in this release.")


def _result(
    name: str, result: bool | None, comment: str, changes: Mapping[str, Any] | None = None,
    answers: JobAnswers | None = None,
) -> Result:  # fmt: skip
    told = {"name": name, "changes": dict(changes or {}), "comment": comment, "result": result}
    return {**told, "__jid__": answers.jid} if answers is not None and answers.jid else told
