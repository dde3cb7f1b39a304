"""External pillars: functions `ext_pillar(minion_id, pillar, …)` of plugins, in the order in which they are named.

`ext_pillar` is a list of dictionaries with one key, the plugin; a dictionary below it is handed over as keywords, a
list as arguments, anything else as one argument (behaviour PIL-07).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from saltern.pillar.faults import Faults
from saltern.pillar.merge import Merge

log = logging.getLogger(__name__)

Functions = Mapping[str, Callable[..., Any]]


def with_external(
    pillar: dict[str, Any],
    entries: Any,
    functions: Functions,
    minion: str,
    merge: Merge,
    faults: Faults,
    seen: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """The pillar with what the plugins give laid over it; `seen` is told the pillar before each call."""
    if not _is_formed(entries):
        faults.add('The "ext_pillar" option is malformed')
        return pillar
    for name, conf in _named(entries):
        function = functions.get(f"{name}.ext_pillar")
        if function is None:
            log.critical("Specified ext_pillar interface %s is unavailable", name)
            continue
        seen(pillar)
        pillar = merge(pillar, _called(function, name, conf, minion, pillar, faults))
    return pillar


def _is_formed(entries: Any) -> bool:
    return isinstance(entries, list | tuple) and all(isinstance(entry, Mapping) for entry in entries)


def _named(entries: Any) -> Iterator[tuple[str, Any]]:
    for entry in entries:
        yield from entry.items()


def _called(
    function: Callable[..., Any], name: str, conf: Any, minion: str, pillar: dict[str, Any], faults: Faults
) -> dict[str, Any]:
    try:
        if isinstance(conf, Mapping):
            data = function(minion, pillar, **conf)
        elif isinstance(conf, list):
            data = function(minion, pillar, *conf)
        else:
            data = function(minion, pillar, conf)
    except Exception as error:  # the boundary to a plugin
        log.exception("the external pillar %s failed for %s", name, minion)
        faults.add(f"Failed to load ext_pillar {name}: {error}")
        return {}
    if isinstance(data, Mapping):
        return dict(data)
    if data:
        faults.add(f"Failed to load ext_pillar {name}: it gave a {type(data).__name__} and no dictionary")
    return {}
