"""Where this command's master is: configuration directory, settings, socket."""

from __future__ import annotations

from saltern.client.blocking import MasterSocket
from saltern.config.paths import config_dir, master_socket, master_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Place:
    """A configuration directory and what a command needs to know of it.

    `values` are the master's settings as its files give them.
    """

    def __init__(self, directory: str, values: Mapping[str, Any]) -> None:
        self.directory = directory
        self.values = values

    def master(self) -> MasterSocket:
        """The master of this configuration; whether it runs shows at the first request."""
        return MasterSocket(
            master_socket(self.directory, self.values),
            hint=f"The configuration directory is {self.directory}; "
            f"if no master runs, start it: saltern master -c {self.directory}",
            refused="Ask as the user who runs the master, or have it list you in publisher_acl.",
        )

    def number(self, name: str, default: float) -> float:
        """A setting that is a number of seconds; the default where it is none."""
        value = self.values.get(name, default)
        return default if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def find_place(argument: str | None) -> Place:
    """The place that `-c DIR`, the environment or the defaults name; `ConfigError` for files that cannot be read."""
    directory = config_dir(argument)
    return Place(directory, master_values(directory))
