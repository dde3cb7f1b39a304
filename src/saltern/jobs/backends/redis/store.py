"""The job cache in Redis (6.2 or newer) or Valkey, which several masters may share.

How durable it is, the server's configuration says (`appendonly`, `appendfsync`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec

from saltern.errors import JobExists, StoreError, StoreFull
from saltern.jobs.backends.redis.reading import Questions
from saltern.jobs.backends.redis.scripts import CREATE, EXPIRE, MATRIX, RECORD, VERDICTS, VERSION
from saltern.jobs.rows import note_of, write_of
from saltern.jobs.server.address import ServerAddress
from saltern.jobs.server.faults import ConnectionBroken, about, driver, unanswered
from saltern.jobs.server.group import Answers, Asks, Create, GroupCommit, Record
from saltern.jobs.server.spool import Spool, content_of, is_large, pieces_of
from saltern.jobs.transition import OUTCOME_BYTES, microseconds
from saltern.model.job import Body, Change, Job, JobQuery, JobSummary, Outcome, OutcomeQuery, Retention, Verdict

log = logging.getLogger(__name__)
T = TypeVar("T")

_PREFIX = b"{saltern}:"
_CHANGES_AT_ONCE = 1_000
_BYTES_AT_ONCE = 8 << 20
_OUTCOMES_AT_ONCE = 2_000
"""How much one script does: others wait for so long."""
_UPLOAD_SECONDS = 3600
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0


async def open_redis(address: ServerAddress) -> RedisJobStore:
    """Connect, and try out what is needed; `StoreError` says what lacks."""
    driver("redis.asyncio", "redis")
    store = RedisJobStore(address)
    try:
        await store.prepare()
    except BaseException:
        await store.close()
        raise
    return store


class RedisJobStore:
    """Every step is a script on the server, so that masters who share it see each other's steps whole."""

    def __init__(self, address: ServerAddress) -> None:
        self._address = address
        self._client = _client(address)
        self._create, self._record, self._expire = map(self._client.register_script, (CREATE, RECORD, EXPIRE))
        self._spool = Spool()
        self._questions = Questions(self._client, _PREFIX, self._spool)
        self._writer = secrets.token_hex(16)
        self._number = 0
        self._group = GroupCommit(self._write)
        self._closed = False

    async def prepare(self) -> None:
        async with self._faults("the user needs the commands of @read, @write and @scripting, for keys {saltern}:*"):
            info = await self._client.info()
            self._check_server(info)
            probe = _PREFIX + b"probe"
            await self._client.set(probe, b"1", ex=60)
            await self._client.delete(probe)
            await self._client.script_load(CREATE)
            version = int(await self._client.hget(_PREFIX + b"meta", "version") or VERSION)
            if version > VERSION:
                raise StoreError(
                    about(self._address, f"its keys are of version {version}, this Saltern knows up to {VERSION}"),
                    hint="a newer Saltern has migrated them; use one that is as new",
                )
            await self._client.hset(_PREFIX + b"meta", "version", VERSION)

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
        uploads = {}
        for place, change in enumerate(changes):
            if change.state.final and change.body is not None and is_large(change.body):
                uploads[place] = await self._upload(change.body)
        ask = Record(changes, uploads)
        self._group.put(ask)
        verdicts = await ask.future
        for change in changes:
            if change.body is not None and change.body.path is not None:
                change.body.path.unlink(missing_ok=True)
        return verdicts

    async def job(self, jid: str) -> JobSummary | None:
        return await self._ask(self._questions.job(jid))

    async def jobs(self, query: JobQuery) -> list[JobSummary]:
        return await self._ask(self._questions.jobs(query))

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        return await self._ask(self._questions.outcomes(query))

    async def body(self, jid: str, minion: str) -> Body | None:
        return (await self.bodies(jid, [minion])).get(minion)

    async def bodies(self, jid: str, minions: Sequence[str]) -> dict[str, Body]:
        return await self._ask(self._questions.bodies(jid, minions))

    async def bodies_of(self, outcomes: Sequence[Outcome]) -> list[Body | None]:
        return await self._ask(self._questions.bodies_of(outcomes))

    async def expire(self, keep: Retention, now: float) -> int:
        self._check_open()
        oldest = repr(now - keep.seconds) if keep.seconds else ""
        dropped, more = 0, 1
        while more:
            async with self._faults():
                args = [_PREFIX, oldest, keep.jobs, keep.bytes, _OUTCOMES_AT_ONCE]
                count, more = await self._expire(args=args)
            dropped += count
        return dropped

    async def latest(self) -> str:
        return await self._ask(self._questions.latest())

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._group.drain()
        await self._client.aclose()
        self._spool.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The job cache is closed")

    async def _ask(self, question: Awaitable[T]) -> T:
        async with self._faults():
            if self._closed:
                question.close()  # type: ignore[attr-defined]  # a coroutine that nobody is going to await
            self._check_open()
            return await question

    # --- writing ------------------------------------------------------------------------------------------------

    async def _write(self, asks: Asks) -> Answers:
        """The same scripts with the same numbers again when the connection breaks: none is done twice."""
        calls, fresh = self._calls(asks), True
        ends, pause = time.monotonic() + self._address.timeout, _FIRST_PAUSE
        while True:
            try:
                async with self._faults():
                    return _answers(asks, await self._run(calls, fresh=fresh))
            except ConnectionBroken:
                if time.monotonic() + pause > ends:
                    raise
                if pause == _FIRST_PAUSE:
                    log.warning("the connection to the job store %s broke; trying again", self._address)
                await asyncio.sleep(pause)
                fresh, pause = False, min(2 * pause, _LONGEST_PAUSE)

    def _calls(self, asks: Asks) -> list[tuple[Any, list[Any]]]:
        """Scripts with their arguments: jobs first, then changes in their order."""
        calls: list[tuple[Any, list[Any]]] = [
            (self._create, [*self._once(), *_job_arguments(ask)]) for ask in asks if isinstance(ask, Create)
        ]
        return calls + [(self._record, [*self._once(), MATRIX, *some]) for some in _portions(asks)]

    def _once(self) -> tuple[Any, ...]:
        self._number += 1
        return _PREFIX, self._writer, self._number

    async def _run(self, calls: Sequence[tuple[Any, list[Any]]], *, fresh: bool) -> list[bytes]:
        """`fresh`: the batch before is over, so what its scripts answered may be forgotten."""
        async with self._client.pipeline(transaction=False) as pipe:
            if fresh:
                await pipe.unlink(_PREFIX + b"writer:" + self._writer.encode())
            for script, arguments in calls:
                await script(args=arguments, client=pipe)
            return list((await pipe.execute())[-len(calls) :])

    async def _upload(self, body: Body) -> bytes:
        name = secrets.token_hex(16).encode()
        key = _PREFIX + b"body:" + name
        async with self._faults():
            async for piece in pieces_of(body):
                await self._client.rpush(key, piece)
                await self._client.expire(key, _UPLOAD_SECONDS)
        return name

    # --- the server ---------------------------------------------------------------------------------------------

    def _check_server(self, info: dict[str, Any]) -> None:
        if info.get("cluster_enabled"):
            raise StoreError(
                about(self._address, "a cluster keeps all jobs on one of its nodes; give a server of its own")
            )
        if info.get("role") != "master":
            raise StoreError(about(self._address, "it is a replica, which cannot be written to"))
        policy = str(info.get("maxmemory_policy", ""))
        if info.get("maxmemory") and policy.startswith("allkeys"):
            raise StoreError(
                about(self._address, f"it throws keys away when its memory is full (maxmemory-policy {policy})"),
                hint="CONFIG SET maxmemory-policy noeviction",
            )
        if not info.get("aof_enabled"):
            log.warning("the job store %s has appendonly off: its last writes are lost when it crashes", self._address)

    @asynccontextmanager
    async def _faults(self, hint: str = "") -> AsyncIterator[None]:
        import redis.exceptions as kinds

        try:
            yield
        except (kinds.ConnectionError, kinds.TimeoutError, kinds.BusyLoadingError, OSError) as error:
            if isinstance(error, kinds.AuthenticationError):
                raise StoreError(about(self._address, error), hint=hint) from error
            late = isinstance(error, kinds.TimeoutError)
            told = unanswered(self._address, self._address.writing_patience) if late else about(self._address, error)
            raise ConnectionBroken(told) from error
        except kinds.RedisError as error:
            full = isinstance(error, kinds.OutOfMemoryError) or str(error).startswith(("OOM", "MISCONF"))
            raise (StoreFull if full else StoreError)(about(self._address, error), hint=hint) from error


