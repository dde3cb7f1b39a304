"""Commands that run once, later (at(1))."""

from __future__ import annotations

import re
import time
from typing import Any

from saltern.plugin_api import Functions, process

__salt__: Functions


_TAG = re.compile(r"^### SALT: (\S+)", re.MULTILINE)
_MADE = re.compile(r"^job (\d+) at ", re.MULTILINE)
_CRITERIA = {"hour": 3, "minute": 4, "day": 2, "month": 1, "year": 0}


def __virtual__() -> bool | tuple[bool, str]:
    return process.find_program("at") is not None or (False, "at is not installed")


def atq(tag: str | int | None = None) -> dict[str, list[dict[str, Any]]]:
    """The commands that wait: `job` (a number), `date`, `time`, `queue`, `user`, `tag`; those of a tag or a number.

    CLI Example::

        saltern run '*' at.atq
        saltern run '*' at.atq [tag]
    """
    jobs = []
    for line in str(__salt__["cmd.run_stdout"](["atq"], python_shell=False)).splitlines():
        number, _, rest = line.partition("\t")
        words = rest.split()
        if len(words) < 7 or not number.isdigit():
            continue
        when = time.strptime(" ".join(words[:5]), "%a %b %d %H:%M:%S %Y")
        found = {
            "date": time.strftime("%Y-%m-%d", when),
            "job": int(number),
            "queue": words[5],
            "tag": _tag(number),
            "time": time.strftime("%H:%M", when),
            "user": words[6],
        }
        if tag is None or str(tag) in (found["tag"], number):
            jobs.append(found)
    return {"jobs": jobs}


def at(*args: str, **kwargs: Any) -> dict[str, Any]:
    """Run commands at a time, with a `tag` to know them by and as the user `runas`: the job, as `atq` tells of it.

    CLI Example::

        saltern run '*' at.at 12:05am '/sbin/reboot' tag=reboot
        saltern run '*' at.at '3:05am +3 days' 'bin/myscript' tag=nightly runas=jim
    """
    if len(args) < 2:
        return {"jobs": []}
    tag = kwargs.get("tag")
    lines = [f"### SALT: {tag}"] if tag else []
    script = "\n".join([*lines, *(str(one) for one in args[1:])]) + "\n"
    argv = ["at", *str(args[0]).split()]
    done = __salt__["cmd.run_all"](argv, stdin=script, python_shell=False, runas=kwargs.get("runas"))
    said = f"{done['stdout']}\n{done['stderr']}"
    made = _MADE.search(said)
    if made is None:
        garbled = "Garbled time" in said or "syntax error" in said
        return {"jobs": [], "error": "invalid timespec" if garbled else said.strip()}
    return atq(made[1])


def atc(jobid: int | str) -> str | dict[str, str]:
    """The script of a command that waits.

    CLI Example::

        saltern run '*' at.atc <jobid>
    """
    done = __salt__["cmd.run_all"](["at", "-c", str(jobid)], python_shell=False, ignore_retcode=True)
    if done["retcode"] != 0 or not done["stdout"]:
        return {"error": f"invalid job id '{jobid}'"}
    return str(done["stdout"])


def atrm(*args: str | int) -> dict[str, Any]:
    """Remove commands that wait: by numbers, by a tag, or `all`.

    CLI Example::

        saltern run '*' at.atrm <jobid> <jobid> .. <jobid>
        saltern run '*' at.atrm all
    """
    if not args:
        return {"jobs": {"removed": [], "tag": None}}
    words = {str(one) for one in args}
    found = [one for one in atq()["jobs"] if "all" in words or {str(one["job"]), one["tag"]} & words]
    numbers = [str(one["job"]) for one in found]
    if numbers:
        __salt__["cmd.run_all"](["atrm", *numbers], python_shell=False)
    left = {str(one["job"]) for one in atq()["jobs"]}
    return {"jobs": {"removed": [one for one in numbers if one not in left], "tag": None}}


def jobcheck(**kwargs: Any) -> dict[str, Any]:
    """The commands that wait and fit: `runas`, `tag`, `hour`, `minute`, `day`, `month`, `year`.

    CLI Example::

        saltern run '*' at.jobcheck runas=jam day=13
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    if not given:
        return {"error": "You have given a condition"}
    found = [one for one in atq()["jobs"] if all(_fits(one, key, value) for key, value in given.items())]
    return {"jobs": found} if found else {"note": "No match jobs or time format error", "jobs": found}


def _fits(job: dict[str, Any], key: str, value: Any) -> bool:
    if key in ("tag", "runas"):
        return bool(job["user" if key == "runas" else "tag"] == value)
    numbers = [int(one) for one in (*job["date"].split("-"), *job["time"].split(":"))]
    return key in _CRITERIA and numbers[_CRITERIA[key]] == int(value)


def _tag(number: str) -> str:
    script = atc(number)
    found = _TAG.search(script) if isinstance(script, str) else None
    return found[1] if found else ""
