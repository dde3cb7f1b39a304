"""A store of jobs in the tables of an SQL server; which server, its sessions know."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import msgspec

from saltern.errors import StoreError
from saltern.jobs.server.address import ServerAddress
from saltern.jobs.server.expiring import Pace, expire_step, tidy
from saltern.jobs.server.faults import ConnectionBroken
from saltern.jobs.server.group import Answers, Asks, Create, GroupCommit, Record
from saltern.jobs.server.reading import Questions
from saltern.jobs.server.session import Pool, Session
from saltern.jobs.server.spool import Spool, is_large, pieces_of
from saltern.jobs.server.writing import BatchWriter, numbers
from saltern.model.job import Body, Change, Job, JobQuery, JobSummary, Outcome, OutcomeQuery, Retention, Verdict

log = logging.getLogger(__name__)

_READERS = 4
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_UPLOAD_BITS = 62


class TableJobStore:
    """Several masters may share the tables. The tables are there: see `tables.prepare`."""

    def __init__(self, address: ServerAddress, connect: Callable[[float], Awaitable[Session]]) -> None:
        """`connect` is given the seconds for which an answer is waited for."""
        self._address = address
        self._connect = partial(connect, address.writing_patience)
        self._pool = Pool(partial(connect, address.reading_patience), _READERS)
        self._spool = Spool()
        self._questions = Questions(self._pool, self._spool)
        self._batches = BatchWriter()
        self._session: Session | None = None
        self._group = GroupCommit(self._write)
        self._closed = False

    async def create(self, job: Job, minions: Sequence[str]) -> None:
        self._check_open()
        ids = list(dict.fromkeys(minions))
        # Encoded here, where what cannot be text fails for the one who asked.
        load = msgspec.msgpack.encode(job)
        "".join([job.jid, *ids]).encode()
        ask = Create(job, load, ids)
        self._group.put(ask)
        await ask.future

    async def record(self, changes: Sequence[Change]) -> list[Verdict]:
        self._check_open()
        if not changes:
            return []
        uploads = await self._upload(changes)
        ask = Record(changes, uploads)
        self._group.put(ask)
        verdicts = await ask.future
        await self._taken(changes, uploads)
        return verdicts

    async def job(self, jid: str) -> JobSummary | None:
        return await self._asking().job(jid)

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        return await self._asking().jobs(query)

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        return await self._asking().outcomes(query)

    async def body(self, jid: str, minion: str) -> Body | None:
        return await self._asking().body(jid, minion)

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        return await self._asking().bodies(jid, minions)

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        return await self._asking().bodies_of(outcomes)

    async def expire(self, keep: Retention, now: float) -> int:
        self._check_open()
        dropped, more, pace = 0, True, Pace()
        while more:
            count, more = await self._pool.run(lambda session: expire_step(session, keep, now, pace))
            dropped += count
        await self._pool.run(lambda session: tidy(session, time.time()))
        return dropped

    async def latest(self) -> str:
        return await self._asking().latest()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._group.drain()
        await self._hang_up()
        await self._pool.close()
        self._spool.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The job cache is closed")

    def _asking(self) -> Questions:
        self._check_open()
        return self._questions

    # --- writing ------------------------------------------------------------------------------------------------

    async def _write(self, asks: Asks) -> Answers:
        """Write and commit, over a new connection when the one at hand breaks, for as long as the address says."""
        self._batches.next_batch()
        ends, pause = time.monotonic() + self._address.timeout, _FIRST_PAUSE
        answers: Answers | None = None  # not None while a commit is in doubt
        while True:
            try:
                session = await self._writing()
                if answers is None or not await self._batches.landed(session):
                    answers = None
                    answers = await self._batches.write(session, asks)
                    await session.commit()
                self._batches.committed()
                return answers
            except ConnectionBroken:
                await self._hang_up()
                if time.monotonic() + pause > ends:
                    raise
                if pause == _FIRST_PAUSE:
                    log.warning("the connection to the job store %s broke; trying again", self._address)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            except BaseException:
                await self._hang_up()
                raise

    async def _writing(self) -> Session:
        if self._session is None:
            session = await self._connect()
            await self._batches.register(session)
            self._session = session
        return self._session

    async def _hang_up(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(Exception):
                await session.close()

    # --- large bodies -------------------------------------------------------------------------------------------

    async def _upload(self, changes: Sequence[Change]) -> dict[int, int]:
        """Bring large bodies to the server ahead of the transaction that needs them; the number of each by place."""
        uploads: dict[int, int] = {}
        for place, change in enumerate(changes):
            if change.state.final and change.body is not None and is_large(change.body):
                uploads[place] = await self._pool.run(partial(_upload_one, body=change.body))
        return uploads

    async def _taken(self, changes: Sequence[Change], uploads: dict[int, int]) -> None:
        """Files that were given are ours now, and gone; uploads that nobody wants go too, by `tidy` at the latest."""
        for change in changes:
            if change.body is not None and change.body.path is not None:
                change.body.path.unlink(missing_ok=True)
        if uploads:
            try:
                await self._pool.run(partial(_drop_unwanted, uploads=numbers(uploads.values())))
            except StoreError as error:  # the changes are written, and whoever asked is to hear so
                log.warning("large bodies that nobody wants stay for now: %s", error)


async def _upload_one(session: Session, body: Body) -> int:
    number = -secrets.randbits(_UPLOAD_BITS) - 1  # those of small bodies are above 0
    await session.insert("saltern_upload", ("id", "begun"), [(number, time.time())])
    part = 0
    async for piece in pieces_of(body):
        await session.insert("saltern_body", ("id", "part", "data"), [(number, part, piece)])
        part += 1
    return number


async def _drop_unwanted(session: Session, uploads: str) -> None:
    """Those that a transaction took are no uploads any more."""
    rows = await session.fetch(f"SELECT id FROM saltern_upload WHERE id IN ({uploads})")  # noqa: S608  (numbers)
    if left := numbers(int(row[0]) for row in rows):
        for table in ("saltern_body", "saltern_upload"):
            await session.execute(f"DELETE FROM {table} WHERE id IN ({left})")  # noqa: S608  (numbers)
