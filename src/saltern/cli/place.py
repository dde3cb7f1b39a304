"""Where this command's master is: configuration directory, settings, socket."""

from __future__ import annotations

import os

from saltern.client.blocking import MasterSocket
from saltern.config.paths import config_dir, master_socket, master_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from typing import Any


class Place:
    """A configuration directory and what a command needs to know of it.

    `values` are the master's settings as its files give them.
    """

    def __init__(self, directory: str, values: Mapping[str, Any]) -> None:
        self.directory = directory
        self.values = values

    def master(self) -> MasterSocket:
        """The master of this configuration; whether it runs shows at the first request.

        It is asked as this user of the system, or with the access token that he keeps.
        """
        return self.visitor(*self._kept_credentials())

    def visit(self, options: argparse.Namespace) -> AbstractContextManager[MasterSocket]:
        """The master for the time of one command, asked by whoever the options of `add_login` say."""
        if not options.eauth and not options.make_token:
            return self.master()
        from saltern.cli.login import logged_in

        return logged_in(self.visitor, self.values, options)

    def visitor(self, credentials: Mapping[str, str] | None = None) -> MasterSocket:
        """The master, asked with these credentials, or as this user of the system."""
        return MasterSocket(
            master_socket(self.directory, self.values),
            identity={"credentials": credentials} if credentials else _behind_sudo(),
            hint=f"The configuration directory is {self.directory}; "
            f"if no master runs, start it: saltern master -c {self.directory}",
            refused="Ask as the user who runs the master, or have it list you in publisher_acl.",
        )

    def _kept_credentials(self) -> list[Mapping[str, str]]:
        if os.geteuid() == 0:  # root needs no token, and would have less with one
            return []
        from saltern.cli.token_file import kept_token

        token = kept_token(self.values)
        return [{"token": token}] if token else []

    def number(self, name: str, default: float) -> float:
        """A setting that is a number of seconds; the default where it is none."""
        value = self.values.get(name, default)
        return default if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def _behind_sudo() -> dict[str, str]:
    """Who became root by sudo, as Salt records him."""
    user = os.environ.get("SUDO_USER", "") if os.geteuid() == 0 else ""
    return {"user": f"sudo_{user}"} if user and user != "root" else {}


def find_place(argument: str | None) -> Place:
    """The place that `-c DIR`, the environment or the defaults name; `ConfigError` for files that cannot be read."""
    directory = config_dir(argument)
    return Place(directory, master_values(directory))
