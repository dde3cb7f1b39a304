"""The Python API: all that an operator can do, typed and asynchronous.

::

    async with Client("/run/saltern/master.sock") as client:
        result = await client.run("web*", "cmd.run", ["uptime"])
        for minion, value in result.values.items():
            print(minion, value)
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from saltern.client import contract
from saltern.client.records import (
    CallResult,
    EventItem,
    Finished,
    FleetMinion,
    JobResult,
    ListedJob,
    MasterInfo,
    Progress,
    Published,
    Token,
    Update,
)
from saltern.errors import LinkClosed, MasterNotRunning, PermissionRefused, ProtocolError, from_data
from saltern.model.job import JobQuery, Outcome, OutcomeQuery

_LENGTH = struct.Struct(">I")
_MAX_ANSWER = 256 << 20
_IDLE_LINKS = 4

Record = TypeVar("Record")


def unfolded(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """An `items` map as the items that it holds; any other answer by itself."""
    if answer.get("kind") != "items":
        return [answer]
    return [{"kind": "item", **item} for item in answer["items"]]


class Client:
    """A master on this machine, by the path of its unix socket.

    Any number of requests may run at the same time, each on a connection of its own; connections are kept for the next
    request. Errors are those of `saltern.errors`, as the master raised them.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._idle: list[_Link] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections; jobs go on."""
        while self._idle:
            await self._idle.pop().close()

    async def ping(self) -> MasterInfo:
        """Who answers, and whether it is ready to take jobs."""
        return await self._ask(contract.Ping(), MasterInfo)

    # --- jobs

    async def publish(self, request: contract.Publish) -> Published:
        """Start a job; it is durable when this returns. `NoMinionsMatched` when the target is empty."""
        return await self._ask(request, Published)

    async def follow(
        self, jid: str, *, after: int = 0, wait: float = 5.0, progress: bool = False, bodies: bool = True
    ) -> AsyncGenerator[Update | Progress | Finished, None]:
        """Each change of a job's outcomes from the cursor `after`, then `Finished`.

        The stream ends when every outcome is final, or `wait` seconds after nothing more runs.
        """
        request = contract.Follow(jid=jid, after=after, wait=wait, progress=progress, bodies=bodies)
        async with aclosing(self._stream(request)) as answers:
            async for answer in answers:
                yield _followed(answer)

    async def run(
        self,
        tgt: str | list[str],
        fun: str | list[str],
        arg: Sequence[Any] = (),
        kwarg: Mapping[str, Any] | None = None,
        *,
        tgt_type: str = "glob",
        wait: float = 5.0,
        timeout: float = 0.0,
        deliver_within: float = 0.0,
    ) -> JobResult:
        """Publish a job and wait for its returns; values of any size are fetched.

        `wait` and `timeout` are seconds: how long to wait after nothing more runs, and how long a minion may work.
        """
        published = await self.publish(
            contract.Publish(
                fun=fun,
                arg=with_kwargs(arg, kwarg),
                tgt=tgt,
                tgt_type=tgt_type,
                timeout=timeout,
                deliver_within=deliver_within,
            )
        )
        updates: dict[str, Update] = {}
        finished = Finished()
        async with aclosing(self.follow(published.jid, wait=wait)) as answers:
            async for answer in answers:
                if isinstance(answer, Finished):
                    finished = answer
                elif isinstance(answer, Update) and answer.outcome.state.final:
                    updates[answer.outcome.minion] = await self._complete(answer)
        return JobResult(published=published, updates=updates, finished=finished)

    async def body(self, jid: str, minion: str) -> AsyncGenerator[bytes, None]:
        """The value of a return as MessagePack, in pieces."""
        async with aclosing(self._stream(contract.ReadBody(jid=jid, minion=minion))) as answers:
            async for answer in answers:
                if answer["kind"] == "item":
                    yield answer["data"]

    async def job(self, jid: str) -> ListedJob:
        """A job with its counts; `JobNotFound`."""
        return await self._ask(contract.ShowJob(jid=jid), ListedJob)

    async def jobs(self, query: JobQuery | None = None) -> list[ListedJob]:
        """The jobs that a query describes, newest first."""
        request = contract.ListJobs(query=_fields(query or JobQuery()))
        return msgspec.convert((await self._end(request))["jobs"], list[ListedJob])

    async def outcomes(self, query: OutcomeQuery) -> list[Outcome]:
        """The outcomes that a query describes, in the order in which they changed."""
        request = contract.ListOutcomes(query=_fields(query))
        return msgspec.convert((await self._end(request))["outcomes"], list[Outcome])

    async def cancel(self, jid: str = "", minions: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Stop a job, or what runs on these minions; the (jid, minion) pairs that were cancelled."""
        answer = await self._end(contract.CancelJobs(jid=jid, minions=list(minions)))
        return [(jid, minion) for jid, minion in answer["cancelled"]]

    # --- minions and keys

    async def fleet(self, match: Sequence[str] = ()) -> dict[str, FleetMinion]:
        """The minions whose ids match one of the globs (all without any), by id."""
        answer = await self._end(contract.Fleet(match=list(match)))
        return msgspec.convert(answer["minions"], dict[str, FleetMinion])

    async def keys(self, action: str, match: Sequence[str] = (), states: Sequence[str] = ()) -> dict[str, Any]:
        """Look at or decide on keys: `contract.Keys` describes the actions and what comes back."""
        answer = await self._end(contract.Keys(action=action, match=list(match), states=list(states)))
        return dict(answer["keys"])

    async def make_token(self, minion: str = "", *, seconds: float = 3600.0, uses: int = 1) -> Token:
        """A join token with which a minion (glob; empty: any) is accepted at once."""
        return await self._ask(contract.MakeToken(minion=minion, seconds=seconds, uses=uses), Token)

    # --- events and functions of the master

    async def events(self, match: str = "*", *, after: int = -1, count: int = 0) -> AsyncGenerator[EventItem, None]:
        """Events whose tags match a glob, from the cursor `after` (-1: from now on); `count` 0: for ever."""
        request = contract.FollowEvents(match=match, after=after, count=count)
        async with aclosing(self._stream(request)) as answers:
            async for answer in answers:
                if answer["kind"] == "item":
                    yield msgspec.convert(answer, EventItem)

    async def send_event(self, tag: str, data: Mapping[str, Any] | None = None) -> int:
        """Put an event on the master's log; its place there."""
        return int((await self._end(contract.SendEvent(tag=tag, data=dict(data or {}))))["seq"])

    async def call(
        self, client: str, fun: str, arg: Sequence[Any] = (), kwarg: Mapping[str, Any] | None = None
    ) -> CallResult:
        """Run a function of the master; `client` is `runner` or `wheel`."""
        return await self._ask(
            contract.Call(client=client, fun=fun, arg=list(arg), kwarg=dict(kwarg or {})), CallResult
        )

    async def call_in_background(
        self, client: str, fun: str, arg: Sequence[Any] = (), kwarg: Mapping[str, Any] | None = None
    ) -> str:
        """Start a function of the master without waiting for it; its jid."""
        request = contract.Call(client=client, fun=fun, arg=list(arg), kwarg=dict(kwarg or {}), background=True)
        return str((await self._end(request))["jid"])

    # --- requests

    async def _complete(self, update: Update) -> Update:
        outcome = update.outcome
        if update.body is not None or not outcome.state.has_return:
            return update
        pieces = [piece async for piece in self.body(outcome.jid, outcome.minion)]
        return msgspec.structs.replace(update, body=b"".join(pieces))

    async def _ask(self, request: contract.OperatorRequest, kind: type[Record]) -> Record:
        return msgspec.convert(await self._end(request), kind)

    async def _end(self, request: contract.OperatorRequest) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        async with aclosing(self._stream(request)) as answers:
            async for received in answers:
                answer = received
        return answer

    async def _stream(self, request: contract.OperatorRequest) -> AsyncGenerator[dict[str, Any], None]:
        link = await self._link()
        complete = False
        try:
            await link.send(msgspec.msgpack.encode(request))
            while not complete:
                answer = await link.receive()
                complete = answer.get("kind") not in ("item", "items")
                if answer.get("kind") == "error":
                    raise from_data(answer)
                for one in unfolded(answer):
                    yield one
        finally:
            # A connection whose answer was not read to its end cannot carry another request.
            if complete and len(self._idle) < _IDLE_LINKS:
                self._idle.append(link)
            else:
                await link.close()

    async def _link(self) -> _Link:
        while self._idle:
            link = self._idle.pop()
            if not link.ended:
                return link
            await link.close()
        try:
            reader, writer = await asyncio.open_unix_connection(self._path)
        except PermissionError as error:
            raise PermissionRefused(f"you may not use the master's socket {self._path}") from error
        except OSError as error:
            raise MasterNotRunning(f"no master answers on {self._path} ({error.strerror or error})") from error
        return _Link(reader, writer, self._path)


