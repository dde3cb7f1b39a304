"""Call functions on other minions, and runners on the master, where its options `peer` and `peer_run` allow it."""

from __future__ import annotations

import logging

from saltern.plugin_api import MasterRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__master_request__: MasterRequest | None

log = logging.getLogger(__name__)


def publish(
    tgt: str,
    fun: str,
    arg: Any = None,
    tgt_type: str = "glob",
    returner: str = "",
    timeout: float = 5,
    via_master: str | None = None,
) -> dict[str, Any]:
    """Call a function on the minions of a target; minion to what it returned. Empty where it is not allowed.

    arg
        The argument, or a list of them; `key=value` is a keyword argument.
    returner
        The returners to give the returns to as well.
    timeout
        Seconds to wait for minions.

    CLI Example::

        saltern run '*' publish.publish '*' cmd.run 'ls -la /tmp'
        saltern run '*' publish.publish 'os:Fedora' network.interfaces '' grain
        saltern run '*' publish.publish '*' test.kwarg arg='["cheese=spam", "spam=cheese"]'
    """
    return _published(tgt, fun, arg, tgt_type, returner, timeout)


def full_data(
    tgt: str, fun: str, arg: Any = None, tgt_type: str = "glob", returner: str = "", timeout: float = 5
) -> dict[str, Any]:
    """As `publish.publish`, with each return under the key `ret`.

    CLI Example::

        saltern run '*' publish.full_data '*' cmd.run 'ls -la /tmp'
    """
    found = _published(tgt, fun, arg, tgt_type, returner, timeout)
    return {minion: {"ret": value} for minion, value in found.items()}


def runner(fun: str, arg: Any = None, timeout: float = 5) -> Any:
    """Call a runner on the master; empty where it is not allowed.

    CLI Example::

        saltern run '*' publish.runner manage.down
    """
    return _asked("peer_run", {"fun": fun, "arg": _listed(arg), "timeout": float(timeout)})


def _published(tgt: str, fun: str, arg: Any, tgt_type: str, returner: str, timeout: float) -> dict[str, Any]:
    if fun.startswith("publish."):
        log.info("Cannot publish publish calls. Returning {}")
        return {}
    if __master_request__ is None:
        log.error("publish: there is no master to ask")
        return {}
    call = {
        "tgt": tgt, "fun": fun, "arg": _listed(arg), "tgt_type": tgt_type, "ret": returner, "timeout": float(timeout),
    }  # fmt: skip
    found: dict[str, Any] = _asked("peer_publish", call)
    return found


def _asked(verb: str, call: dict[str, Any]) -> Any:
    """The master's answer; a refusal is logged, and gives nothing, as modules expect that call this one."""
    if __master_request__ is None:
        return "No access to master. If using salt-call with --local, please remove."
    answer: dict[str, Any] = __master_request__(verb, call)
    if "refused" in answer:
        log.error("%s", answer["refused"])
        return {}
    return answer["value"]


def _listed(arg: Any) -> list[Any]:
    """An argument as typed: YAML of a list, or one argument."""
    import yaml

    if isinstance(arg, str):
        try:
            parsed = yaml.safe_load(arg)
        except yaml.YAMLError:
            parsed = arg
        arg = parsed if isinstance(parsed, list) else arg
    if arg is None or arg == "":
        return []
    return list(arg) if isinstance(arg, list | tuple) else [arg]
