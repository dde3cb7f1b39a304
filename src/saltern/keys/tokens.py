"""Join tokens on the master: each lets so many new minions in, for so long, without an operator's decision."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from saltern.errors import ArgumentError, StoreCorrupt
from saltern.keys.join_token import JoinToken
from saltern.pki.private_files import make_private_directory, read_text, replace_file


class _Entry(msgspec.Struct, frozen=True):
    minion: str
    expires: float
    uses: int


class TokenStore:
    """Keeps a hash of each token's secret in one file (0600, JSON); several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self, minion: str, seconds: float, uses: int, authority: str, now: float) -> str:
        """A new token's text. `minion` is a glob on ids, empty for any; `now` in seconds since 1970.

        `authority` is the fingerprint (64 hex digits) of the authority that the minion is to trust.
        """
        if uses < 1 or seconds <= 0:
            raise ArgumentError("A token needs at least one use and some time.")
        secret = secrets.token_urlsafe(24)
        make_private_directory(self._path.parent)
        with self._locked():
            entries = _current(self._read(), now)
            entries[_digest(secret)] = _Entry(minion or "*", now + seconds, uses)
            self._write(entries)
        return JoinToken(authority, secret).text()

    def redeem(self, secret: str, minion: str, now: float) -> bool:
        """Use a token up by one for a minion; False, and nothing is used, when it is not valid for it."""
        if not self._path.exists():
            return False
        with self._locked():
            entries = _current(self._read(), now)
            entry = entries.pop(_digest(secret), None)
            if entry is None or not fnmatchcase(minion, entry.minion):
                return False
            if entry.uses > 1:
                entries[_digest(secret)] = msgspec.structs.replace(entry, uses=entry.uses - 1)
            self._write(entries)
        return True

    def expire(self, now: float) -> int:
        """Drop the tokens whose time is over; how many."""
        if not self._path.exists():
            return 0
        with self._locked():
            entries = self._read()
            current = _current(entries, now)
            if len(current) < len(entries):
                self._write(current)
            return len(entries) - len(current)

    def _read(self) -> dict[str, _Entry]:
        try:
            return msgspec.json.decode(read_text(self._path) or "{}", type=dict[str, _Entry])
        except msgspec.MsgspecError as error:
            raise StoreCorrupt(f"{self._path} is damaged: {error}") from error

    def _write(self, entries: dict[str, _Entry]) -> None:
        replace_file(self._path, msgspec.json.format(msgspec.json.encode(entries), indent=1))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # Not the file itself: it is replaced by each change, and a lock stays with the file that was there before.
        descriptor = os.open(self._path.with_name(self._path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _digest(secret: str) -> str:
    # 192 random bits cannot be guessed from a plain hash, and nobody has to wait for a slow one.
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _current(entries: dict[str, _Entry], now: float) -> dict[str, _Entry]:
    return {digest: entry for digest, entry in entries.items() if entry.expires > now}