class _Link:
    """One connection to the master: maps in, maps out."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
        self._reader = reader
        self._writer = writer
        self._path = path

    @property
    def ended(self) -> bool:
        return self._reader.at_eof() or self._writer.is_closing()

    async def send(self, body: bytes) -> None:
        self._writer.write(_LENGTH.pack(len(body)) + body)
        try:
            await self._writer.drain()
        except OSError as error:
            raise LinkClosed(f"the master on {self._path} hung up: {error.strerror}") from error

    async def receive(self) -> dict[str, Any]:
        try:
            (size,) = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))
            if size > _MAX_ANSWER:
                raise ProtocolError(f"the master on {self._path} announced an answer of {size} bytes")
            body = await self._reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise LinkClosed(f"the master on {self._path} hung up before its answer was complete") from error
        try:
            return msgspec.msgpack.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise ProtocolError(f"the master on {self._path} sent what is not an answer: {error}") from error

    async def close(self) -> None:
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:
            return


def with_kwargs(arg: Sequence[Any], kwarg: Mapping[str, Any] | None) -> list[Any]:
    """Arguments as Salt's words carry them: keyword arguments in a trailing dict flagged `__kwarg__`."""
    return [*arg, {**kwarg, "__kwarg__": True}] if kwarg else list(arg)


def _followed(answer: dict[str, Any]) -> Update | Progress | Finished:
    if answer["kind"] == "end":
        return msgspec.convert(answer, Finished)
    if "progress" in answer:
        return msgspec.convert(answer["progress"], Progress)
    return msgspec.convert(answer, Update)


def _fields(query: JobQuery | OutcomeQuery) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(query)
    return fields
