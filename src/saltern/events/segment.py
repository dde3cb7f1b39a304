"""The files of an event log: records one after another, each with a checksum.

File: 8 bytes `SALTEV1\\n`, then records. Record, big-endian: length of the payload (4 bytes), CRC-32 of the payload
(4 bytes), payload. Payload: seq (8 bytes), stamp (8, a double), length of the tag (2), the tag in UTF-8, the data to
the end. A file is named after the seq of its first record, in twenty digits.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from saltern.model.event import Event

MAGIC = b"SALTEV1\n"
SUFFIX = ".events"
MAX_PAYLOAD = 32 << 20
MAX_TAG_BYTES = 0xFFFF

_FRAME = struct.Struct(">II")
_FIELDS = struct.Struct(">QdH")
_SEQ = struct.Struct(">Q")
_READ_AHEAD = 256 << 10
_SEARCHED = 16


def pack(event: Event, tag: bytes) -> bytes:
    """One record; `tag` is the event's, encoded."""
    payload = _FIELDS.pack(event.seq, event.stamp, len(tag)) + tag + event.data
    return _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def path_of(directory: Path, first: int) -> Path:
    return directory / f"{first:020d}{SUFFIX}"


def first_of(path: Path) -> int:
    return int(path.name.removesuffix(SUFFIX))


def find(directory: Path) -> list[Path]:
    """The segments, oldest first."""
    return sorted(path for path in directory.glob(f"*{SUFFIX}") if path.name.removesuffix(SUFFIX).isdecimal())


class SegmentReader:
    """Goes over the events of a file from `offset`, the start of a record (0: the first one), to the first that is not
    whole. Then `offset` is the end of the last good record and `damage` says what comes there, if anything does.

    `torn` is true when it looks as if the write of the last record had been cut off by a crash (see `goes_on`).
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset
        self.damage = ""
        self.torn = False

    def __iter__(self) -> Iterator[Event]:
        with self.path.open("rb", buffering=_READ_AHEAD) as file:
            if not self._begin(file):
                return
            try:
                while header := file.read(_FRAME.size):
                    event = _record(file, header)
                    self.offset = file.tell()
                    yield event
            except _NotWhole as end:
                self.damage, self.torn = end.damage, end.torn

    def _begin(self, file: BinaryIO) -> bool:
        if self.offset:
            file.seek(self.offset)
            return True
        start = file.read(len(MAGIC))
        if start == MAGIC:
            self.offset = len(MAGIC)
            return True
        self.torn = bool(start) and MAGIC.startswith(start)
        self.damage = "" if not start else "this is no file of an event log"
        return False


def goes_on(path: Path, offset: int, last: int) -> bool:
    """Whether a good record follows somewhere after the one at `offset` that is not whole; `last` is the seq before it.

    A damaged length looks like a record that was cut off; what comes after tells the two apart.
    """
    with path.open("rb") as file:
        file.seek(offset)
        rest = file.read()
    return any(_holds(rest, seq) for seq in range(last + 2, last + 2 + _SEARCHED))


def _holds(rest: bytes, seq: int) -> bool:
    start = _FRAME.size
    while (start := rest.find(_SEQ.pack(seq), start)) >= 0:
        size, checksum = _FRAME.unpack_from(rest, start - _FRAME.size)
        payload = rest[start : start + size]
        if _FIELDS.size <= size == len(payload) and zlib.crc32(payload) == checksum:
            return True
        start += 1
    return False


class _NotWhole(Exception):
    def __init__(self, damage: str, *, torn: bool) -> None:
        super().__init__(damage)
        self.damage = damage
        self.torn = torn


def _record(file: BinaryIO, header: bytes) -> Event:
    if len(header) < _FRAME.size:
        raise _NotWhole("the last record is cut off", torn=True)
    size, checksum = _FRAME.unpack(header)
    if not _FIELDS.size <= size <= MAX_PAYLOAD:
        raise _NotWhole("no record begins here", torn=not header.strip(b"\0") and _only_zeros(file))
    payload = file.read(size)
    if len(payload) < size:
        raise _NotWhole("the last record is cut off", torn=True)
    if zlib.crc32(payload) != checksum:
        raise _NotWhole("the checksum is wrong", torn=not file.read(1))
    return _unpack(payload)


def _unpack(payload: bytes) -> Event:
    seq, stamp, size = _FIELDS.unpack_from(payload)
    end = _FIELDS.size + size
    try:
        return Event(seq=seq, tag=payload[_FIELDS.size : end].decode(), stamp=stamp, data=payload[end:])
    except UnicodeDecodeError as error:
        raise _NotWhole("the tag is no text", torn=False) from error


def _only_zeros(file: BinaryIO) -> bool:
    while block := file.read(_READ_AHEAD):
        if block.strip(b"\0"):
            return False
    return True
