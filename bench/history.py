"""Made up histories of jobs, always the same one for the same numbers.

Ten days of a fleet of 10,000 minions. The sizes of jobs have a long tail, and one job goes to the whole fleet. Three in
ten jobs are state runs with returns of 1 to 7 KiB, the others commands and pings with small ones. One return in a
hundred is a failure, for one of a few dozen reasons; one minion in two hundred was away and gives no return.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from saltern.model.job import Body, Change, Job, State

START = 1_790_000_000.0
DAY = 86_400.0
DAYS = 10
FLEET = 10_000
_MEAN = 7.7
"""Returns of a job as `_drawn` draws them."""
_LARGEST = 200
_FUNCTIONS = ("test.ping", "cmd.run", "state.apply", "pkg.list_upgrades")
_WEIGHTS = (3, 3, 3, 1)
_FAILURES = (
    "Package {} not found", "Unable to connect to repository {}", "No space left on device: /var/{}",
    "Permission denied: /srv/{}", "Traceback (most recent call last):\n  File x\nOSError: timed out after {} s",
    "unit {} failed to start", "certificate expired {} days ago", "could not resolve host mirror{}",
)  # fmt: skip


class Written(NamedTuple):
    """A job with what became of it on its minions: one change, an end, for each."""

    job: Job
    minions: list[str]
    changes: list[Change]


class Sums(msgspec.Struct):
    """What a history comes to."""

    jobs: int = 0
    returns: int = 0
    failures: int = 0
    away: int = 0
    bytes: int = 0

    def add(self, one: Written) -> None:
        self.jobs += 1
        for change in one.changes:
            self.returns += change.state.has_return
            self.failures += change.state is State.FAILED
            self.away += change.state is State.EXPIRED
            self.bytes += change.body.size if change.body is not None else 0


def history(returns: int, jobs: int = 0, *, seed: int = 1) -> Iterator[Written]:
    """`jobs` jobs (a tenth of `returns` without it), oldest first, with `returns` returns in all."""
    dice = random.Random(seed)
    fleet = [f"web{number:05d}.example.net" for number in range(FLEET)]
    count = jobs or max(returns // 10, 1)
    values = _Values(dice)
    for number, size in enumerate(_sizes(dice, returns, count)):
        created = START + number * DAYS * DAY / count
        fun = dice.choices(_FUNCTIONS, _WEIGHTS)[0]
        chosen = fleet if size == FLEET else dice.sample(fleet, size)
        away = dice.sample(fleet, 1) if dice.random() < size / 200 and size < FLEET else []
        minions = list(dict.fromkeys([*chosen, *away]))
        job = Job(
            jid=jid_of(created), fun=fun, tgt=f"web{number % 100:02d}*", user=f"user{number % 7}", created=created
        )
        ends = [values.change(job, minion) for minion in chosen]
        yield Written(job, minions, [*ends, *(_away(job, minion) for minion in minions[size:])])


def summed(some: Iterable[Written]) -> Sums:
    sums = Sums()
    for one in some:
        sums.add(one)
    return sums


def jid_of(moment: float) -> str:
    seconds = int(moment)
    return f"{time.strftime('%Y%m%d%H%M%S', time.gmtime(seconds))}{int((moment - seconds) * 1e6):06d}"


def _sizes(dice: random.Random, returns: int, jobs: int) -> Iterator[int]:
    """How many returns each job has; one of those in the middle has the whole fleet's, if there are enough for it."""
    whole = jobs // 2 if returns >= 5 * FLEET + jobs else -1
    left = returns - (FLEET if whole >= 0 else 0)
    others = jobs - (whole >= 0)
    for number in range(jobs):
        if number == whole:
            yield FLEET
            continue
        others -= 1
        size = left if not others else _drawn(dice, left / (others + 1))
        size = max(1, min(size, left - others, FLEET - 1))
        left -= size
        yield size


def _drawn(dice: random.Random, mean: float) -> int:
    return round(min(int(dice.paretovariate(1.1)) + dice.randrange(7), _LARGEST) * mean / _MEAN)


def _away(job: Job, minion: str) -> Change:
    return Change(jid=job.jid, minion=minion, state=State.EXPIRED, at=job.created + 60, reason="not connected")


class _Values:
    """What minions give back: most of it out of a store of values that were made before."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._good = [_body(_state_run(dice)) for _ in range(300)]
        self._bad = [_body(_state_run(dice, failing=True)) for _ in range(300)]
        self._texts = [_body(_words(dice)) for _ in range(300)]
        self._true = _body(True)

    def change(self, job: Job, minion: str) -> Change:
        dice = self._dice
        failed = dice.random() < 0.01
        return Change(
            jid=job.jid, minion=minion, state=State.FAILED if failed else State.RETURNED,
            at=job.created + 0.02 + dice.expovariate(0.3), started=job.created + 0.01, retcode=int(failed),
            success=not failed, body=self._failure(job) if failed else self._value(job),
        )  # fmt: skip

    def _value(self, job: Job) -> Body:
        if job.fun == "test.ping":
            return self._true
        return self._dice.choice(self._good if job.fun == "state.apply" else self._texts)

    def _failure(self, job: Job) -> Body:
        if job.fun == "state.apply":
            return self._dice.choice(self._bad)
        return _body(self._dice.choice(_FAILURES).format(self._dice.randrange(1000)))


def _body(value: Any) -> Body:
    data = msgspec.msgpack.encode(value)
    return Body(data=data, size=len(data))


def _words(dice: random.Random) -> str:
    return " ".join(
        dice.choice(("Linux", "6.1", "up", "ok", "4096", "eth0", "running")) for _ in range(dice.randrange(80))
    )


def _state_run(dice: random.Random, *, failing: bool = False) -> dict[str, Any]:
    states = {
        f"file_|-conf{n}_|-/etc/app/conf{n}_|-managed": {
            "name": f"/etc/app/conf{n}", "result": True, "changes": {}, "comment": f"File /etc/app/conf{n} is in the"
            " correct state", "__run_num__": n, "__sls__": "app", "duration": round(dice.random() * 30, 3),
            "start_time": f"08:51:{dice.randrange(60):02d}.{dice.randrange(10**6):06d}",
        }
        for n in range(dice.randrange(5, 32))
    }  # fmt: skip
    if failing:
        broken = states[dice.choice(list(states))]
        broken.update(result=False, comment=dice.choice(_FAILURES).format(dice.randrange(1000)))
    return states
