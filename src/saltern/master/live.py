"""The jobs that are not over, as the master holds them in memory: a view of the store, rebuilt at each start."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator

from saltern.jobs.contract import JobStore
from saltern.model.job import Job, OutcomeQuery, State

OPEN = (State.QUEUED, State.SENT, State.RUNNING)
_PAGE = 10_000


class LiveJob:
    """One job and its outcomes that are still open."""

    __slots__ = ("ends", "follow", "frame", "held", "in_turns", "job", "open")

    def __init__(
        self, job: Job, frame: bytes, pending: Iterable[str], *, follow: bool = False, held: bool = False
    ) -> None:
        self.job = job
        self.frame = frame
        """The encoded `JobFrame`, the same for every minion."""
        self.open: dict[str, State] = dict.fromkeys(pending, State.QUEUED)
        self.follow = follow
        self.in_turns = held
        """Whether it is the job of a batch."""
        self.held: dict[str, None] = dict.fromkeys(self.open) if held else {}
        """The minions whose turn in the batch has not come yet, in the order of their turns."""
        self.ends: Counter[State] = Counter()
        """How many outcomes have ended in each state."""


class LiveJobs:
    """Jobs with open outcomes by jid, and those who listen for what happens to a job."""

    def __init__(self) -> None:
        self._jobs: dict[str, LiveJob] = {}
        self._listening: dict[str, set[asyncio.Event]] = {}

    def get(self, jid: str) -> LiveJob | None:
        return self._jobs.get(jid)

    def is_open(self, jid: str, minion: str) -> bool:
        live = self._jobs.get(jid)
        return live is not None and minion in live.open

    def all(self) -> list[LiveJob]:
        return list(self._jobs.values())

    def add(self, live: LiveJob) -> None:
        """Take up a job; one that concerns nobody is over already."""
        if live.open:
            self._jobs[live.job.jid] = live

    def of_minion(self, minion: str) -> list[LiveJob]:
        return [live for live in self._jobs.values() if minion in live.open]

    def moved(self, jid: str, minion: str, state: State) -> None:
        """An outcome has changed in the store."""
        live = self._jobs.get(jid)
        if live is None or minion not in live.open:
            return
        if not state.final:
            live.open[minion] = state
            return
        del live.open[minion]
        live.held.pop(minion, None)
        live.ends[state] += 1
        if not live.open:
            del self._jobs[jid]

    # --- listening ----------------------------------------------------------------------------------------------

    def wake(self, jids: Iterable[str]) -> None:
        """Something of these jobs is new in the store."""
        for jid in jids:
            for news in self._listening.get(jid, ()):
                news.set()

    @contextlib.contextmanager
    def listening(self, jid: str) -> Iterator[asyncio.Event]:
        """An event that is set when something of a job is new; cleared before the store is read, it misses nothing."""
        news = asyncio.Event()
        self._listening.setdefault(jid, set()).add(news)
        try:
            yield news
        finally:
            self._listening[jid].discard(news)
            if not self._listening[jid]:
                del self._listening[jid]


async def heard(news: asyncio.Event, seconds: float) -> None:
    """Return when there is news, or after some seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await news.wait()


async def open_outcomes(store: JobStore) -> dict[str, dict[str, State]]:
    """All open outcomes of a store: jid to minion to state."""
    found: dict[str, dict[str, State]] = {}
    after = 0
    while page := await store.outcomes(OutcomeQuery(states=OPEN, after=after, limit=_PAGE)):
        for outcome in page:
            found.setdefault(outcome.jid, {})[outcome.minion] = outcome.state
        after = page[-1].seq
    return found
