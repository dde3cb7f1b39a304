"""Loads the minion's configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec

from saltern.config.convert import build, command_line
from saltern.config.identity import minion_id
from saltern.config.minion_options import MinionConfig
from saltern.config.option import declared
from saltern.config.paths import config_file
from saltern.config.read import read_settings

__all__ = ["MinionConfig", "load_minion_config"]


def load_minion_config(
    config_dir: str | PathLike[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    call: Callable[[str, Any], str] | None = None,
) -> MinionConfig:
    """The configuration in a directory (None: the environment's or the user's), with overrides of the command line.

    `call` runs the function that `id_function` names, with its arguments. A missing file means defaults. `ConfigError`
    names file, line and column of what cannot be used.
    """
    main = Path(config_file("minion", config_dir))
    settings = {**read_settings(main, MinionConfig().default_include), **command_line(overrides or {})}
    config = build(MinionConfig, settings, main.parent, _masters_options)
    named = minion_id(
        config.id,
        cache=main.parent / "minion_id" if config.minion_id_caching else None,
        id_function=config.id_function,
        call=call,
        lowercase=config.minion_id_lowercase,
        remove_domain=config.minion_id_remove_domain,
        append_domain=config.append_domain,
    )
    return msgspec.structs.replace(config, conf_file=main, id=named)


def _masters_options() -> Iterable[str]:
    from saltern.config.master_options import MasterConfig

    return declared(MasterConfig)
