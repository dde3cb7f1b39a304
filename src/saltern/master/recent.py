"""The bodies of returns that came in just now: whoever waits for them need not ask the store."""

from __future__ import annotations


class RecentBodies:
    """Small bodies in memory, the oldest dropped beyond `most_bytes`."""

    def __init__(self, most_bytes: int = 64 << 20) -> None:
        self._most_bytes = most_bytes
        self._bodies: dict[tuple[str, str], bytes] = {}
        self._bytes = 0

    def put(self, jid: str, minion: str, data: bytes) -> None:
        if len(data) > self._most_bytes // 8:
            return
        self._bytes += len(data) - len(self._bodies.pop((jid, minion), b""))
        self._bodies[jid, minion] = data
        while self._bytes > self._most_bytes:
            oldest = next(iter(self._bodies))
            self._bytes -= len(self._bodies.pop(oldest))

    def get(self, jid: str, minion: str) -> bytes | None:
        return self._bodies.get((jid, minion))
