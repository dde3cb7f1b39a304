"""The mine: what minions tell of themselves, for other minions to read.

What a minion tells stands in `mine_functions`, of its configuration or its pillar: a function with its arguments, or a
name of its own choice with a function (`mine_function`). `allow_tgt` and `allow_tgt_type` say who may read it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from saltern.plugin_api import Functions, Grains, MasterRequest, MinionError, Opts, TargetMatcher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    class Told(NamedTuple):
        """One entry of a mine: the function that makes it, its arguments, who may read it."""

        function: str
        args: list[Any]
        kwargs: dict[str, Any]
        readers: dict[str, Any]

else:
    from collections import namedtuple

    Told = namedtuple("Told", "function args kwargs readers")

__opts__: Opts
__salt__: Functions
__grains__: Grains
__master_request__: MasterRequest | None
__target_matcher__: TargetMatcher

log = logging.getLogger(__name__)

_READERS = ("allow_tgt", "allow_tgt_type")
_LOCAL_KEY = "mine_cache"
"""Without a master the mine lies in this minion's own small data."""


def valid() -> dict[str, Any] | None:
    """The functions of `mine_functions` that there are, with their arguments.

    CLI Example::

        saltern run '*' mine.valid
    """
    found = {}
    for name, told in _configured().items():
        if _is_there(name, told):
            given = __salt__["config.merge"]("mine_functions", {})
            raw = given.get(name, []) if isinstance(given, Mapping) else []
            found[name] = _shown(told) if told.function != name else raw
    return found or None


def update(clear: bool = False, mine_functions: dict[str, Any] | list[str] | None = None) -> bool | None:
    """Run the functions of `mine_functions` and tell the mine what they give; one that fails is logged and left out.

    clear
        Forget what the mine held before.
    mine_functions
        Functions in place of the configured ones, in the same form.

    CLI Example::

        saltern run '*' mine.update
        saltern run '*' mine.update clear=True
        saltern run '*' mine.update mine_functions='{"network.ip_addrs": [], "kernel": {"mine_function": "grains.get"}}'
    """
    wanted = _configured() if mine_functions is None else _read(mine_functions)
    if mine_functions is None and not wanted:
        return None
    entries = {}
    for name, told in wanted.items():
        if not _is_there(name, told):
            continue
        try:
            entries[name] = _entry(told)
        except Exception as error:  # the boundary to a plugin
            log.error("the function %s of the mine entry %s failed: %s", told.function, name, error)
    return _tell(entries, clear=clear)


def send(name: str, *args: Any, **kwargs: Any) -> bool:
    """Tell the mine what one function gives; False where there is no such function, or it fails.

    name
        The function, or the name of the entry if `mine_function` is given.
    mine_function
        The function, if the entry is to have another name.
    allow_tgt, allow_tgt_type
        The target expression that means the minions that may read the entry; all may unless it is given.

    All else are arguments of the function.

    CLI Example::

        saltern run '*' mine.send network.ip_addrs eth0
        saltern run '*' mine.send eth0_ips mine_function=network.ip_addrs eth0 allow_tgt='role:web' allow_tgt_type=grain
    """
    kwargs = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    told = _from_keywords(str(kwargs.pop("mine_function", None) or name), list(args), kwargs)
    if not _is_there(name, told):
        return False
    try:
        entry = _entry(told)
    except Exception as error:  # the boundary to a plugin
        log.error("the function %s of the mine entry %s failed: %s", told.function, name, error)
        return False
    return _tell({name: entry}, clear=False)


def get(
    tgt: str | list[str], fun: str | list[str], tgt_type: str = "glob", exclude_minion: bool = False
) -> dict[str, Any]:
    """What minions told the mine: minion to value.

    tgt, tgt_type
        Whose entries: a target expression of any kind. Pillar counts by exact values alone.
    fun
        The name of the entries. Of several names, a list or joined by commas, each with its own answer.
    exclude_minion
        Leave this minion out.

    CLI Example::

        saltern run '*' mine.get '*' network.interfaces
        saltern run '*' mine.get 'os:Fedora' network.interfaces tgt_type=grain
        saltern run '*' mine.get '*' '["network.ip_addrs", "kernel"]'
    """
    names = [name.strip() for name in fun.split(",")] if isinstance(fun, str) else list(fun)
    found = _told_here(tgt, names, tgt_type) if _is_alone() else _asked(tgt, names, tgt_type)
    if exclude_minion:
        for values in found.values():
            values.pop(__opts__["id"], None)
    if isinstance(fun, str) and len(names) == 1:
        return found[names[0]]
    return found


