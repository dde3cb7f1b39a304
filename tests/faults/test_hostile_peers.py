"""Whoever comes to the port without a certificate that counts: each is harmless, and the good minion goes on."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import record
from fault_lab import running_lab
from hostile import PATIENCE, HostileMinion
from lab import Lab

from saltern.errors import Unreachable
from saltern.pki.authority import Authority
from saltern.pki.contexts import client_context
from saltern.pki.identity import MinionIdentity
from saltern.transport import frames

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("peers")]

YEAR = 365 * 86_400.0


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Lab]:
    with running_lab("good", acceptance_wait_time=0.5) as lab:
        yield lab


@pytest.fixture
def lab(laboratory: Lab) -> Iterator[Lab]:
    address = laboratory.ask("fleet")["minions"]["good"]["address"]
    yield laboratory
    assert record.returned(laboratory, "good", "test.ping") is True
    assert laboratory.ask("fleet")["minions"]["good"]["address"] == address, "the good minion had to come anew"
    assert laboratory.connected() == {"good"}
    assert "Traceback" not in laboratory.log("master")


def dial(lab: Lab) -> socket.socket:
    return socket.create_connection(("127.0.0.1", lab.port), PATIENCE)


def is_closed(peer: socket.socket, seconds: float = PATIENCE) -> bool:
    """Whether the master ends the connection."""
    peer.settimeout(seconds)
    try:
        while peer.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def handshake(lab: Lab, context: ssl.SSLContext) -> ssl.SSLSocket:
    return context.wrap_socket(dial(lab), server_hostname="saltern-master")


def stranger(place: Path, name: str) -> MinionIdentity:
    """A minion of another authority, which has the same names."""
    authority = Authority.open(place / "ca")
    identity = MinionIdentity.open(place / "minion")
    identity.trust(authority.certificate)
    identity.store(authority.issue(name, identity.request(), 30.0))
    return identity


@pytest.mark.parametrize("name", ["good", "new"])
def test_a_certificate_of_another_authority_is_refused(lab: Lab, tmp_path: Path, name: str) -> None:
    files = stranger(tmp_path, name).files
    own = client_context(None, files.certificate, files.key)
    with contextlib.suppress(OSError), handshake(lab, own) as peer:
        peer.sendall(b"\0\0\0\1\xc0")
        assert is_closed(peer)


def test_a_minion_that_trusts_another_authority_does_not_talk_to_this_master(lab: Lab, tmp_path: Path) -> None:
    files = stranger(tmp_path, "other").files
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(lab, client_context(files.authority, files.certificate, files.key))


def test_the_certificate_of_a_master_is_none_for_a_minion(lab: Lab) -> None:
    pki = next(lab.root.glob("r/**/pki/master"))
    own = client_context(None, pki / "master.crt", pki / "master.key")
    with contextlib.suppress(OSError), handshake(lab, own) as peer:
        assert is_closed(peer)


def test_an_older_tls_is_refused(lab: Lab) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        handshake(lab, context)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: master\r\n\r\n", b"SSH-2.0-OpenSSH_9.6\r\n", b"\0" * 1000,
        b"\x16\x03\x01\xff\xff" + b"\0" * 70_000, b"noise" * 1000, b"\x15\x03\x03\x00\x02\x02\x28",
    ],
)  # fmt: skip
def test_another_protocol_is_cut_off(lab: Lab, data: bytes) -> None:
    with dial(lab) as peer:
        with contextlib.suppress(OSError):
            peer.sendall(data)
        assert is_closed(peer)


def test_those_who_say_nothing_are_cut_off_in_the_end(lab: Lab) -> None:
    silent = [dial(lab) for _ in range(100)]
    for half in silent[:20]:
        half.sendall(b"\x16\x03\x01\x02\x00")
    for half in silent[20:40]:
        half.sendall(b"\x16\x03\x01\x00\x05\x01\x00\xff\xff\xff")
    assert record.returned(lab, "good", "test.ping") is True
    assert all(is_closed(peer, 20.0) for peer in silent)
    for peer in silent:
        peer.close()


def answers(lab: Lab, minion: str) -> bool:
    """Whether a minion answers; not either while the master has no descriptor left for whoever asks."""
    try:
        return record.returned(lab, minion, "test.ping") is True
    except Unreachable:
        return False


def test_a_crowd_that_takes_all_descriptors_shuts_nobody_out_for_good(lab: Lab) -> None:
    master = psutil.Process(lab.pid("master"))
    before = master.rlimit(psutil.RLIMIT_NOFILE)
    master.rlimit(psutil.RLIMIT_NOFILE, (master.num_fds() + 30, before[1]))
    try:
        crowd = [dial(lab) for _ in range(60)]
        time.sleep(0.3)
        for one in crowd:
            one.close()
        record.soon(lambda: answers(lab, "good"), "the good minion does not answer")
        lab.start_minions(["late"])
    finally:
        master.rlimit(psutil.RLIMIT_NOFILE, before)
    assert record.returned(lab, "late", "test.ping") is True
    lab.stop("late")
    record.soon(lambda: lab.connected() == {"good"}, "the minion did not leave")


def test_without_a_certificate_nothing_can_be_said_but_the_request_for_one(lab: Lab) -> None:
    from saltern.transport.codec import encode

    for said in (
        encode(frames.Hello(frames.VERSION, "0", started=1.0)),
        encode(frames.Heartbeat()),
        encode(frames.EventFrame("x", b"\x80")),
        encode(frames.Request(1, "file_list")),
        (100 << 10).to_bytes(4, "big") + b"\x96" + b"x" * (100 << 10),
    ):
        with handshake(lab, client_context(None)) as peer:
            with contextlib.suppress(OSError):
                peer.sendall(said)
            assert is_closed(peer)


@pytest.mark.behaviour("KEY-02")
@pytest.mark.parametrize(
    "name", ["", ".", "..", "../../escaped", "/etc/escaped", "a/b", "a\0b", "a\nb", ".hidden", "x" * 300, "*", "\u202e"]
)
def test_an_id_that_is_none_gets_no_certificate_and_no_file_elsewhere(lab: Lab, tmp_path: Path, name: str) -> None:
    from saltern.transport.codec import decoder_for_minion, encode

    identity = MinionIdentity.open(tmp_path)
    keys = next(lab.root.glob("r/**/pki/master"))
    before = {path for path in lab.root.rglob("*") if keys not in path.parents and path.is_file()}
    with handshake(lab, client_context(None)) as peer:
        peer.sendall(encode(frames.Enrol(name, identity.request())))
        peer.settimeout(PATIENCE)
        replies = list(decoder_for_minion().feed(peer.recv(1 << 16)))
    states = [reply.state for reply in replies if isinstance(reply, frames.EnrolReply)]
    assert "accepted" not in states or name in ("*", "\u202e")
    after = {path for path in lab.root.rglob("*") if keys not in path.parents and path.is_file()}
    assert not [path for path in after - before if "escaped" in path.name]
    assert not list(Path("/etc").glob("escaped*"))
    if "accepted" in states:
        lab.ask("keys", action="delete", match=["[*]" if name == "*" else name])


@pytest.mark.parametrize(
    "csr", ["", "x", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
)
def test_a_request_that_is_none_gets_no_certificate(lab: Lab, csr: str) -> None:
    from saltern.transport.codec import encode

    with handshake(lab, client_context(None)) as peer:
        peer.sendall(encode(frames.Enrol("new", csr)))
        assert is_closed(peer)
    assert "new" not in lab.ask("keys", action="list")["keys"].get("accepted", [])


def test_an_expired_certificate_is_refused_and_its_minion_enrols_again(lab: Lab) -> None:
    lab.start_minions(["old"], acceptance_wait_time=0.5)
    before = MinionIdentity.open(next(lab.minion_directory("old").glob("r/**/pki/minion")))
    lab.stop("old")
    pki = next(lab.root.glob("r/**/pki/master"))
    past = Authority.open(pki, lab.ask("ping")["master"], now=lambda: time.time() - 2 * YEAR)
    Authority.open(pki, lab.ask("ping")["master"])
    before.files.certificate.write_text(past.issue("old", before.request(), 30.0))
    assert before.expires < time.time()
    with contextlib.suppress(OSError, AssertionError):
        expired = HostileMinion(lab, "old", before.files.certificate.parent)
        expired.open()
        assert expired.is_cut()
    lab.start_minions(["old"])
    assert before.expires > time.time()
    assert record.returned(lab, "old", "test.ping") is True
    lab.stop("old")
    record.soon(lambda: lab.connected() == {"good"}, "the minion did not leave")
