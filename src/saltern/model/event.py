"""An event: a tag and its data, with its place in the log."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One entry of the event log.

    `seq` grows by one with each event of a log and is the cursor of its readers. `data` is MessagePack, kept encoded:
    most events are stored and passed on without anybody looking inside. `stamp` is seconds since 1970, UTC.
    """

    seq: int
    tag: str
    stamp: float
    data: bytes
