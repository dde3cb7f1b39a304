"""Ask many minions the same, and see which answer alike."""

from __future__ import annotations

from saltern.plugin_api import SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from saltern.plugin_api.master_control import MasterControl

__master__: MasterControl


def hash(*args: Any, **kwargs: Any) -> list[dict[str, Any]]:
    """Call a function on the minions of a target, and group those that return the same: the largest pool first.

    args
        Target, function and its arguments.
    survey_timeout
        Seconds to wait for minions.
    survey_sort
        `up` puts the smallest pool first.

    CLI Example::

        saltern runner survey.hash '*' test.version
        saltern runner survey.hash '*' file.get_hash /etc/hosts survey_sort=up
    """
    return _pools(args, kwargs)


def diff(*args: Any, **kwargs: Any) -> str:
    """As `survey.hash`, as a text: what the first pool returns, and how the others differ from it.

    CLI Example::

        saltern runner survey.diff '*' cmd.run 'ls /home'
    """
    pools = _pools(args, kwargs)
    if not pools:
        return ""
    first, *others = pools
    lines = [*_head(first), "pool result :", "------------", f"    {first['result']}", ""]
    for pool in others:
        lines += [*_head(pool), f'differences from "{first["pool"][0]}" results :', "-" * 31]
        lines += [*_differences(first, pool), ""]
    return "\n".join(lines)


def _head(pool: dict[str, Any]) -> list[str]:
    size = f"    {len(pool['pool'])}"
    return ["minion pool :", "------------", str(pool["pool"]), "pool size :", "----------", size]


def _differences(first: dict[str, Any], pool: dict[str, Any]) -> Iterator[str]:
    import difflib

    old, new = str(first["result"]).splitlines(), str(pool["result"]).splitlines()
    return difflib.unified_diff(old, new, first["pool"][0], pool["pool"][0], lineterm="")


def _pools(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[dict[str, Any]]:
    if len(args) < 2:
        raise SaltInvocationError("a target and a function are needed")
    given = {name: value for name, value in kwargs.items() if not name.startswith(("survey_", "__"))}
    timeout = kwargs.get("survey_timeout")
    answers = __master__.run(args[0], args[1], args[2:], given, timeout=timeout)
    pools: dict[str, list[str]] = {}
    for minion, value in sorted(answers.items()):
        pools.setdefault(str(value), []).append(minion)
    smallest_first = kwargs.get("survey_sort") == "up"
    ordered = sorted(pools.items(), key=lambda pool: len(pool[1]), reverse=not smallest_first)
    return [{"pool": ids, "result": result} for result, ids in ordered]
