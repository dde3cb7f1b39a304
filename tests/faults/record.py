"""What the record says of jobs, read through the operator's socket; and whether it adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from lab import Lab, until

OPEN = ("queued", "sent", "running")


def publish(lab: Lab, tgt: str | list[str], fun: str, *arg: Any, **options: Any) -> str:
    """Start a job; its jid."""
    kind = "list" if isinstance(tgt, list) else options.pop("tgt_type", "glob")
    return str(lab.ask("publish", tgt=tgt, tgt_type=kind, fun=fun, arg=list(arg), **options)["jid"])


def jobs(lab: Lab) -> dict[str, dict[str, Any]]:
    """All jobs of the job cache: jid to {`job`, `counts`}."""
    found: dict[str, dict[str, Any]] = {}
    before = ""
    while page := lab.ask("jobs", query={"before": before, "limit": 500})["jobs"]:
        found |= {row["job"]["jid"]: row for row in page}
        before = page[-1]["job"]["jid"]
    return found


def outcomes(lab: Lab, jid: str = "", **query: Any) -> list[dict[str, Any]]:
    """The outcomes of a job, or of all; of one that changes while the pages are read, the newest."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    wanted, after = {"jid": jid, "limit": 1000, **query}, 0
    while page := lab.ask("outcomes", query=wanted | {"after": after})["outcomes"]:
        found |= {(row["jid"], row["minion"]): row for row in page}
        after = page[-1]["seq"]
    return list(found.values())


def outcome(lab: Lab, jid: str, minion: str) -> dict[str, Any]:
    (found,) = [row for row in outcomes(lab, jid) if row["minion"] == minion]
    return found


def state(lab: Lab, jid: str, minion: str) -> str:
    return str(outcome(lab, jid, minion)["state"])


def counts(lab: Lab, jid: str) -> dict[str, int]:
    return dict(lab.ask("job", jid=jid)["counts"])


def wait_for_state(lab: Lab, jid: str, minion: str, wanted: str, seconds: float = 20.0) -> dict[str, Any]:
    until(
        lambda: state(lab, jid, minion) == wanted,
        seconds,
        lambda: f"{jid} on {minion} is not {wanted} but {outcome(lab, jid, minion)}",
    )
    return outcome(lab, jid, minion)


def wait_until_over(lab: Lab, jid: str = "", seconds: float = 20.0) -> list[dict[str, Any]]:
    """Wait until every outcome of a job, or of all jobs, is final."""
    still_open = partial(outcomes, lab, jid, states=OPEN)
    until(lambda: not still_open(), seconds, lambda: f"still open: {still_open()[:5]}")
    return outcomes(lab, jid)


def value(lab: Lab, jid: str, minion: str) -> Any:
    """What the function gave back."""
    with lab.socket.stream({"verb": "body", "jid": jid, "minion": minion}) as pieces:
        return msgspec.msgpack.decode(b"".join(piece["data"] for piece in pieces))


def returned(lab: Lab, minion: str, fun: str, *arg: Any, seconds: float = 20.0, **options: Any) -> Any:
    """Run a function on one minion to its end; what it gave back."""
    jid = publish(lab, minion, fun, *arg, **options)
    wait_until_over(lab, jid, seconds)
    return value(lab, jid, minion)


def executions(path: Path) -> Counter[tuple[str, str]]:
    """How often each (jid, minion) of a side-effects file ran (see `faulty.note`)."""
    lines = path.read_text().splitlines() if path.exists() else []
    return Counter((jid, minion) for jid, minion in (line.split() for line in lines))


def check_that_it_adds_up(lab: Lab, targets: dict[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Every job that was answered for is there, with one final outcome a minion; the states, by jid and minion.

    `targets`: for each jid that a caller was given, the minions that were said to be concerned.
    """
    found = jobs(lab)
    assert set(targets) <= set(found), f"lost jobs: {sorted(set(targets) - set(found))[:5]}"
    states: dict[str, dict[str, str]] = {jid: {} for jid in found}
    for row in outcomes(lab):
        assert row["state"] not in OPEN, f"still open: {row}"
        states[row["jid"]][row["minion"]] = row["state"]
    for jid, row in found.items():
        assert Counter(states[jid].values()) == Counter(row["counts"]), f"the counts of {jid} are wrong"
        if jid in targets:
            assert set(states[jid]) == set(targets[jid]), f"{jid} concerned others"
    return states


def leftovers(lab: Lab, minions: Iterable[str]) -> list[str]:
    """What lies in the outboxes and the lists of running jobs of minions."""
    found: list[str] = []
    for minion in minions:
        for folder in ("outbox", "proc"):
            found += [str(path) for path in lab.minion_directory(minion).glob(f"r/**/{folder}/*")]
    return found


def wait_until_clean(lab: Lab, minions: Iterable[str], seconds: float = 20.0) -> None:
    names = list(minions)
    until(lambda: not leftovers(lab, names), seconds, lambda: f"left behind: {leftovers(lab, names)}")


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def soon(holds: Callable[[], bool], otherwise: str, seconds: float = 15.0) -> None:
    until(holds, seconds, otherwise)
