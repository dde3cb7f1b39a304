"""Which master a minion connects to, and when. Time is counted, not waited for."""

from __future__ import annotations

import asyncio
import random

import pytest

from saltern.errors import IdentityRefused
from saltern.transport.backends.memory import MemoryNetwork, MemoryTransport
from saltern.transport.contract import Handler, Link, Peer
from saltern.transport.dial import Backoff, Dialer
from saltern.transport.frames import Goodbye, Hello, Pace, Welcome
from transport_lab import PATIENCE, Recorder

A, B = "a:4510", "b:4510"


class Clock:
    """Sleeping moves the clock; every sleep is written down, and may be told to last until it is broken off."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sleeps: list[float] = []
        self.endless = False

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        await (asyncio.Event().wait() if self.endless else asyncio.sleep(0))
        self.now += seconds


class Network:
    """Masters that can be switched on and off, and a minion's way to them."""

    def __init__(self) -> None:
        self.memory = MemoryNetwork()
        self.minion = MemoryTransport(self.memory, Peer(id="m1"))
        self.refusing: set[str] = set()
        self.tried: list[str] = []
        self.at: dict[str, list[Recorder]] = {A: [], B: []}

    async def start(self, address: str) -> None:
        await MemoryTransport(self.memory, Peer(id=address)).listen(address, lambda: self._accept(address))

    def stop(self, address: str) -> None:
        del self.memory.listeners[address]
        for handler in self.at[address]:
            if handler.link is not None:
                handler.link.abort()

    def _accept(self, address: str) -> Handler:
        self.at[address].append(Recorder())
        return self.at[address][-1]

    async def connect(self, address: str, handler: Handler) -> Link:
        self.tried.append(address)
        if address in self.refusing:
            raise IdentityRefused("another authority")
        return await self.minion.connect(address, handler)

    async def accepted(self, address: str, count: int) -> Link:
        await until(lambda: len(self.at[address]) >= count)
        return await self.at[address][count - 1].is_open()


async def until(condition) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
async def dial(clock, network):
    """Starts dialers, and stops them at the end."""
    tasks = []

    def start(masters: list[str], handler=lambda master: Recorder(), **options) -> Dialer:
        dialer = Dialer(
            lambda: network,
            masters,
            handler,
            backoff=options.pop("backoff", Backoff(recon_randomize=False)),
            sleep=clock.sleep,
            clock=lambda: clock.now,
            chance=random.Random(4),
            **options,
        )
        tasks.append(asyncio.ensure_future(dialer.run()))
        dialer.task = tasks[-1]
        return dialer

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def welcome(reconnect: float) -> Welcome:
    return Welcome(1, "master", reconnect=reconnect)


async def test_the_first_attempt_comes_at_once(dial, clock, network):
    await network.start(A)
    dialer = dial([A])
    await network.accepted(A, 1)
    await until(lambda: dialer.link is not None)
    assert dialer.master == A
    assert clock.sleeps == []


async def test_waits_double_up_to_the_most(dial, clock, network):
    dial([A], backoff=Backoff(recon_default=1000, recon_max=10_000, recon_randomize=False))
    await until(lambda: len(clock.sleeps) >= 7)
    assert clock.sleeps[:7] == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_random_waits_lie_between_half_and_whole():
    backoff, chance = Backoff(recon_default=1000, recon_max=8000), random.Random(1)
    for failures, whole in ((1, 1.0), (2, 2.0), (4, 8.0), (60, 8.0), (10_000, 8.0)):
        waits = [backoff.delay(failures, chance) for _ in range(200)]
        assert whole / 2 <= min(waits) < max(waits) <= whole
        assert len(set(waits)) > 150


async def test_after_a_welcome_the_master_says_how_far_reconnects_are_spread(dial, clock, network):
    await network.start(A)
    dial([A])
    for number in range(1, 40):
        link = await network.accepted(A, number)
        link.send(welcome(30.0))
        link.close()
    await network.accepted(A, 40)
    assert 0 <= min(clock.sleeps) < 5
    assert 25 < max(clock.sleeps) <= 30


async def test_the_pace_may_change_while_connected(dial, clock, network):
    await network.start(A)
    dial([A])
    link = await network.accepted(A, 1)
    link.send(welcome(1000.0))
    link.send(Pace(30.0, 0.0))
    link.close()
    await network.accepted(A, 2)
    assert clock.sleeps == [0.0]


async def test_a_master_that_hangs_up_before_its_welcome_counts_as_a_failure(dial, clock, network):
    await network.start(A)
    dial([A])
    for number in range(1, 5):
        (await network.accepted(A, number)).close()
    await network.accepted(A, 5)
    assert clock.sleeps == [1.0, 2.0, 4.0, 8.0]