def _client(address: ServerAddress) -> Any:
    import redis.asyncio
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    where: dict[str, Any] = {"host": address.host, "port": address.port or 6379}
    if address.is_socket:
        where = {"unix_socket_path": address.host}
    elif address.is_encrypted:
        where |= {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": True}
        files = {"ssl_ca_certs": address.tls_ca, "ssl_certfile": address.tls_cert, "ssl_keyfile": address.tls_key}
        where |= {name: str(path) for name, path in files.items() if path is not None}
    try:
        database = int(address.database or 0)
    except ValueError as error:
        raise StoreError(about(address, "the database of Redis is a number"), hint="job_store_database: 0") from error
    return redis.asyncio.Redis(
        db=database,
        username=address.user or None,
        password=address.password or None,
        socket_connect_timeout=address.timeout,
        socket_timeout=address.writing_patience,
        # A connection that is broken is made anew once; who does not answer is not asked again.
        retry=Retry(NoBackoff(), 1, (redis.exceptions.ConnectionError,)),
        **where,
    )


def _job_arguments(ask: Create) -> list[Any]:
    job = ask.job
    size = len(ask.load) + OUTCOME_BYTES * len(ask.minions)
    return [job.jid, ask.load, repr(job.created), microseconds(job.created), size, *ask.minions]


def _portions(asks: Asks) -> Iterator[list[Any]]:
    """The arguments of all changes, as much at a time as one script should do."""
    arguments: list[Any] = []
    count = size = 0
    for ask in asks:
        for place, change in enumerate(ask.changes if isinstance(ask, Record) else ()):
            upload = ask.uploads.get(place) if isinstance(ask, Record) else None
            arguments += _change_arguments(change, upload)
            count, size = count + 1, size + len(arguments[-1])
            if count >= _CHANGES_AT_ONCE or size >= _BYTES_AT_ONCE:
                yield arguments
                arguments, count, size = [], 0, 0
    if arguments:
        yield arguments


def _change_arguments(change: Change, upload: Any) -> list[Any]:
    write = write_of(0, change, note_of(change))
    body = b""
    if upload is not None:
        body = b"1" + upload
    elif write.kept and change.body is not None:
        body = b"0" + content_of(change.body)
    return [
        change.jid,
        change.minion,
        write.state,
        write.changed,
        "" if write.started is None else write.started,
        "" if write.retcode is None else write.retcode,
        "" if write.success is None else int(write.success),
        write.size,
        write.note,
        body,
    ]


def _answers(asks: Asks, texts: Sequence[bytes]) -> Answers:
    creations = iter(texts)
    made: dict[Create, Exception | None] = {}
    for ask in asks:
        if isinstance(ask, Create):
            taken = next(creations) == b"exists"
            made[ask] = JobExists(f"There is a job {ask.job.jid} already") if taken else None
    letters = iter(b"".join(creations))
    answers: Answers = []
    for ask in asks:
        if isinstance(ask, Create):
            answers.append(made[ask])
        else:
            answers.append([VERDICTS[next(letters)] for _ in ask.changes])
    return answers
