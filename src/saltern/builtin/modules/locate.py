"""Files found by name in the database of locate (plocate, mlocate, or that of the GNU findutils)."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, SaltInvocationError, process
from saltern.plugin_api.program import ask, ask_well

_OPTIONS = {
    "basename": "-b",
    "count": "-c",
    "existing": "-e",
    "ignore": "-i",
    "nofollow": "-P",
    "follow": "-L",
    "wholename": "-w",
    "regex": "--regex",
}


def __virtual__() -> bool | tuple[bool, str]:
    return _program() is not None or (False, "locate is not installed")


def version() -> list[str]:
    """The lines in which locate tells its version.

    CLI Example::

        saltern run '*' locate.version
    """
    return ask_well([_locate(), "-V"]).splitlines()


def stats() -> dict[str, str]:
    """What is in the database: its file under `database`, and the numbers that locate tells. plocate tells none.

    CLI Example::

        saltern run '*' locate.stats
    """
    found: dict[str, str] = {}
    for line in ask_well([_locate(), "-S"]).splitlines():
        words = line.strip(" \t,.").removeprefix("and ").split(None, 1)
        name, colon, value = line.partition(": ")
        if words[:1] == ["Database"]:
            found.setdefault("database", words[1].split()[0].rstrip(":"))
        elif colon:
            found[name.strip()] = value.strip()
        elif len(words) == 2 and words[0][0].isdigit():
            found[words[1]] = words[0]
    return found


def updatedb() -> list[str]:
    """Read the names of all files into the database; what was printed.

    CLI Example::

        saltern run '*' locate.updatedb
    """
    answer = ask(["updatedb"])
    if answer.retcode:
        raise CommandExecutionError(f"updatedb: {answer.reason}")
    return answer.said.splitlines()


def locate(pattern: str, database: str = "", limit: int = 0, **kwargs: Any) -> list[str]:
    """The paths in the database in which a pattern is found; an empty list when there is none.

    `database` is a file in place of the usual one, `limit` the highest number of paths. True switches on `basename`
    (only the last part of a path is compared), `wholename`, `ignore` (case does not matter), `regex` (the pattern is an
    extended regular expression), `count` (their number alone), `existing` (files that are there still), `follow` and
    `nofollow` (what that says of links); plocate does not know the last two.

    CLI Example::

        saltern run '*' locate.locate sshd_config
        saltern run '*' locate.locate '\\.conf$' regex=True limit=10
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    strange = sorted(set(given) - set(_OPTIONS))
    if strange:
        raise SaltInvocationError(f"locate.locate does not know {', '.join(strange)}, but {', '.join(_OPTIONS)}")
    argv = [_locate(), *(option for key, option in _OPTIONS.items() if given.get(key))]
    argv += ["-d", database] if database else []
    argv += ["-l", str(_number(limit))] if limit else []
    # A name may hold a line break.
    answer = ask([*argv, *([] if given.get("count") else ["-0"]), "--", str(pattern)])
    if answer.retcode and answer.stderr:
        raise CommandExecutionError(f"{pattern} cannot be looked for: {answer.stderr}")
    return [one for one in answer.stdout.split("\0") if one]


def _number(limit: Any) -> int:
    try:
        return int(limit)
    except ValueError:
        raise SaltInvocationError(f"limit is a number, not {limit}") from None


def _program() -> str | None:
    return process.find_program("locate") or process.find_program("plocate")


def _locate() -> str:
    found = _program()
    if found is None:
        raise CommandExecutionError("locate is not installed")
    return found
