"""Calling functions as another user, by sudo(8)."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import Opts, process

__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("sudo") is not None or (False, "sudo is not installed")


def salt_call(runas: str, fun: str, *args: Any, **kwargs: Any) -> Any:
    """Call a function as another user: what it gives.

    CLI Example::

        saltern run '*' sudo.salt_call root test.ping
    """
    from saltern.plugin_api.call_as import call_as

    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    return call_as(runas, fun, args, given, config_dir=str(__opts__.get("config_dir") or ""), local=True).value
