"""What returners have kept: jobs, their returns, and the minions that returned."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Plugins

__plugins__: Plugins


def get_jid(returner: str, jid: str) -> Any:
    """The returns of a job, by minion.

    CLI Example::

        saltern run '*' ret.get_jid redis 20421104181954700505
    """
    return _asked(returner, "get_jid", jid)


def get_fun(returner: str, fun: str) -> Any:
    """The last return of a function, by minion.

    CLI Example::

        saltern run '*' ret.get_fun mysql network.interfaces
    """
    return _asked(returner, "get_fun", fun)


def get_jids(returner: str) -> Any:
    """The jobs that the returner knows.

    CLI Example::

        saltern run '*' ret.get_jids mysql
    """
    return _asked(returner, "get_jids")


def get_minions(returner: str) -> Any:
    """The minions that the returner has returns of.

    CLI Example::

        saltern run '*' ret.get_minions mysql
    """
    return _asked(returner, "get_minions")


def _asked(returner: str, question: str, *args: str) -> Any:
    functions = __plugins__.table("returners").functions_of(returner)
    if not functions:
        raise CommandExecutionError(f"The returner '{returner}' is not available; see sys.list_returners.")
    if f"{returner}.{question}" not in functions:
        raise CommandExecutionError(f"The returner '{returner}' keeps nothing that {question} could read.")
    return functions[f"{returner}.{question}"](*args)
