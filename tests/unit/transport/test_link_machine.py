"""A pair of links under random treatment, beside a model of what may have arrived."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from saltern.errors import LinkClosed
from saltern.transport.backends.memory import MemoryNetwork, MemoryTransport
from saltern.transport.backends.tls import TlsClient, TlsServer
from saltern.transport.contract import ClientTransport, Peer, ServerTransport
from saltern.transport.frames import AnyFrame, JobFrame, Progress
from transport_lab import PATIENCE, Authority, Recorder, identify

MINION, MASTER = 0, 1
sides = st.sampled_from([MINION, MASTER])


class LinkMachine(RuleBasedStateMachine):
    """What a side receives is always a beginning of what the other sent, and all of it when nothing stands between."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.handlers = [Recorder(), Recorder()]
        self.sent: list[list[AnyFrame]] = [[], []]
        self.paused = [False, False]
        self.closed: list[int] = []
        self.aborted = False
        self.run(self._open())

    def transports(self) -> tuple[ServerTransport, ClientTransport]:
        network = MemoryNetwork()
        return MemoryTransport(network, Peer(id="master")), MemoryTransport(network, Peer(id="m1"))

    async def _open(self) -> None:
        server, client = self.transports()
        self.listener = await server.listen("127.0.0.1:0", lambda: self.handlers[MASTER])
        await client.connect(self.listener.address, self.handlers[MINION])
        await self.handlers[MASTER].is_open()

    def run(self, work):
        return self.runner.run(work)

    def link(self, side: int):
        return self.handlers[side].link

    @property
    def is_open(self) -> bool:
        return not self.closed and not self.aborted

    @rule(side=sides, size=st.sampled_from([0, 10, 1000, 20_000, 300_000]), count=st.integers(1, 5))
    def send(self, side: int, size: int, count: int) -> None:
        async def work() -> None:
            self._send(side, size, count)

        self.run(work())

    def _send(self, side: int, size: int, count: int) -> None:
        for _ in range(count):
            number = len(self.sent[side])
            frame: AnyFrame = Progress("1", "x", number, bytes(size))
            if side == MASTER:
                frame = JobFrame(str(number), bytes(size))
            try:
                self.link(side).send(frame)
            except LinkClosed:
                assert not self.is_open or self.link(side).queued == 0
                if self.is_open:
                    self.aborted = True  # The other side was too slow.
                return
            self.sent[side].append(frame)

    @rule(side=sides)
    def pause(self, side: int) -> None:
        self.paused[side] = True
        self.run(_call(self.link(side).pause))

    @rule(side=sides)
    def resume(self, side: int) -> None:
        self.paused[side] = False
        self.run(_call(self.link(side).resume))

    @rule(turns=st.integers(1, 30))
    def let_time_pass(self, turns: int) -> None:
        async def work() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self.run(work())

    @precondition(lambda self: self.is_open)
    @rule()
    def everything_arrives_when_nobody_pauses(self) -> None:
        for side in (MINION, MASTER):
            self.resume(side)

        async def work() -> None:
            await self.handlers[MASTER].got(len(self.sent[MINION]))
            await self.handlers[MINION].got(len(self.sent[MASTER]))

        self.run(work())

    @rule(side=sides, last_words=st.integers(0, 3))
    def close(self, side: int, last_words: int) -> None:
        async def work() -> None:
            self._send(side, 5000, last_words)
            if not self.aborted:
                self.closed.append(side)
            self.link(side).close()

        self.run(work())

    @rule(side=sides)
    def abort(self, side: int) -> None:
        self.aborted = True
        self.run(_call(self.link(side).abort))

    @invariant()
    def what_arrived_is_a_beginning_of_what_was_sent(self) -> None:
        for side in (MINION, MASTER):
            got = self.handlers[1 - side].frames
            assert got == self.sent[side][: len(got)]

    @invariant()
    def an_end_comes_once(self) -> None:
        for handler in self.handlers:
            assert len(handler.ends) <= 1
            if handler.ends:
                assert not self.is_open

    def teardown(self) -> None:
        try:
            for side in (MINION, MASTER):
                self.resume(side)
            if self.is_open:
                self.close(MINION, 1)
            ends = [self.run(handler.ended()) for handler in self.handlers]
            self.what_arrived_is_a_beginning_of_what_was_sent()
            if not self.aborted:
                assert ends == [None, None]
            if not self.aborted and set(self.closed) == {self.closed[0]}:
                assert self.handlers[1 - self.closed[0]].frames == self.sent[self.closed[0]]
        finally:
            self.run(self.listener.close())
            self.runner.close()


class TlsLinkMachine(LinkMachine):
    def transports(self) -> tuple[ServerTransport, ClientTransport]:
        server, client = _contexts()
        return TlsServer(server, identify), TlsClient(client, identify)


@cache
def _contexts():
    with tempfile.TemporaryDirectory() as directory:
        authority = Authority(Path(directory))
        return authority.server_context(), authority.client_context("m1")


async def _call(function) -> None:
    function()


@pytest.mark.parametrize(("machine", "examples"), [(LinkMachine, 60), (TlsLinkMachine, 40)], ids=["memory", "tls"])
def test_links_keep_to_the_model(machine, examples):
    assert PATIENCE
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
