"""Orchestrate: run states on the master that have minions and the master do things, one after another.

An orchestration is a run of states like any other, with the states of `salt` (`salt.state`, `salt.function`,
`salt.runner`, `salt.wheel`, `salt.wait_for_event`) as its stages.
"""

from __future__ import annotations

from saltern.plugin_api import Opts, Plugins, SaltInvocationError
from saltern.plugin_api.state_result import orchestration_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.plugin_api.jid_event import JidEvent
    from saltern.plugin_api.master_control import MasterControl

    Mods = str | Sequence[str]
    """SLS names: a list, or a text in which commas part them."""

__opts__: Opts
__plugins__: Plugins
__master__: MasterControl
__jid__: str
__jid_event__: JidEvent


# --- orchestrate ----------------------------------------------------------------------------------------------------


def orchestrate(
    mods: Mods,
    saltenv: str = "base",
    test: bool | None = None,
    exclude: Any = None,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    pillar_enc: str | None = None,
    orchestration_jid: str | None = None,
) -> dict[str, Any]:
    """Run SLS files as an orchestration, with the master's pillar and `pillar` laid over it.

    With `test` the stages tell what they would do: those that apply states have the minions try them. `exclude` leaves
    out SLS files or ids. An orchestration within another one has the outer one's `orchestration_jid`.

    CLI Example::

        saltern runner state.orchestrate webserver
        saltern runner state.orchestrate webserver saltenv=dev test=True
        saltern runner state.orchestrate deploy pillar='{"version": "1.2"}'
    """
    results = _states(
        "sls", mods, orchestration_jid, test=test, exclude=exclude, saltenv=saltenv, pillarenv=pillarenv,
        pillar=_dictionary(pillar, pillar_enc), concurrent=True,
    )  # fmt: skip
    return orchestration_of(__opts__["id"], results)


orch = sls = orchestrate


def orchestrate_single(
    fun: str,
    name: str,
    test: bool | None = None,
    queue: bool = False,
    pillar: dict[str, Any] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Run one state function on the master, with its arguments.

    CLI Example::

        saltern runner state.orchestrate_single fun=salt.wheel name=key.list_all
    """
    return _told(_states("single", fun, None, name=name, test=test, queue=queue, pillar=_dictionary(pillar), **kwargs))


def orchestrate_high(
    data: Any, test: bool | None = None, queue: bool = False, pillar: dict[str, Any] | None = None, **kwargs: Any
) -> dict[str, Any]:
    """Run high data on the master: ids to states.

    CLI Example::

        saltern runner state.orchestrate_high '{ping: {salt.function: [{name: test.ping}, {tgt: "*"}]}}'
    """
    return _told(_states("high", data, None, test=test, queue=queue, pillar=_dictionary(pillar), **kwargs))


def orchestrate_show_sls(
    mods: Mods,
    saltenv: str = "base",
    test: bool | None = None,
    queue: bool = False,
    pillar: dict[str, Any] | None = None,
    pillarenv: str | None = None,
    pillar_enc: str | None = None,
) -> dict[str, Any]:
    """The high data of SLS files as an orchestration would have it.

    CLI Example::

        saltern runner state.orchestrate_show_sls webserver
    """
    given = {
        "saltenv": saltenv,
        "pillarenv": pillarenv,
        "pillar": _dictionary(pillar, pillar_enc),
        "test": test,
        "queue": queue,
    }
    return {__opts__["id"]: _states("show_sls", mods, None, **given)}


orch_show_sls = orchestrate_show_sls


# --- orchestrations that run ----------------------------------------------------------------------------------------


def pause(jid: str | int, state_id: str | None = None, duration: float | None = None) -> None:
    """Have an orchestration pause before the stage of this id, or without one before its next stage.

    It goes on after `duration` seconds, or without a duration when `state.resume` says so.

    CLI Example::

        saltern runner state.pause 20171130110407769519
        saltern runner state.pause 20171130110407769519 deploy 20
    """
    _module()["state.pause"](jid, state_id, duration)


set_pause = pause


def resume(jid: str | int, state_id: str | None = None) -> None:
    """Forget the pause of an orchestration before the stage of this id, or without one all its pauses.

    CLI Example::

        saltern runner state.resume 20171130110407769519
    """
    _module()["state.resume"](jid, state_id)


rm_pause = resume


def soft_kill(jid: str | int, state_id: str | None = None) -> None:
    """Have an orchestration end before the stage of this id, or without one before its next stage.

    CLI Example::

        saltern runner state.soft_kill 20171130110407769519
        saltern runner state.soft_kill 20171130110407769519 deploy
    """
    _module()["state.soft_kill"](jid, state_id)


def event(
    tagmatch: str = "*",
    count: int = -1,
    quiet: bool = False,
    sock_dir: str | None = None,
    pretty: bool = False,
    node: str = "master",
) -> None:
    """Show the master's events as they come: tag and data, a line each.

    tagmatch
        A glob; only events whose tags match are shown.
    count
        After so many events it ends; -1: it does not.
    quiet
        Show nothing, and wait only.
    pretty
        The data over several lines.

    CLI Example::

        saltern runner state.event pretty=True
        saltern runner state.event 'salt/job/*/ret/*' count=1 quiet=True
    """
    import json

    for seen, (tag, data) in enumerate(__master__.events(tagmatch, -1) if count else (), 1):
        if not quiet:
            __jid_event__.show(f"{tag}\t{json.dumps(data, default=repr, indent=4 if pretty else None)}")
        if seen == count:
            return


# --- steps ----------------------------------------------------------------------------------------------------------


def _states(function: str, first: Any, orchestration_jid: str | None, **kwargs: Any) -> Any:
    """A function of the master's own `state` module; what it says of the run by its retcode is left to the caller."""
    __plugins__.set_name("states", "__orchestration_jid__", orchestration_jid or __jid__)
    given = {key: value for key, value in kwargs.items() if value is not None}
    return _module()[f"state.{function}"](first, **given)


def _module() -> Any:
    return __plugins__.table("modules")


def _told(results: Any) -> dict[str, Any]:
    """The answer of those that are not told apart by their shape, which they also tell as their progress."""
    answer = {__opts__["id"]: results}
    __jid_event__.fire_event({"data": answer, "outputter": "highstate"}, "progress")
    return answer


def _dictionary(pillar: Any, pillar_enc: str | None = None) -> dict[str, Any] | None:
    if pillar is None or isinstance(pillar, dict):
        return pillar
    if pillar_enc:
        raise SaltInvocationError("A pillar that is encrypted as a whole (pillar_enc) is not taken in this release.")
    raise SaltInvocationError("Pillar data must be formatted as a dictionary, unless pillar_enc is specified.")
