"""The options of a returner, found where Salt's users write them (behaviour RET-05)."""

from __future__ import annotations

from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from saltern.plugin_api.types import Functions, Opts

_ABSENT: Any = object()


def returner_options(
    prefix: str, defaults: Mapping[str, Any], ret: Mapping[str, Any] | None, salt: Functions, opts: Opts
) -> dict[str, Any]:
    """The options that `defaults` names, each from the first place that has it.

    The places: the job's `ret_kwargs`, `<ret_config>.<prefix>.<option>`, `<prefix>.<option>`, the default. Keys may be
    written flat (`mysql.host: db1`) or nested (`mysql: {host: db1}`). On a minion they are looked up as `config.option`
    does, among configuration, grains, pillar and the master's configuration; elsewhere in the configuration.
    """
    job = ret or {}
    given = job.get("ret_kwargs") or {}
    lookup = _lookup(salt, opts)
    prefixes = [f"{job['ret_config']}.{prefix}", prefix] if job.get("ret_config") else [prefix]
    return {name: _first(name, default, given, prefixes, lookup) for name, default in defaults.items()}


def require(returner: str, options: Mapping[str, Any], names: Sequence[str], prefix: str = "") -> None:
    """`CommandExecutionError` when one of these options has no value; its full name begins with `prefix`."""
    for name in names:
        if not options[name]:
            key = f"{prefix or returner}.{name}"
            raise CommandExecutionError(f"The returner {returner} has no {name}: set {key}.")


def _lookup(salt: Functions, opts: Opts) -> Callable[[str], Any]:
    try:
        option = salt["config.option"]
    except KeyError:
        return lambda key: opts.get(key, _ABSENT)
    return lambda key: option(key, default=_ABSENT)


def _first(name: str, default: Any, given: Mapping[str, Any], prefixes: list[str], lookup: Callable[[str], Any]) -> Any:
    if name in given:
        return given[name]
    values = (_at(f"{prefix}.{name}".split("."), lookup) for prefix in prefixes)
    return next((value for value in values if value is not _ABSENT), default)


def _at(steps: list[str], lookup: Callable[[str], Any]) -> Any:
    """The value of a key of several steps: written as one word, or as mappings within a shorter word."""
    for cut in range(len(steps), 0, -1):
        value = _down(lookup(".".join(steps[:cut])), steps[cut:])
        if value is not _ABSENT:
            return value
    return _ABSENT


def _down(value: Any, steps: list[str]) -> Any:
    if not steps or value is _ABSENT:
        return value
    if not isinstance(value, dict):
        return _ABSENT
    for cut in range(len(steps), 0, -1):
        word = ".".join(steps[:cut])
        if word in value:
            return _down(value[word], steps[cut:])
    return _ABSENT
