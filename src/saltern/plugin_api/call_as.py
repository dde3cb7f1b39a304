"""Calls of functions on this machine as another user, by sudo(8)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from saltern.plugin_api import process
from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class Called(NamedTuple):
    """What a function gave, and the code that goes with it."""

    value: Any
    retcode: int


def call_as(
    user: str, fun: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, config_dir: str = "", local: bool = False
) -> Called:
    """Call a function as `user` would by `saltern call`, which tells no master of it.

    `local` asks no master for anything either. `CommandExecutionError` where the user may not, or the call breaks.
    """
    argv = ["sudo", "-n", "-u", user, _program(), "call", "--out", "json", "--metadata", "--no-return-event"]
    # the configuration may name the executor that brought us here
    argv += ["--module-executors", "direct_call"]
    argv += ["--local"] if local else []
    argv += ["-c", config_dir] if config_dir else []
    words = [json.dumps(one) for one in args] + [f"{key}={json.dumps(one)}" for key, one in kwargs.items()]
    # by standard input, for sudo logs all that stands in a command
    done = process.run([*argv, "--args-stdin", "--", fun], stdin="\n".join(words).encode())
    try:
        told = json.loads(done.stdout)["local"]
        return Called(told["return"], int(told["retcode"]))
    except (ValueError, KeyError, TypeError):
        said = process.text_of(done.stderr or done.stdout, strip=True)
        raise CommandExecutionError(f"{fun} as {user}: {said}") from None


def _program() -> str:
    """The command of this installation, or the one that there is."""
    beside = Path(sys.executable).with_name("saltern")
    found = str(beside) if beside.exists() else process.find_program("saltern")
    if found is None:
        raise CommandExecutionError("The command saltern is not on this host")
    return found
