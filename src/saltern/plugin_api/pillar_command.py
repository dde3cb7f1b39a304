"""What a command of the master's configuration prints for a minion."""

from __future__ import annotations

import re

from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.types import Functions

_HARMLESS = re.compile(r"[\w.@:+-]+")


def printed(salt: Functions, command: str, minion: str) -> str:
    """The output of a shell command, the minion's id put in for each `%s`. Ids that a shell could read are refused."""
    if "%s" in command and not _HARMLESS.fullmatch(minion):
        raise CommandExecutionError(f"The id {minion!r} cannot be put into a shell command.")
    done = salt["cmd.run_all"](command.replace("%s", minion), python_shell=True, output_loglevel="quiet")
    if done["retcode"] != 0:
        raise CommandExecutionError(f"The command ended with status {done['retcode']}: {done['stderr']}")
    return str(done["stdout"])
