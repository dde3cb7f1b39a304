"""Salt's flat options: the one dictionary that plugins know as `__opts__`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from saltern.config.option import plain


def to_opts(
    config: msgspec.Struct,
    *,
    grains: Mapping[str, Any] | None = None,
    pillar: Mapping[str, Any] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """The flat options of a configuration: its options and the user's own keys by Salt's names, paths as text.

    `grains` and `pillar` are put in as Salt has them; `changes` go over all else (`test=True`, `saltenv="dev"`). The
    dictionary is new at each call, so that one call's options are never another's.
    """
    opts = {**_expected(), **plain(config)}
    file = getattr(config, "conf_file", None)
    opts["conf_file"] = str(file or "")
    opts["config_dir"] = str(file.parent) if file else ""
    opts["grains"] = {} if grains is None else grains
    opts["pillar"] = {} if pillar is None else pillar
    opts.update(changes)
    return opts


def _expected() -> dict[str, Any]:
    """Options that plugins look up without a default of their own, where the configuration does not declare them."""
    return {
        "__cli": "",
        "__role": "minion",
        "test": False,
        "saltenv": None,
        "pillarenv": None,
        "file_client": "remote",
        "file_roots": {"base": []},
        "pillar_roots": {"base": []},
        "renderer": "jinja|yaml",
        "state_top": "top.sls",
        "hash_type": "sha256",
        "providers": {},
        "disable_modules": [],
        "whitelist_modules": [],
        "cache_jobs": False,
        "local": False,
    }
