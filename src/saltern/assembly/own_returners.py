"""A user's own returners, in `_returners` of the file roots: a master uses them without a synchronisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.config.master import MasterConfig


def with_own_returners(config: MasterConfig, opts: Mapping[str, Any]) -> dict[str, Any]:
    """The options with the directories of the user's returners among those that are searched."""
    own = [str(root / "_returners") for root in config.file_roots.get("base", [])]
    return {**opts, "returner_dirs": [*(opts.get("returner_dirs") or []), *own]}
