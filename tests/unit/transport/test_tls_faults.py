"""What hostile, broken and slow peers do to a TLS server: each harms its own connection, a good minion goes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import struct
import time

import pytest
import uvloop

from saltern.errors import IdentityRefused, LinkClosed, ProtocolError, SalternError, Unreachable
from saltern.transport.backends.tls import TlsClient, TlsServer
from saltern.transport.backends.tls import hub as hub_module
from saltern.transport.backends.tls import link as link_module
from saltern.transport.codec import encode
from saltern.transport.frames import Enrol, Goodbye, Heartbeat, JobFrame, Progress
from transport_lab import PATIENCE, Authority, Recorder, identify

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"), "other-ca")


class Master:
    """A TLS server with one good minion that keeps talking to it."""

    def __init__(self, authority: Authority, **options) -> None:
        self.authority = authority
        self.server = TlsServer(authority.server_context(), identify, **options)
        self.handlers: list[Recorder] = []
        self.good = Recorder()
        self.address = ""

    async def __aenter__(self) -> Master:
        self._listener = await self.server.listen("127.0.0.1:0", self._accept)
        self.address = self._listener.address
        await self.connect(self.authority.client_context("good"), self.good)
        self.at_good = await self.accepted(1)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.is_well()
        for handler in [self.good, *self.handlers]:
            if handler.link is not None:
                handler.link.abort()
        await self._listener.close()
        await asyncio.sleep(0.02)

    def _accept(self) -> Recorder:
        self.handlers.append(Recorder())
        return self.handlers[-1]

    async def connect(self, context: ssl.SSLContext, handler: Recorder | None = None, **options) -> Recorder:
        handler = handler or Recorder()
        await TlsClient(context, **options).connect(self.address, handler)
        return handler

    async def accepted(self, count: int) -> Recorder:
        async with asyncio.timeout(PATIENCE):
            while len(self.handlers) < count:
                await asyncio.sleep(0.002)
        return self.handlers[count - 1]

    async def is_well(self) -> None:
        """The good minion's connection is the one of the beginning, and works in both directions."""
        assert self.good.link is not None and self.at_good.link is not None
        up, down = len(self.at_good.frames), len(self.good.frames)
        self.good.link.send(Heartbeat())
        self.at_good.link.send(JobFrame("1", b""))
        await self.at_good.got(up + 1)
        await self.good.got(down + 1)

    async def raw(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self.address.rpartition(":")
        return await asyncio.open_connection(host, int(port))

    async def raw_tls(self, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, port = self.address.rpartition(":")
        return await asyncio.open_connection(host, int(port), ssl=context, server_hostname="saltern-master")


async def is_over(reader: asyncio.StreamReader) -> bytes:
    """What the server still said until it ended the connection."""
    said = b""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                said += data
    return said


async def fate(master: Master, context: ssl.SSLContext) -> Exception | None:
    """How a connection with this context ends, at the attempt or after it."""
    handler = Recorder()
    try:
        await TlsClient(context).connect(master.address, handler)
    except SalternError as error:
        assert handler.ends == []
        return error
    return await handler.ended()


async def visit(master: Master, client: TlsClient, number: int) -> bool:
    """Connect as the server's connection of that number, say a word, leave; whether a TLS session was resumed."""
    handler = Recorder()
    link = await client.connect(master.address, handler)
    link.send(Heartbeat())
    there = await master.accepted(number)
    await there.got(1)
    # The answer comes after the server's session tickets.
    (await there.is_open()).send(JobFrame("1", b""))
    await handler.got(1)
    link.close()
    await handler.ended()
    return link.resumed


# --- identity ---------------------------------------------------------------------------------------------------------


async def test_a_certificate_of_another_authority_is_refused(authority, stranger):
    async with Master(authority) as master:
        error = await fate(master, authority.client_context("m1", signed_by=stranger))
        assert isinstance(error, IdentityRefused)
        assert len(master.handlers) == 1


async def test_an_expired_certificate_is_refused(authority):
    async with Master(authority) as master:
        error = await fate(master, authority.client_context("m1", start=-3, end=-1))
        assert isinstance(error, IdentityRefused)
        assert "EXPIRED" in error.message
        assert len(master.handlers) == 1


async def test_a_certificate_that_the_server_cannot_place_is_turned_away_with_a_reason(authority):
    def refuse(der: bytes) -> tuple[str, str, float]:
        if identify(der)[0] == "good":
            return identify(der)
        raise IdentityRefused("The certificate is not that of a minion.")

    master = Master(authority)
    master.server._identify = refuse
    async with master:
        handler = await master.connect(authority.client_context("m1"))
        assert await handler.ended() is None
        assert handler.frames == [Goodbye("The certificate is not that of a minion.", enrol=True)]
        assert len(master.handlers) == 1


async def test_a_certificate_that_ran_out_since_the_session_began_is_turned_away(authority):
    now = time.time()
    master = Master(authority, now=lambda: now)
    async with master:
        client = TlsClient(authority.client_context("m1"))
        assert not await visit(master, client, 2)
        assert await visit(master, client, 3)
        now += 30 * 86_400
        late = Recorder()
        link = await client.connect(master.address, late)
        await late.ended()
        assert [type(frame) for frame in late.frames] == [Goodbye]
        assert link.resumed
        assert len(master.handlers) == 3


async def test_a_master_of_another_authority_is_refused_by_its_minion(authority, stranger):
    async with Master(authority) as master:
        error = await fate(master, stranger.client_context("m1"))
        assert isinstance(error, IdentityRefused)


async def test_a_minions_certificate_does_not_make_a_master(authority):
    context = authority.server_context()
    context.load_cert_chain(authority.client_context("m1") and authority._leaf("m1", _client_auth()))
    listener = await TlsServer(context, identify).listen("127.0.0.1:0", Recorder)
    with pytest.raises(IdentityRefused):
        await TlsClient(authority.client_context("m2")).connect(listener.address, Recorder())
    await listener.close()


async def test_a_master_with_another_name_is_refused(authority, tmp_path):
    other = Authority(tmp_path, "same-ca")
    listener = await TlsServer(other.server_context(host="not-the-master"), identify).listen("127.0.0.1:0", Recorder)
    with pytest.raises(IdentityRefused, match=r"[Hh]ostname mismatch"):
        await TlsClient(other.client_context("m1")).connect(listener.address, Recorder())
    await listener.close()


async def test_at_first_contact_a_minion_gets_to_see_the_masters_certificate(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    async with Master(authority) as master:
        handler = await master.connect(context)
        assert identify((await handler.is_open()).certificate)[0] == "saltern-master"


async def test_tls_1_2_is_refused(authority):
    context = authority.client_context("m1")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with Master(authority) as master:
        assert isinstance(await fate(master, context), ProtocolError)


# --- what is no TLS, or not enough of it ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"GET / HTTP/1.1\r\nHost: salt\r\n\r\n", b"\x00" * 100, b"\x16\x03\x01\xff\xff" + b"a" * 70_000, b"SSH-2.0-x\r\n"],
    ids=["http", "zeros", "giant record", "ssh"],
)
async def test_what_is_no_tls_is_answered_with_the_end(authority, data):
    async with Master(authority) as master:
        reader, writer = await master.raw()
        writer.write(data)
        await is_over(reader)
        writer.close()
        assert len(master.handlers) == 1


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_handshake_cut_at_any_place_ends_that_connection(authority, loop_factory):
    async def scenario() -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        engine = authority.client_context("m1").wrap_bio(incoming, outgoing, server_hostname="saltern-master")
        with contextlib.suppress(ssl.SSLWantReadError):
            engine.do_handshake()
        hello = outgoing.read()
        async with Master(authority) as master:
            for cut in (0, 1, 5, 6, 50, len(hello) - 1, len(hello)):
                _, writer = await master.raw()
                writer.write(hello[:cut])
                await asyncio.sleep(0.01)
                writer.transport.abort()
            assert len(master.handlers) == 1

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(scenario())


async def test_a_handshake_that_does_not_go_on_is_cut(authority, monkeypatch):
    monkeypatch.setattr(hub_module, "_WATCH_INTERVAL", 0.05)
    async with Master(authority, handshake_timeout=0.5) as master:
        silent, half = await master.raw(), await master.raw()
        half[1].write(b"\x16\x03\x01\x02\x00")
        for reader, writer in (silent, half):
            await is_over(reader)
            writer.close()


async def test_a_peer_without_a_certificate_that_says_nothing_is_cut(authority, monkeypatch):
    monkeypatch.setattr(hub_module, "_WATCH_INTERVAL", 0.05)
    async with Master(authority, enrol_timeout=0.3) as master:
        silent, talking = Recorder(), Recorder()
        await master.connect(authority.client_context(), silent)
        await master.connect(authority.client_context(), talking)
        assert talking.link is not None
        talking.link.send(Enrol("m1", "a request"))
        assert isinstance(await silent.ended(), LinkClosed)
        await asyncio.sleep(0.5)
        assert talking.ends == []


async def test_a_server_that_does_not_answer_is_given_up(authority):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        address = f"127.0.0.1:{sock.getsockname()[1]}"
        with pytest.raises(Unreachable, match="did not answer"):
            await TlsClient(authority.client_context(), timeout=0.2).connect(address, Recorder())


async def test_a_connect_that_is_cancelled_leaves_nothing(authority):
    with socket.create_server(("127.0.0.1", 0)) as sock:
        address = f"127.0.0.1:{sock.getsockname()[1]}"
        handler = Recorder()
        attempt = asyncio.ensure_future(TlsClient(authority.client_context()).connect(address, handler))
        await asyncio.sleep(0.05)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt
        sock.settimeout(PATIENCE)
        there, _ = await asyncio.to_thread(sock.accept)
        there.settimeout(PATIENCE)
        with there, contextlib.suppress(ConnectionResetError):
            while await asyncio.to_thread(there.recv, 4096):
                pass
        assert (handler.link, handler.ends) == (None, [])


@pytest.mark.parametrize("address", ["127.0.0.1:1", "host.invalid:4510"])
async def test_an_address_without_a_master_is_unreachable(authority, address):
    with pytest.raises(Unreachable):
        await TlsClient(authority.client_context()).connect(address, Recorder())


async def test_a_port_that_is_taken_cannot_be_listened_on(authority):
    async with Master(authority) as master:
        with pytest.raises(Unreachable, match="Cannot listen"):
            await TlsServer(authority.server_context(), identify).listen(master.address, Recorder)


# --- peers with a good certificate and bad manners --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (struct.pack(">I", 0xFFFFFFFF) + bytes(100), ProtocolError),
        (b"\x00\x00\x00\x05hello", ProtocolError),
        (encode(JobFrame("1", b"")), ProtocolError),
        (b"GET / HTTP/1.1\r\n\r\n", ProtocolError),
        (encode(Progress("1", "stdout", 1, bytes(1000)))[:500], LinkClosed),
    ],
    ids=["giant length", "no frame", "a master's frame", "http", "half a frame"],
)
async def test_bad_bytes_end_their_connection(authority, data, kind):
    async with Master(authority) as master:
        reader, writer = await master.raw_tls(authority.client_context("bad"))
        handler = await master.accepted(2)
        writer.write(data)
        await writer.drain()
        if kind is LinkClosed:
            writer.transport.abort()
        assert isinstance(await handler.ended(), kind)
        assert handler.frames == []
        await is_over(reader)
        writer.close()


