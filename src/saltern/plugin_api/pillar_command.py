"""What a command of the master's configuration prints for a minion, as data."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from saltern.plugin_api.command import program_name
from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.types import Functions

log = logging.getLogger(__name__)

_HARMLESS = re.compile(r"[\w.@:+-]+")


def data_of(salt: Functions, command: str, minion: str, read: Callable[[str], Any]) -> dict[str, Any]:
    """What `read` makes of the output of a shell command, the minion's id put in for each `%s`.

    Output that it cannot read, or that is no mapping, gives nothing and is logged, as with Salt. Ids that a shell could
    read are refused.
    """
    if "%s" in command and not _HARMLESS.fullmatch(minion):
        raise CommandExecutionError(f"The id {minion!r} cannot be put into a shell command.")
    done = salt["cmd.run_all"](command.replace("%s", minion), python_shell=True, output_loglevel="quiet")
    if done["retcode"] != 0:
        log.error("the pillar command %s ended with status %s for %s", program_name(command), done["retcode"], minion)
    try:
        found = read(str(done["stdout"]))
    except Exception as error:  # readers have errors of their own
        log.critical("the output of the pillar command %s cannot be read: %s", program_name(command), error)
        return {}
    if found is not None and not isinstance(found, Mapping):
        log.critical("the pillar command %s does not print a mapping", program_name(command))
    return dict(found) if isinstance(found, Mapping) else {}
