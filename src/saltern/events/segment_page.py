"""Reading a page of events out of segments; runs in a thread."""

from __future__ import annotations

from pathlib import Path

import msgspec

from saltern.events import segment
from saltern.model.event import Event


class Page(msgspec.Struct):
    """Events out of files, all there are up to `scanned`; the file and offset where reading goes on."""

    events: list[Event]
    scanned: int
    path: Path | None = None
    offset: int = 0
    damaged: list[tuple[Path, int, str]] = []


def read_page(paths: list[Path], mark: tuple[Path, int] | None, after: int, upto: int, limit: int, prefix: str) -> Page:
    page = Page([], upto)
    for path in paths:
        offset = mark[1] if mark and mark[0] == path else 0
        reader = segment.SegmentReader(path, offset)
        try:
            for event in reader:
                if event.seq > upto:
                    return page
                if event.seq > after and event.tag.startswith(prefix):
                    page.events.append(event)
                    if len(page.events) == limit:
                        page.scanned, page.path, page.offset = event.seq, path, reader.offset
                        return page
        except FileNotFoundError:
            continue  # Expired meanwhile: what is left begins in a later file.
        if reader.damage and not (reader.torn and path == paths[-1]):
            page.damaged.append((path, reader.offset, reader.damage))
    return page
