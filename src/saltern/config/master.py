"""Loads the master's configuration."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import msgspec

from saltern.config.convert import build, command_line
from saltern.config.master_options import MasterConfig
from saltern.config.minion_options import MinionConfig
from saltern.config.option import declared
from saltern.config.paths import config_file
from saltern.config.read import Setting, read_settings

__all__ = ["MasterConfig", "load_master_config"]


def load_master_config(
    config_dir: str | PathLike[str] | None = None, overrides: Mapping[str, Any] | None = None
) -> MasterConfig:
    """The configuration in a directory (None: the environment's or the user's), with overrides of the command line.

    A missing file means defaults. `ConfigError` names file, line and column of what cannot be used.
    """
    main = Path(config_file("master", config_dir))
    settings = {**read_settings(main, MasterConfig().default_include), **command_line(overrides or {})}
    config = build(MasterConfig, _with_hours(settings), main.parent, lambda: declared(MinionConfig))
    host = socket.gethostname() or "localhost"
    return msgspec.structs.replace(config, conf_file=main, id=config.id or f"{host}_master")


def _with_hours(settings: dict[str, Setting]) -> dict[str, Setting]:
    """`keep_jobs` is the older key, in hours, and counts only where the newer one is absent."""
    hours = settings.get("keep_jobs")
    if hours is None or "keep_jobs_seconds" in settings or type(hours.value) is not int:
        return settings
    return {**settings, "keep_jobs_seconds": Setting(hours.value * 3600, hours.origin)}
