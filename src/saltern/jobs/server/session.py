"""What jobs in tables need of a connection to an SQL server, and connections that are kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from saltern.jobs.rows import Write
from saltern.jobs.server.faults import ConnectionBroken

T = TypeVar("T")
Row = tuple[Any, ...]


class OutcomeWrite(NamedTuple):
    """The row of one outcome as it is to become; `body` is the number of its body, None without one."""

    job: int
    minion: int
    seq: int
    write: Write
    body: int | None


class Session(Protocol):
    """One connection. Errors of the driver come as `ConnectionBroken`, `StoreFull` or `StoreError`.

    Outside `begin` and `commit` each statement stands for itself. Values are marked `%s`.
    """

    async def begin(self) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...

    async def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """The rows of a SELECT."""

    async def execute(self, statement: str, values: Sequence[Any] = ()) -> None: ...

    async def insert(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add rows in bulk."""

    async def update_outcomes(self, rows: Sequence[OutcomeWrite]) -> None:
        """Write rows that are there; `started` None leaves what is there."""

    async def add_to_jobs(self, rows: Sequence[Sequence[int]]) -> None:
        """Each row the number of a job and what is added to each of `tables.GROWING`."""

    async def lock(self, name: str) -> None:
        """Wait for a lock that no other session has; it ends with the session or by `unlock`."""

    async def unlock(self, name: str) -> None: ...

    async def close(self) -> None: ...


class Pool:
    """A few sessions that are opened when needed and used one at a time."""

    def __init__(self, connect: Callable[[], Awaitable[Session]], size: int) -> None:
        self._connect = connect
        self._free: list[Session] = []
        self._turns = asyncio.Semaphore(size)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session for some statements; one in which anything failed is not used again."""
        async with self._turns:
            session = self._free.pop() if self._free else await self._connect()
            try:
                yield session
            except BaseException:
                with contextlib.suppress(Exception):
                    await session.close()
                raise
            self._free.append(session)

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Do some work in a session; once more over a new connection when the one at hand is broken."""
        try:
            async with self.session() as session:
                return await work(session)
        except ConnectionBroken:
            await self.close()
            async with self.session() as session:
                return await work(session)

    async def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """As `Session.fetch`."""
        return await self.run(lambda session: session.fetch(statement, values))

    async def close(self) -> None:
        while self._free:
            with contextlib.suppress(Exception):
                await self._free.pop().close()
