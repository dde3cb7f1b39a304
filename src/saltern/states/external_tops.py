"""SLS files from the plugins of `master_tops`, beside those of the top files (behaviour STA-12)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from saltern.plugins.space import PluginSpace

log = logging.getLogger(__name__)

Tops = dict[str, list[str]]


def external_tops(space: PluginSpace) -> Tops:
    """What the plugins give the minion whose options and grains a space has; one that fails is logged and left out."""
    found: Tops = {}
    opts = space.scope.opts
    named = opts.get("master_tops") or {}
    for name in named if isinstance(named, Mapping) else ():
        try:
            given = space.table("tops")[f"{name}.top"](opts=opts, grains=dict(space.scope.grains))
        except KeyError:
            log.error("master_tops: there is no %s", name)
        except Exception:  # the boundary to a plugin
            log.exception("master_tops: %s failed for %s", name, opts.get("id"))
        else:
            for saltenv, names in given.items() if isinstance(given, Mapping) else ():
                found.setdefault(str(saltenv), []).extend(str(one) for one in names)
    return found


def joined(matches: Mapping[str, list[str]], more: Mapping[str, Any], *, first: bool) -> Tops:
    """The SLS files of both, each once in its environment; those of `more` behind the others, or `first`."""
    found: Tops = {saltenv: list(names) for saltenv, names in matches.items()}
    for saltenv, names in more.items():
        known = found.get(saltenv, [])
        both = [*names, *known] if first else [*known, *names]
        found[saltenv] = list(dict.fromkeys(both))
    return found
