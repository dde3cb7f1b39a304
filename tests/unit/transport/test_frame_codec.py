"""Frames to bytes and back, whatever the bytes and however they are split."""

from __future__ import annotations

import contextlib
import itertools
import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saltern.errors import ArgumentError, FrameTooLarge, ProtocolError
from saltern.transport.address import join_address, split_address
from saltern.transport.codec import MAX_ENROL, Decoder, decoder_for_master, decoder_for_minion, encode
from saltern.transport.frames import (
    MAX_FRAME,
    Ack,
    AnyFrame,
    Cancel,
    Chunk,
    Enrol,
    EnrolReply,
    EventFrame,
    FromMaster,
    FromMinion,
    Goodbye,
    Grains,
    Heartbeat,
    Hello,
    JobFrame,
    Pace,
    Progress,
    Refresh,
    Reply,
    Request,
    ReturnFrame,
    Stored,
    Welcome,
)  # fmt: skip

text = st.text(max_size=30)
blob = st.binary(max_size=300)
numbers = st.integers(0, 2**40)
seconds = st.floats(allow_nan=False)
jobs = st.dictionaries(text, numbers, max_size=4)

FROM_MINION = [
    st.builds(Enrol, text, text, text, st.dictionaries(text, text, max_size=3), numbers),
    st.builds(Hello, numbers, text, text, jobs, st.lists(text, max_size=4), seconds, st.lists(text, max_size=3)),
    st.builds(Grains, text, blob),
    st.builds(Ack, text, numbers),
    st.builds(Progress, text, text, numbers, blob),
    st.builds(ReturnFrame, text, blob, blob, numbers, numbers),
    st.builds(Chunk, numbers, numbers, blob),
    st.builds(EventFrame, text, blob),
    st.builds(Request, numbers, text, blob),
    st.builds(Heartbeat, jobs),
]
FROM_MASTER = [
    st.builds(EnrolReply, text, text, text, text, seconds),
    st.builds(Welcome, numbers, text, seconds, seconds, st.booleans(), st.booleans()),
    st.builds(JobFrame, text, blob, seconds, st.booleans()),
    st.builds(Cancel, text, text, seconds),
    st.builds(Stored, st.lists(text, max_size=4), st.dictionaries(text, text, max_size=3)),
    st.builds(Reply, numbers, st.booleans(), blob),
    st.builds(Refresh, text),
    st.builds(Pace, seconds, seconds),
    st.builds(Goodbye, text),
]
minion_frames = st.lists(st.one_of(FROM_MINION), max_size=12)
master_frames = st.lists(st.one_of(FROM_MASTER), max_size=12)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *[cut % (len(data) + 1) for cut in cuts]})
    return [data[start:end] for start, end in itertools.pairwise(places)]


def decoded(decoder: Decoder, parts: list[bytes]) -> list[AnyFrame]:
    return [frame for part in parts for frame in decoder.feed(part)]


@settings(max_examples=150, deadline=None)
@given(minion_frames, st.lists(st.integers(0, 10_000), max_size=30))
def test_what_a_minion_sends_comes_out_however_it_is_split(frames, cuts):
    decoder = Decoder(FromMinion)
    assert decoded(decoder, pieces(encode(*frames), cuts)) == frames
    assert decoder.held == 0


@settings(max_examples=150, deadline=None)
@given(master_frames, st.lists(st.integers(0, 10_000), max_size=30))
def test_what_a_master_sends_comes_out_however_it_is_split(frames, cuts):
    assert decoded(Decoder(FromMaster), pieces(encode(*frames), cuts)) == frames


def test_a_stream_may_come_byte_by_byte():
    frames = [Heartbeat(), Progress("1", "stdout", 1, bytes(300)), Heartbeat({"1": 2})]
    data = encode(*frames)
    assert decoded(Decoder(FromMinion), [data[at : at + 1] for at in range(len(data))]) == frames


def test_an_encoding_is_a_length_and_an_array_with_the_tag_first():
    assert encode(Refresh("grains")) == b"\x00\x00\x00\x09" + b"\x92\x27\xa6grains"
    assert encode() == b""


def test_a_frame_of_a_later_version_with_more_fields_is_understood():
    body = b"\x94\x04\xa1j\x07\xa3new"
    assert list(Decoder(FromMinion).feed(struct.pack(">I", len(body)) + body)) == [Ack("j", 7)]


def test_a_frame_over_the_limit_is_not_encoded():
    with pytest.raises(FrameTooLarge):
        encode(Heartbeat(), Chunk(1, 0, bytes(MAX_FRAME)))


