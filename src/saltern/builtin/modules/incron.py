"""Jobs that start when files change: the tables of incron, by incrontab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.plugin_api import Functions, process
from saltern.plugin_api.whole_file import read_whole

__salt__: Functions

_MASKS = frozenset(
    (
        *("IN_ACCESS", "IN_ATTRIB", "IN_CLOSE_WRITE", "IN_CLOSE_NOWRITE", "IN_CREATE", "IN_DELETE", "IN_DELETE_SELF"),
        *("IN_MODIFY", "IN_MOVE_SELF", "IN_MOVED_FROM", "IN_MOVED_TO", "IN_OPEN", "IN_ALL_EVENTS", "IN_MOVE"),
        *("IN_CLOSE", "IN_DONT_FOLLOW", "IN_ONESHOT", "IN_ONLYDIR", "IN_NO_LOOP"),
    )
)


def __virtual__() -> bool | tuple[bool, str]:
    found = process.find_program("incrontab") is not None
    return found or (False, "The incron execution module cannot be loaded: incrontab is not installed")


def raw_system_incron() -> str:
    """The tables of the system, as they stand.

    CLI Example::

        saltern run '*' incron.raw_system_incron
    """
    place = Path("/etc/incron.d")
    return "".join(read_whole(one) for one in sorted(place.iterdir()) if one.is_file()) if place.is_dir() else ""


def raw_incron(user: str) -> str:
    """The table of a user, as it stands.

    CLI Example::

        saltern run '*' incron.raw_incron root
    """
    # The table of others needs root, whose own it would be by default.
    done = __salt__["cmd.run_all"](["incrontab", "-l", user], python_shell=False, ignore_retcode=True, rstrip=False)
    text = str(done["stdout"])
    return "" if text.startswith("no table for ") else text


def list_tab(user: str) -> dict[str, list[Any]]:
    """The table of a user: `crons` with `path`, `mask` and `cmd`, and `pre`, the lines that are none.

    CLI Example::

        saltern run '*' incron.list_tab root
    """
    found: dict[str, list[Any]] = {"pre": [], "crons": []}
    for line in raw_incron(user).splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and not line.lstrip().startswith("#"):
            found["crons"].append(dict(zip(("path", "mask", "cmd"), words, strict=True)))
        elif line.strip():
            found["pre"].append(line)
    return found


def ls(user: str) -> dict[str, list[Any]]:
    """`list_tab` by a shorter name.

    CLI Example::

        saltern run '*' incron.ls root
    """
    return list_tab(user)


def set_job(user: str, path: str, mask: str, cmd: str) -> str:
    """Have a job in the table of a user: `present`, `new`, `updated`, or what was wrong.

    `mask` are events with commas between. A job with the same path and command and some of the events is replaced.

    CLI Example::

        saltern run '*' incron.set_job root '/root' 'IN_MODIFY' 'echo "$$ $@ $# $% $&"'
    """
    strange = next((one for one in mask.split(",") if one not in _MASKS), None)
    if strange is not None:
        return f"Invalid mask type: {strange}"
    table, job = list_tab(user), _job(path, mask, cmd)
    if any(_same(one, job) for one in table["crons"]):
        return "present"
    kept = [one for one in table["crons"] if not _shares_events(one, job)]
    done = "new" if len(kept) == len(table["crons"]) else "updated"
    return _written(user, {**table, "crons": [*kept, job]}) or done


def rm_job(user: str, path: str, mask: str, cmd: str) -> str:
    """Remove a job from the table of a user: `absent`, `removed`, or what was wrong.

    CLI Example::

        saltern run '*' incron.rm_job root /path IN_MODIFY 'echo changed'
    """
    table, job = list_tab(user), _job(path, mask, cmd)
    kept = [one for one in table["crons"] if not _same(one, job)]
    if len(kept) == len(table["crons"]):
        return "absent"
    return _written(user, {**table, "crons": kept}) or "removed"


def rm(user: str, path: str, mask: str, cmd: str) -> str:
    """`rm_job` by a shorter name.

    CLI Example::

        saltern run '*' incron.rm root /path IN_MODIFY 'echo changed'
    """
    return rm_job(user, path, mask, cmd)


def write_incron_file(user: str, path: str) -> bool:
    """Put the content of a file in the place of a user's table; whether that was done.

    CLI Example::

        saltern run '*' incron.write_incron_file root /tmp/new_incron
    """
    return bool(write_incron_file_verbose(user, path)["retcode"] == 0)


def write_incron_file_verbose(user: str, path: str) -> dict[str, Any]:
    """`write_incron_file`, with what incrontab answered.

    CLI Example::

        saltern run '*' incron.write_incron_file_verbose root /tmp/new_incron
    """
    argv = ["incrontab", "-u", user, path]
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    return done


def _job(path: str, mask: str, cmd: str) -> dict[str, str]:
    return {"path": str(path), "mask": str(mask), "cmd": str(cmd)}


def _same(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two jobs are the same, in whatever order their events are named."""
    return _shares_events(one, other) and _events(one) == _events(other)


def _shares_events(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two jobs have path and command in common, and an event."""
    return (one["path"], one["cmd"]) == (other["path"], other["cmd"]) and bool(_events(one) & _events(other))


def _events(job: dict[str, str]) -> set[str]:
    return set(job["mask"].split(","))


def _written(user: str, table: dict[str, list[Any]]) -> str:
    """Put a table in place; what was wrong, or nothing."""
    jobs = [f"{one['path']}\t{one['mask']}\t{one['cmd']}" for one in table["crons"]]
    text = "".join(f"{line}\n" for line in [*table["pre"], *jobs])
    # incrontab drops its rights before it reads a file, but not before it reads its input.
    done = __salt__["cmd.run_all"](["incrontab", "-u", user, "-"], stdin=text, python_shell=False, ignore_retcode=True)
    return "" if done["retcode"] == 0 else str(done["stderr"] or done["stdout"])
