"""Calling functions as another user, by sudo(8)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, process

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("sudo") is not None or (False, "sudo is not installed")


def salt_call(runas: str, fun: str, *args: Any, **kwargs: Any) -> Any:
    """Call a function as another user: what it gives.

    CLI Example::

        saltern run '*' sudo.salt_call root test.ping
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    words = [json.dumps(one) for one in args] + [f"{key}={json.dumps(value)}" for key, value in given.items()]
    argv = ["sudo", "-n", "-u", runas, _program(), "call", "--local", "--out", "json"]
    argv += ["-c", str(__opts__["config_dir"])] if __opts__.get("config_dir") else []
    done = __salt__["cmd.run_all"]([*argv, "--", fun, *words], python_shell=False)
    try:
        return json.loads(done["stdout"])["local"]
    except (ValueError, KeyError):
        said = str(done["stderr"] or done["stdout"])
        raise CommandExecutionError(f"{fun} as {runas}: {said}") from None


def _program() -> str:
    """The command of this installation, or the one that there is."""
    beside = Path(sys.executable).with_name("saltern")
    found = str(beside) if beside.exists() else process.find_program("saltern")
    if found is None:
        raise CommandExecutionError("The command saltern is not on this host")
    return found
