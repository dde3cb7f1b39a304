"""Modules of Apache on Debian that are enabled, or are not."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.apache_switch import Switch, switched

__opts__: Opts
__salt__: Functions

_WORDS = Switch("Module", "mod", "a2enmod", "a2dismod")


def enabled(name: str) -> dict[str, Any]:
    """Have it enabled."""
    return switched(name, _WORDS, __salt__, on=True, test=__opts__["test"])


def disabled(name: str) -> dict[str, Any]:
    """Have it disabled."""
    return switched(name, _WORDS, __salt__, on=False, test=__opts__["test"])