def delete(fun: str) -> bool:
    """Take one entry of this minion out of the mine.

    CLI Example::

        saltern run '*' mine.delete network.interfaces
    """
    if _is_alone():
        kept = {name: entry for name, entry in _local().items() if name != fun}
        return bool(__salt__["data.update"](_LOCAL_KEY, kept))
    return bool(_request("mine_delete", {"fun": fun}))


def flush() -> bool:
    """Take all of this minion's entries out of the mine.

    CLI Example::

        saltern run '*' mine.flush
    """
    if _is_alone():
        return bool(__salt__["data.update"](_LOCAL_KEY, {}))
    return bool(_request("mine_flush", {}))


def get_docker(
    interfaces: str | list[str] | None = None, cidrs: str | list[str] | None = None, with_container_id: bool = False
) -> dict[str, Any]:
    """The published ports of the containers that hosts told the mine of by `docker.ps`, by image.

    interfaces
        Count only addresses of these interfaces of a host.
    cidrs
        Count only addresses within these networks.
    with_container_id
        Name the container with each address.

    The hosts' `mine_functions` need `docker.ps: {verbose: True, host: True}`.

    CLI Example::

        saltern run '*' mine.get_docker
        saltern run '*' mine.get_docker interfaces='["eth0", "eth1"]' cidrs='10.0.0.0/8'
    """
    from saltern.plugin_api.mined_containers import published

    told = get("*", "docker.ps")
    return published(told.values(), _list(interfaces), _list(cidrs), with_container_id=with_container_id)


# --- what is told ---------------------------------------------------------------------------------------------------


def _configured() -> dict[str, Told]:
    return _read(__salt__["config.merge"]("mine_functions", {}))


def _read(functions: Any) -> dict[str, Told]:
    """The entries of a value in the form of `mine_functions`."""
    if isinstance(functions, list):
        functions = {name: [] for name in functions if isinstance(name, str)}
    if not isinstance(functions, Mapping):
        raise MinionError("mine_functions has to be a dictionary of functions, or a list of them.")
    return {str(name): _told(str(name), given) for name, given in functions.items()}


def _told(name: str, given: Any) -> Told:
    if isinstance(given, Mapping):
        return _from_keywords(name, [], dict(given))
    items = given if isinstance(given, list) else [] if given is None else [given]
    keywords: dict[str, Any] = {}
    args = []
    is_alias = any(isinstance(item, Mapping) and "mine_function" in item for item in items)
    for item in items:
        if isinstance(item, Mapping) and (is_alias or set(item) & {*_READERS}):
            keywords.update(item)
        else:
            args.append(item)
    return _from_keywords(name, args, keywords)


def _from_keywords(name: str, args: list[Any], given: dict[str, Any]) -> Told:
    function = str(given.pop("mine_function", None) or name)
    readers = {key: given.pop(key) for key in _READERS if key in given}
    return Told(function, args, given, readers)


def _is_there(name: str, told: Told) -> bool:
    if told.function in __salt__:
        return True
    log.error("the function %s of the mine entry %s is not available", told.function, name)
    return False


def _shown(told: Told) -> dict[str, Any]:
    return {told.function: [*told.args, told.kwargs] if told.kwargs else told.args}


def _entry(told: Told) -> dict[str, Any]:
    value = __salt__[told.function](*told.args, **told.kwargs)
    return {"value": value, **told.readers}


def _tell(entries: dict[str, Any], *, clear: bool) -> bool:
    if not _is_alone():
        return bool(_request("mine_update", {"entries": entries, "clear": clear}))
    kept = {} if clear else _local()
    return bool(__salt__["data.update"](_LOCAL_KEY, {**kept, **{name: one["value"] for name, one in entries.items()}}))


# --- where it lies --------------------------------------------------------------------------------------------------


def _is_alone() -> bool:
    return __opts__.get("file_client") == "local"


def _local() -> dict[str, Any]:
    found = __salt__["data.get"](_LOCAL_KEY)
    return dict(found) if isinstance(found, Mapping) else {}


def _told_here(tgt: str | list[str], names: list[str], tgt_type: str) -> dict[str, dict[str, Any]]:
    """Without a master there is one minion: this one."""
    is_meant = __target_matcher__.matches(tgt, tgt_type)
    kept = _local() if is_meant else {}
    return {name: {__opts__["id"]: kept[name]} if name in kept else {} for name in names}


def _asked(tgt: str | list[str], names: list[str], tgt_type: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _request("mine_get", {"tgt": tgt, "fun": names, "tgt_type": tgt_type})
    return found


def _request(verb: str, args: dict[str, Any]) -> Any:
    if __master_request__ is None:
        raise MinionError("The mine lies with a master, and there is no minion running here that could ask it.")
    return __master_request__(verb, args)


def _list(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
