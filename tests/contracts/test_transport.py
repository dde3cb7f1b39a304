"""The definition of a transport: what `saltern.transport.contract` promises, for every back end."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from saltern.errors import FrameTooLarge, LinkClosed, ProtocolError, Unreachable
from saltern.transport.backends.memory import MemoryNetwork, MemoryTransport
from saltern.transport.backends.tls import TlsClient, TlsServer
from saltern.transport.codec import encode
from saltern.transport.contract import ClientTransport, Handler, Link, Listener, Peer, ServerTransport
from saltern.transport.frames import (
    MAX_FRAME,
    Cancel,
    Chunk,
    Enrol,
    EnrolReply,
    Heartbeat,
    Hello,
    JobFrame,
    Progress,
    Refresh,
    Stored,
)  # fmt: skip
from transport_lab import PATIENCE, Authority, Recorder, identify

FINGERPRINT = hashlib.sha256(b"key").hexdigest()
BOUND = 1 << 20


@dataclass
class Stage:
    """A listening server, and ways to connect to it."""

    server: ServerTransport
    client: Callable[[str], ClientTransport]
    listener: Listener | None = None
    handlers: list[Recorder] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    new_handler: Callable[[], Recorder] = Recorder

    async def open(self) -> None:
        self.listener = await self.server.listen("127.0.0.1:0", self._accept)

    def _accept(self) -> Handler:
        self.handlers.append(self.new_handler())
        return self.handlers[-1]

    async def connect(self, minion: str = "m1", near: Recorder | None = None) -> tuple[Recorder, Recorder]:
        """A minion's handler and the master's handler of the same connection, both open."""
        assert self.listener is not None
        near = near or Recorder()
        known = len(self.handlers)
        self.links.append(await self.client(minion).connect(self.listener.address, near))
        async with asyncio.timeout(PATIENCE):
            while len(self.handlers) == known:
                await asyncio.sleep(0.001)
        await self.handlers[known].is_open()
        return near, self.handlers[known]

    async def shut(self) -> None:
        for link in self.links:
            link.abort()
        if self.listener is not None:
            await self.listener.close()
        await asyncio.sleep(0.01)


def _memory(authority: Authority) -> Stage:
    network = MemoryNetwork()

    def client(minion: str) -> ClientTransport:
        identity = Peer(id=minion, fingerprint=FINGERPRINT, expires=2e9) if minion else Peer()
        return MemoryTransport(network, identity)

    master = Peer(id="saltern-master", fingerprint=FINGERPRINT, expires=2e9)
    return Stage(MemoryTransport(network, master, certificate=b"DER", bound=BOUND), client)


def _tls(authority: Authority) -> Stage:
    server = TlsServer(authority.server_context(), identify, bound=BOUND)
    return Stage(server, lambda minion: TlsClient(authority.client_context(minion), identify))


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(params=[_memory, _tls], ids=["memory", "tls"])
async def stage(request, authority):
    stage = request.param(authority)
    await stage.open()
    yield stage
    await stage.shut()


def job(number: int, size: int = 10) -> JobFrame:
    return JobFrame(f"{number:020d}", bytes(size))


# --- who is there -----------------------------------------------------------------------------------------------------


async def test_each_side_is_told_who_the_other_is(stage: Stage):
    minion, master = await stage.connect("web1")
    at_master, at_minion = (await master.is_open()).peer, (await minion.is_open()).peer
    assert at_master.id == "web1"
    assert at_minion.id == "saltern-master"
    assert len(at_master.fingerprint) == len(at_minion.fingerprint) == 64
    assert at_master.expires > 1e9
    assert at_master.address
    assert (await minion.is_open()).certificate


async def test_a_peer_without_a_certificate_has_no_id_and_may_enrol(stage: Stage):
    minion, master = await stage.connect("")
    peer = (await master.is_open()).peer
    assert (peer.id, peer.fingerprint, (await master.is_open()).certificate) == ("", "", b"")
    (await minion.is_open()).send(Enrol("new1", "a request"))
    assert await master.got(1) == [Enrol("new1", "a request")]
    (await master.is_open()).send(EnrolReply("pending"))
    assert await minion.got(1) == [EnrolReply("pending")]


async def test_a_peer_without_a_certificate_may_do_nothing_else(stage: Stage):
    minion, master = await stage.connect("")
    (await minion.is_open()).send(Hello(1, "saltern"))
    assert isinstance(await master.ended(), ProtocolError)
    assert isinstance(await minion.ended(), LinkClosed)
    assert master.frames == []


async def test_a_peer_without_a_certificate_may_not_send_much(stage: Stage):
    minion, master = await stage.connect("")
    (await minion.is_open()).send(Enrol("new1", "x" * 100_000))
    assert isinstance(await master.ended(), FrameTooLarge)


async def test_a_minion_may_not_speak_as_a_master_does(stage: Stage):
    minion, master = await stage.connect()
    (await minion.is_open()).send(Stored(["20260101000000000000"]))
    assert isinstance(await master.ended(), ProtocolError)


async def test_a_master_may_not_speak_as_a_minion_does(stage: Stage):
    minion, master = await stage.connect()
    (await master.is_open()).send(Heartbeat())
    assert isinstance(await minion.ended(), ProtocolError)


async def test_nobody_there_is_unreachable(stage: Stage):
    _, _ = await stage.connect()
    assert stage.listener is not None
    await stage.listener.close()
    late = Recorder()
    with pytest.raises(Unreachable):
        await stage.client("m1").connect(stage.listener.address, late)
    assert (late.link, late.ends) == (None, [])


async def test_closing_a_listener_leaves_its_links_open(stage: Stage):
    minion, master = await stage.connect()
    assert stage.listener is not None
    await stage.listener.close()
    (await minion.is_open()).send(Heartbeat())
    assert await master.got(1) == [Heartbeat()]


# --- what arrives -----------------------------------------------------------------------------------------------------


async def test_frames_arrive_in_order_both_ways(stage: Stage):
    minion, master = await stage.connect()
    down = [job(number, number * 7 % 3000) for number in range(500)]
    up = [Progress("1", "stdout", number, bytes(number % 900)) for number in range(500)]
    for frame, answer in zip(down, up, strict=True):
        (await master.is_open()).send(frame)
        (await minion.is_open()).send(answer)
    assert await minion.got(500) == down
    assert await master.got(500) == up


async def test_the_largest_and_the_smallest_frames_travel_together(stage: Stage):
    minion, master = await stage.connect()
    big = Chunk(1, 0, bytes(MAX_FRAME - 20))
    link = await minion.is_open()
    sent = [Heartbeat(), big, Heartbeat({"1": 2}), big, big, Heartbeat()]
    for frame in sent:
        link.send(frame)
    assert await master.got(len(sent)) == sent


async def test_one_encoding_serves_many_links(stage: Stage):
    pairs = [await stage.connect(f"m{number}") for number in range(5)]
    data = encode(job(1), Cancel("1", "root", 1.0))
    for _, master in pairs:
        (await master.is_open()).send_encoded(data)
    for minion, _ in pairs:
        assert await minion.got(2) == [job(1), Cancel("1", "root", 1.0)]


async def test_a_frame_over_the_limit_is_refused_and_the_link_lives_on(stage: Stage):
    minion, master = await stage.connect()
    with pytest.raises(FrameTooLarge):
        (await minion.is_open()).send(Chunk(1, 0, bytes(MAX_FRAME + 1)))
    (await minion.is_open()).send(Heartbeat())
    assert await master.got(1) == [Heartbeat()]


# --- how it ends ------------------------------------------------------------------------------------------------------


async def test_close_sends_what_is_queued_first(stage: Stage):
    minion, master = await stage.connect()
    link = await minion.is_open()
    for number in range(40):
        link.send(Chunk(1, number, bytes(100_000)))
    link.close("done")
    link.close("a second call does nothing")
    assert await minion.ended() is None
    assert await master.ended() is None
    assert [frame.offset for frame in master.frames if isinstance(frame, Chunk)] == list(range(40))


async def test_a_last_word_arrives_though_the_other_side_is_talking(stage: Stage):
    minion, master = await stage.connect()
    up, down = await minion.is_open(), await master.is_open()
    for number in range(50):
        up.send(Chunk(1, number, bytes(60_000)))
    down.send(Refresh("grains"))
    down.close("enough")
    assert await master.ended() is None
    assert await minion.ended() is None
    assert minion.frames == [Refresh("grains")]


async def test_nothing_can_be_sent_after_the_end(stage: Stage):
    minion, master = await stage.connect()
    link = await minion.is_open()
    link.close()
    with pytest.raises(LinkClosed):
        link.send(Heartbeat())
    with pytest.raises(LinkClosed):
        await link.drain()
    await master.ended()
    with pytest.raises(LinkClosed):
        (await master.is_open()).send(job(1))


async def test_abort_throws_away_what_is_queued(stage: Stage):
    minion, master = await stage.connect()
    link = await minion.is_open()
    for number in range(20):
        link.send(Chunk(1, number, bytes(200_000)))
    link.abort()
    assert link.queued == 0
    assert isinstance(await minion.ended(), LinkClosed)
    assert isinstance(await master.ended(), LinkClosed)
    assert len(master.frames) < 20


async def test_both_sides_may_close_at_once(stage: Stage):
    minion, master = await stage.connect()
    (await minion.is_open()).close()
    (await master.is_open()).close()
    assert (await minion.ended(), await master.ended()) == (None, None)


async def test_half_a_frame_and_the_end_is_a_broken_protocol(stage: Stage):
    minion, master = await stage.connect()
    link = await minion.is_open()
    link.send_encoded(encode(Heartbeat(), Progress("1", "stdout", 1, bytes(500)))[:-100])
    link.close()
    assert isinstance(await master.ended(), ProtocolError)
    assert master.frames == [Heartbeat()]


# --- handlers ---------------------------------------------------------------------------------------------------------


class Clumsy(Recorder):
    def received(self, frame) -> None:
        super().received(frame)
        if isinstance(frame, Progress):
            raise KeyError("confused")


async def test_an_exception_of_a_handler_closes_its_link_and_no_other(stage: Stage):
    stage.new_handler = Clumsy
    (bad, bad_master), (good, good_master) = await stage.connect("bad"), await stage.connect("good")
    link = await bad.is_open()
    for frame in (Heartbeat(), Progress("1", "stdout", 1, b""), Heartbeat()):
        link.send(frame)
    assert isinstance(await bad_master.ended(), LinkClosed)
    assert isinstance(await bad.ended(), LinkClosed)
    assert len(bad_master.frames) == 2
    (await good.is_open()).send(Heartbeat())
    assert await good_master.got(1) == [Heartbeat()]


class Reluctant(Recorder):
    def opened(self, link: Link) -> None:
        super().opened(link)
        raise ValueError("not today")


async def test_an_exception_at_the_opening_closes_the_link(stage: Stage):
    stage.new_handler = Reluctant
    minion, master = await stage.connect()
    assert isinstance(await master.ended(), LinkClosed)
    assert isinstance(await minion.ended(), LinkClosed)


class Answering(Recorder):
    def received(self, frame) -> None:
        super().received(frame)
        assert self.link is not None
        self.link.send(job(len(self.frames)))
        if len(self.frames) == 3:
            self.link.close("three are enough")


async def test_a_handler_may_send_and_close_while_it_receives(stage: Stage):
    stage.new_handler = Answering
    minion, master = await stage.connect()
    (await minion.is_open()).send_encoded(encode(*[Heartbeat({str(number): number}) for number in range(9)]))
    assert await minion.ended() is None
    assert minion.frames == [job(1), job(2), job(3)]
    assert len(master.frames) == 3


# --- one side is slower than the other --------------------------------------------------------------------------------


async def test_drain_waits_for_a_paused_peer_and_goes_on_with_it(stage: Stage):
    minion, master = await stage.connect()
    down, up = await master.is_open(), await minion.is_open()
    down.pause()
    sent = 0
    draining = None
    while sent < 400:
        up.send(Chunk(1, sent, bytes(50_000)))
        sent += 1
        draining = asyncio.ensure_future(up.drain())
        await asyncio.wait([draining], timeout=0.05)
        if not draining.done():
            break
    assert draining is not None and not draining.done()
    assert up.queued > 0
    early = len(master.frames)
    assert early < sent
    down.resume()
    await draining
    assert [frame.offset for frame in await master.got(sent) if isinstance(frame, Chunk)] == list(range(sent))


async def test_a_peer_that_does_not_read_is_cut_when_its_queue_is_full(stage: Stage):
    minion, master = await stage.connect()
    other_minion, other_master = await stage.connect("other")
    (await minion.is_open()).pause()
    link = await master.is_open()
    with pytest.raises(LinkClosed, match="m1 is too slow"):
        for number in range(400):
            link.send(JobFrame(str(number), bytes(50_000)))
            await asyncio.sleep(0)
    error = await master.ended()
    assert isinstance(error, LinkClosed)
    assert "too slow" in error.message
    (await minion.is_open()).resume()
    assert isinstance(await minion.ended(), LinkClosed)
    (await other_master.is_open()).send(job(1))
    assert await other_minion.got(1) == [job(1)]


async def test_a_drain_ends_when_the_link_does(stage: Stage):
    minion, master = await stage.connect()
    (await minion.is_open()).pause()
    link = await master.is_open()
    while link.queued < 500_000:
        link.send(JobFrame("1", bytes(100_000)))
        await asyncio.sleep(0)
    draining = asyncio.ensure_future(link.drain())
    await asyncio.sleep(0.01)
    link.abort()
    with pytest.raises(LinkClosed):
        await draining


async def test_a_peer_may_pause_again_and_again(stage: Stage):
    minion, master = await stage.connect()
    down, up = await master.is_open(), await minion.is_open()
    for number in range(300):
        up.send(Progress("1", "stdout", number, bytes(2000)))
    for _ in range(50):
        down.pause()
        await asyncio.sleep(0)
        down.resume()
        await asyncio.sleep(0)
    got = await master.got(300)
    assert [frame.number for frame in got if isinstance(frame, Progress)] == list(range(300))