async def test_a_flood_of_one_minion_leaves_room_for_the_others(authority):
    async with Master(authority) as master:
        bad = await master.connect(authority.client_context("bad"))
        assert bad.link is not None
        frames = encode(*[Progress("1", "stdout", number, bytes(50)) for number in range(2000)])
        for _ in range(20):
            with contextlib.suppress(LinkClosed):
                bad.link.send_encoded(frames)
            await master.is_well()
        assert len(await (await master.accepted(2)).got(40_000)) == 40_000


async def test_a_flood_of_half_open_connections_leaves_room_for_the_others(authority):
    async with Master(authority) as master:
        raw = [await master.raw() for _ in range(100)]
        await asyncio.gather(*[master.connect(authority.client_context("good2")) for _ in range(20)])
        for _, writer in raw:
            writer.transport.abort()


async def test_a_closing_link_whose_peer_reads_nothing_ends_anyway(authority, monkeypatch, caplog):
    monkeypatch.setattr(hub_module, "_WATCH_INTERVAL", 0.05)
    monkeypatch.setattr(link_module, "LINGER", 0.3)
    async with Master(authority) as master:
        bad = await master.connect(authority.client_context("bad"))
        at_bad = await master.accepted(2)
        assert bad.link is not None and at_bad.link is not None
        bad.link.pause()
        await asyncio.sleep(0.05)
        for _ in range(70):
            at_bad.link.send(JobFrame("1", bytes(100_000)))
        with caplog.at_level(logging.INFO):
            at_bad.link.close()
            assert isinstance(await at_bad.ended(), LinkClosed)


async def test_a_session_is_resumed_and_proves_the_same_identity(authority):
    async with Master(authority) as master:
        client = TlsClient(authority.client_context("m1"), identify)
        assert [await visit(master, client, number) for number in (2, 3)] == [False, True]
        first, second = (master.handlers[number].link for number in (1, 2))
        assert first is not None and second is not None
        assert (second.peer.id, second.peer.fingerprint) == ("m1", first.peer.fingerprint)
        assert second.certificate == first.certificate


def _client_auth():
    from cryptography.x509.oid import ExtendedKeyUsageOID

    return ExtendedKeyUsageOID.CLIENT_AUTH
