"""The words by which states name other states (behaviours REQ-01 to REQ-05)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FORWARD = (
    "require",
    "require_any",
    "watch",
    "watch_any",
    "onchanges",
    "onchanges_any",
    "onfail",
    "onfail_any",
    "onfail_all",
    "prereq",
    "listen",
    "use",
)
"""Requisites that stand in the state that has them."""

ORDERING = tuple(word for word in FORWARD if word != "use")
"""Requisites that are about the run; `use` is about arguments."""

REVERSE = ("require_in", "watch_in", "onchanges_in", "onfail_in", "prereq_in", "listen_in", "use_in")
"""Requisites that stand in the other state."""

REQUISITES = frozenset((*FORWARD, *REVERSE))

INTERNAL = frozenset(
    {
        "__agg__", "__env__", "__id__", "__sls__", "__sls_included_from__", "aggregate", "check_cmd", "creates",
        "failhard", "fire_event", "fun", "global_state_conditions", "names", "no_log", "onlyif", "order", "parallel",
        "prerequired", "provider", "reload_grains", "reload_modules", "reload_pillar", "retry", "runas_password",
        "state", "unless", "saltenv", "__prereq__", "__reqs__", "__pub_user",
    }
)  # fmt: skip
"""Arguments that are for the run and not for the state's function."""

NOT_SHARED = frozenset(
    f"{word}{end}" for word in ("require", "watch", "onchanges", "onfail", "prereq", "use") for end in ("", "_in")
) | {"name", "names", "order"}
"""Arguments that `use` does not take over from another state."""


def references(value: Any) -> Iterator[tuple[str, Any]]:
    """The pairs of state module and name that the value of a requisite holds; of a name alone the module is empty.

    Items that are neither names nor pairs are left out.
    """
    for item in value.items() if isinstance(value, Mapping) else value:
        if isinstance(item, tuple):
            yield str(item[0]), item[1]
        elif isinstance(item, str):
            yield "", item
        elif isinstance(item, Mapping):
            for module, name in item.items():
                yield str(module), name
