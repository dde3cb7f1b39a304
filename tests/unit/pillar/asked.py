"""What external pillars give one minion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.assembly.local_pillar import compile_pillar
from saltern.plugins.index import PluginIndex
from saltern.plugins.search import SearchPath

GRAINS = {"id": "m1", "os": "Debian", "os_family": "Debian", "roles": ["web", "db"]}


def asked(place: Path, *entries: dict[str, Any], **opts: Any) -> dict[str, Any]:
    """The pillar of the minion m1 by these entries of `ext_pillar` alone, and `_errors` for what failed."""
    index = PluginIndex(SearchPath.of_opts({}), str(place / "index"))
    minion = opts.pop("minion_id", "m1")
    every = {"id": minion, "renderer": "jinja|yaml", "cachedir": str(place / "cache"), "ext_pillar": list(entries)}
    return compile_pillar(index, {**every, **opts}, {**GRAINS, "id": minion})