async def test_a_welcome_forgets_the_failures_before(dial, clock, network):
    dial([A])
    await until(lambda: len(clock.sleeps) >= 4)
    await network.start(A)
    link = await network.accepted(A, 1)
    clock.sleeps.clear()
    link.send(welcome(0.0))
    link.close()
    link = await network.accepted(A, 2)
    link.close()
    await network.accepted(A, 3)
    assert clock.sleeps == [0.0, 1.0]


async def test_a_list_of_masters_is_tried_in_order_without_waiting(dial, clock, network):
    await network.start(B)
    dialer = dial([A, B])
    await network.accepted(B, 1)
    await until(lambda: dialer.master == B)
    assert network.tried == [A, B]
    assert clock.sleeps == []


async def test_when_a_master_dies_the_next_takes_over(dial, clock, network):
    await network.start(A)
    await network.start(B)
    dialer = dial([A, B])
    (await network.accepted(A, 1)).send(welcome(0.0))
    await until(lambda: dialer.master == A)
    await asyncio.sleep(0.01)
    network.stop(A)
    await network.accepted(B, 1)
    await until(lambda: dialer.master == B)


async def test_a_shuffled_list_spreads_minions_over_masters(network):
    firsts = set()
    for seed in range(20):
        dialer = Dialer(lambda: network, [A, B], lambda _: Recorder(), shuffle=True, chance=random.Random(seed))
        firsts.add(dialer._masters[0])
    assert firsts == {A, B}


async def test_a_master_that_is_not_who_it_should_be_is_left_out_for_long(dial, clock, network):
    network.refusing.add(A)
    told = []
    dial([A], refused=lambda master, error: told.append((master, error.message)), refused_wait=60.0)
    await until(lambda: len(clock.sleeps) >= 3)
    assert clock.sleeps[:3] == [60.0, 60.0, 60.0]
    assert told[0] == (A, "another authority")


async def test_a_refusing_master_does_not_keep_a_minion_from_the_next(dial, clock, network):
    network.refusing.add(A)
    await network.start(B)
    dial([A, B])
    for number in range(1, 4):
        (await network.accepted(B, number)).close()
    await network.accepted(B, 4)
    assert network.tried == [A, B, B, B, B]


async def test_a_minion_whose_certificate_counts_no_more_is_told(dial, clock, network):
    await network.start(A)
    told = []
    dial([A], refused=lambda master, error: told.append(error.message))
    link = await network.accepted(A, 1)
    link.send(welcome(1.0))
    link.send(Goodbye("the key was deleted", enrol=True))
    link.close()
    await network.accepted(A, 2)
    assert clock.sleeps == [60.0]
    assert "the key was deleted" in told[0]


async def test_whoever_is_told_may_end_the_dialer(dial, network):
    def give_up(master: str, error: IdentityRefused) -> None:
        raise error

    network.refusing.add(A)
    dialer = dial([A], refused=give_up)
    with pytest.raises(IdentityRefused):
        await dialer.task


async def test_a_goodbye_that_is_not_for_good_is_an_ordinary_end(dial, clock, network):
    await network.start(A)
    dial([A])
    link = await network.accepted(A, 1)
    link.send(welcome(0.0))
    link.send(Goodbye("restarting"))
    link.close()
    await network.accepted(A, 2)
    assert clock.sleeps == [0.0]


async def test_redial_breaks_off_a_wait(dial, clock, network):
    clock.endless = True
    dialer = dial([A])
    await until(lambda: clock.sleeps == [1.0])
    await network.start(A)
    dialer.redial()
    await network.accepted(A, 1)


async def test_redial_replaces_a_connection_without_waiting(dial, clock, network):
    await network.start(A)
    dialer = dial([A])
    (await network.accepted(A, 1)).send(welcome(500.0))
    await until(lambda: dialer.link is not None)
    dialer.redial()
    await network.accepted(A, 2)
    assert clock.sleeps == []
    assert await network.at[A][0].ended() is None


async def test_a_stopped_dialer_takes_its_leave(dial, network):
    await network.start(A)
    dialer = dial([A])
    await network.accepted(A, 1)
    await until(lambda: dialer.link is not None)
    dialer.task.cancel()
    assert await network.at[A][0].ended() is None


async def test_the_minions_handler_sees_everything(dial, network):
    await network.start(A)
    handler = Recorder()
    dial([A], handler=lambda master: handler)
    link = await network.accepted(A, 1)
    (await handler.is_open()).send(Hello(1, "saltern"))
    assert await network.at[A][0].got(1) == [Hello(1, "saltern")]
    link.send(welcome(0.0))
    assert await handler.got(1) == [welcome(0.0)]
    link.close()
    assert await handler.ended() is None


async def test_hot_masters_have_a_dialer_each(dial, network):
    await network.start(A)
    await network.start(B)
    first, second = dial([A]), dial([B])
    await until(lambda: (first.master, second.master) == (A, B))