@pytest.mark.parametrize("split", [4, 3, 1])
def test_a_giant_length_is_refused_before_anything_of_it_is_kept(split: int):
    decoder = decoder_for_master(certified=True)
    data = struct.pack(">I", 0xFFFFFFFF)
    with pytest.raises(FrameTooLarge):
        decoded(decoder, [data[:split], data[split:] + bytes(100)])
    assert decoder.held <= 4


def test_a_giant_length_after_good_frames_is_refused_after_them():
    seen = []
    with pytest.raises(FrameTooLarge):
        for frame in Decoder(FromMinion).feed(encode(Heartbeat()) + b"\x7f\x00\x00\x00"):
            seen.append(frame)  # noqa: PERF402 - what came before the error counts
    assert seen == [Heartbeat()]


def test_a_peer_without_a_certificate_may_send_nothing_but_small_enrolments():
    assert list(decoder_for_master(certified=False).feed(encode(Enrol("m", "csr")))) == [Enrol("m", "csr")]
    with pytest.raises(ProtocolError):
        list(decoder_for_master(certified=False).feed(encode(Heartbeat())))
    with pytest.raises(FrameTooLarge):
        list(decoder_for_master(certified=False).feed(encode(Enrol("m", "x" * MAX_ENROL))))


@pytest.mark.parametrize("frame", [Hello(1, "x"), Enrol("a", "b"), Heartbeat()])
def test_a_minion_refuses_frames_of_minions(frame):
    with pytest.raises(ProtocolError):
        list(decoder_for_minion().feed(encode(frame)))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x90", b"\xc1", b"\xc0", b"\x80", b"\x91\x99", b"\x92\x06\xa1j", b"\x91\xa1x",
        b"\x93\x04\xa2\xff\xfe\x01",
        b"\x97\x02\x01\xa1x\xa0\x80\xdd\xff\xff\xff\xff", b"\x92\x0a\xdf\xff\xff\xff\xff", b"\x93\x04\xa1j\x01\x00",
        b"\x99\x04\xa1j\x01" + b"\x91" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_frame_is_refused(body: bytes):
    with pytest.raises(ProtocolError):
        list(Decoder(FromMinion).feed(struct.pack(">I", len(body)) + body))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000), st.lists(st.integers(0, 2000), max_size=10))
def test_random_bytes_are_refused_or_wait_for_more(data, cuts):
    decoder = Decoder(FromMinion, limit=1000)
    try:
        decoded(decoder, pieces(data, cuts))
    except ProtocolError:
        return
    assert decoder.held <= 1004


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(FROM_MINION), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), min_size=1, max_size=4),
    st.lists(st.integers(0, 5000), max_size=4),
)
def test_mutated_frames_are_decoded_or_refused(frames, changes, cuts):
    data = bytearray(encode(*frames))
    for place, value in changes:
        data[place % len(data)] = value
    with contextlib.suppress(ProtocolError):
        decoded(Decoder(FromMinion), pieces(bytes(data), cuts))


def test_a_frame_that_comes_in_many_pieces_takes_the_memory_of_one():
    decoder = decoder_for_master(certified=True)
    data = encode(Chunk(1, 0, bytes(MAX_FRAME - 20)))
    parts = [data[at : at + 100] for at in range(0, len(data), 100)]
    tracemalloc.start()
    try:
        for _ in range(3):
            assert len(decoded(decoder, parts)) == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_FRAME


@pytest.mark.parametrize(
    ("address", "parts"),
    [("salt:4510", ("salt", 4510)), ("10.0.0.1:1", ("10.0.0.1", 1)), ("[::1]:4510", ("::1", 4510)), (":0", ("", 0))],
)
def test_addresses_are_a_host_and_a_port(address, parts):
    assert split_address(address) == parts
    assert join_address(*parts) == address


@pytest.mark.parametrize("address", ["salt", "salt:", "salt:x", "salt:99999", "::1:4510", "salt:²"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ArgumentError):
        split_address(address)


@given(st.one_of(FROM_MINION), blob, st.integers(1, 400))
def test_one_whole_frame_is_taken_at_once_and_anything_else_is_left_alone(frame: AnyFrame, more: bytes, cut: int):
    data = encode(frame)
    decoder = decoder_for_master(certified=True)
    assert decoder.whole(data) == frame
    assert decoder.whole(memoryview(data)) == frame
    part = data[: -min(cut, len(data) - 1)]
    assert decoder.whole(part) is None
    if more:
        assert decoder.whole(data + more) is None
    assert list(decoder.feed(part)) == []
    assert decoder.whole(data) is None, "it is the rest of another frame"
    assert list(decoder.feed(data[len(part) :])) == [frame]


def test_one_frame_over_the_limit_is_refused_at_once():
    decoder = decoder_for_master(certified=False)
    with pytest.raises(FrameTooLarge):
        decoder.whole(struct.pack(">I", MAX_ENROL + 1) + b"x")
