"""Databases that fail under load, for minutes: what arrives, and what a command costs meanwhile.

    python -m bench --only outage [--stores pgjsonb,mysql,redis] [--runs N]

Each store is put through each fault (`tests/faults/outage_lab.py`) at 500 returns a second: killed, frozen, stopped,
restarted again and again, its connections cut in mid-batch, its disk full. A fault lasts `--runs` times 12 seconds,
twice that where the server is stopped or frozen. Before and behind each fault the store is well for some time, so that
what else the machine does falls on both alike; figures are medians of windows of 20 seconds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

sys.path[:0] = [str(Path(__file__).parent.parent / "tests" / name) for name in ("", "faults")]

from lab import SALTERN, Lab, until  # noqa: E402
from outage_lab import FAULTS, Database, Load, by_job, database_of, recorded, settled, status  # noqa: E402

from bench.measure import Figure, command_time  # noqa: E402

_MINIONS, _JOBS_A_SECOND = 50, 10
_LONG = ("frozen", "stopped")
_WELL = 30.0
"""Seconds before and behind each fault."""
_WINDOW = 20.0
_PAUSE = 0.1
"""Seconds between two commands whose time is taken."""
_ROOM = 5
"""The disks of the tests, so many times: the load lasts longer here."""
_DRAIN_SECONDS = 600


class Phase(NamedTuple):
    """A stretch of one kind: `well`, `away`, or `back` (what waited is on its way)."""

    kind: str
    begin: float
    end: float


class Outage(NamedTuple):
    """What one fault of one store came to."""

    phases: list[Phase]
    commands: list[tuple[float, float]]
    """When each began, and the milliseconds that it took."""
    sent: int
    stored: int
    twice: int
    disordered: int
    """Jobs whose returns lie in another order."""
    waited: int
    drained: float
    """Seconds until what had waited was there."""


def outages(stores: Sequence[str], runs: int) -> Iterator[list[Figure]]:
    """The figures of each store; `AssertionError` when something was lost, came twice or in another order."""
    for store in stores:
        found: dict[str, Outage] = {}
        for fault in FAULTS:
            found[fault] = _outage(store, fault, 12.0 * runs * (2 if fault in _LONG else 1))
            yield [_arrived(store, fault, found[fault])]
        yield list(_latencies(store, list(found.values())))


def _outage(store: str, fault: str, seconds: float) -> Outage:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="saltern-bench-")))
        (folder / "db").mkdir()
        database = stack.enter_context(database_of(store, folder / "db", fault, room=_ROOM))
        options = {"master_job_cache": store, "export_timeout": 10, **database.options()}
        lab = stack.enter_context(Lab(folder / "lab", master=options))
        lab.start_master()
        lab.start_swarm("s", _MINIONS)
        with Load(lab, _JOBS_A_SECOND) as load, Commands(lab) as commands:
            time.sleep(3)
            phases, waited, drained = _through(lab, database, fault, seconds)
        until(lambda: settled(lab), _DRAIN_SECONDS, lambda: f"something waits: {lab.ask('exports')}")
        assert not load.refused, load.refused
        letters = lab.ask("exports", action="letters")["letters"]
        assert not letters, letters
        sent, rows = recorded(lab), database.rows()
        before, after = by_job(sent), by_job(rows)
        for jid, minion in sorted(set(sent) - set(rows))[:10]:
            print(f"missing: {jid} {minion} {lab.ask('outcomes', query={'jid': jid, 'minion': minion})['outcomes']}")
        return Outage(
            phases=phases,
            commands=commands.taken,
            sent=len(sent),
            stored=len(set(rows)),
            twice=len(rows) - len(set(rows)),
            disordered=sum(after.get(jid) != minions for jid, minions in before.items()),
            waited=waited,
            drained=drained,
        )


def _through(lab: Lab, database: Database, fault: str, seconds: float) -> tuple[list[Phase], int, float]:
    """The phases of one fault; how many returns waited at its end, and for how long yet."""
    times = [time.monotonic()]

    def mark(kind: str) -> Phase:
        times.append(time.monotonic())
        return Phase(kind, *times[-2:])

    time.sleep(_WELL)
    phases = [mark("well")]
    with database.fault(fault):
        time.sleep(seconds)
        phases.append(mark("away"))
        waited = int(status(lab)["waiting"])
    ends = time.monotonic() + _DRAIN_SECONDS
    while not _caught_up(lab):
        assert time.monotonic() < ends, f"something waits: {lab.ask('exports')}"
        time.sleep(1)  # to ask is work for the master
    phases.append(mark("back"))
    time.sleep(_WELL)
    return [*phases, mark("well")], waited, phases[-1].end - phases[-1].begin


def _caught_up(lab: Lab) -> bool:
    """Whether no more waits than came in the last second: the load goes on."""
    row = status(lab)
    return not row["error"] and row["waiting"] <= _MINIONS * _JOBS_A_SECOND


class Commands:
    """`saltern run` of one minion, one command after the other, until it is closed."""

    def __init__(self, lab: Lab) -> None:
        self.taken: list[tuple[float, float]] = []
        self._argv = [*SALTERN, "run", "-c", str(lab.config), "s-0", "test.ping"]
        self._ended = threading.Event()
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Commands:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def _work(self) -> None:
        try:
            while not self._ended.wait(_PAUSE):
                began = time.monotonic()
                milliseconds, _ = command_time(self._argv)
                self.taken.append((began, milliseconds))
        except Exception as error:
            self._failed = error


def _arrived(store: str, fault: str, outage: Outage) -> Figure:
    counts = f"sent {outage.sent}, stored {outage.stored}, twice {outage.twice}, out of order {outage.disordered}"
    if (outage.sent, 0, 0) != (outage.stored, outage.twice, outage.disordered):
        raise AssertionError(f"{store}, {fault}: {counts}")
    away = next(phase for phase in outage.phases if phase.kind == "away")
    what = f"{store}, {fault} for {away.end - away.begin:.0f} s: {outage.waited} returns waited, there after"
    return Figure(f"outage_{store}_{fault}_drained", what, [outage.drained], "s", note=counts)


def _latencies(store: str, outages: Sequence[Outage]) -> Iterator[Figure]:
    times = {kind: [one for outage in outages for one in _windows(outage, kind)] for kind in ("well", "away", "back")}
    words = {"well": "before and behind", "away": "during the outage", "back": "while what waited goes"}
    budgets = {"away": statistics.median(_quantile(window, 0.99) for window in times["well"]) * 1.1}
    for kind, windows in times.items():
        if not windows:
            continue
        key, what = f"outage_{store}_{kind}", f"{store}, saltern run {words[kind]}"
        together = [one for window in windows for one in window]
        note = f"{len(together)} commands, together {_quantile(together, 0.99):.0f}"
        yield Figure(f"{key}_p50", f"{what}: median", [statistics.median(window) for window in windows], "ms")
        p99 = [_quantile(window, 0.99) for window in windows]
        yield Figure(f"{key}_p99", f"{what}: 99th", p99, "ms", note=note, budget=budgets.get(kind))


def _windows(outage: Outage, kind: str) -> Iterator[list[float]]:
    """The times of commands in each whole window of the phases of that kind; a phase shorter than one is one."""
    for phase in outage.phases:
        if phase.kind != kind:
            continue
        count = max(1, int((phase.end - phase.begin) / _WINDOW))
        length = (phase.end - phase.begin) / count
        for number in range(count):
            begin = phase.begin + number * length
            taken = [ms for at, ms in outage.commands if begin <= at < begin + length]
            if len(taken) >= 2:
                yield taken


def _quantile(values: Sequence[float], part: float) -> float:
    return sorted(values)[int(len(values) * part)]
