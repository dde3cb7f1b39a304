"""Tokens as files of a directory, each (0600) named by the digest of its token.

Who reads the names, in a listing or a backup, has no tokens by that.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from saltern.access.records import TokenRecord
from saltern.errors import StoreError
from saltern.pki.private_files import make_private_directory, replace_file, sweep

_decode = msgspec.msgpack.Decoder(TokenRecord).decode


class TokenFiles:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, token: str, record: TokenRecord) -> None:
        make_private_directory(self._directory)
        replace_file(self._path(token), msgspec.msgpack.encode(record))

    def get(self, token: str) -> TokenRecord | None:
        return _read(self._path(token))

    def remove(self, token: str) -> bool:
        path = self._path(token)
        known = path.exists()
        path.unlink(missing_ok=True)
        return known

    def expire(self, now: float) -> int:
        if not self._directory.is_dir():
            return 0
        sweep(self._directory)
        over = [path for path in self._directory.iterdir() if _is_over(path, now)]
        for path in over:
            path.unlink(missing_ok=True)
        return len(over)

    def _path(self, token: str) -> Path:
        # 256 random bits cannot be guessed from a plain hash, and nobody has to wait for a slow one.
        return self._directory / hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _read(path: Path) -> TokenRecord | None:
    """A token's file; None for one that is gone or damaged, which lets nobody in."""
    try:
        return _decode(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None
    except OSError as error:
        raise StoreError(f"the tokens in {path.parent} cannot be read: {error.strerror}") from error


def _is_over(path: Path, now: float) -> bool:
    if path.name.startswith("."):
        return False
    record = _read(path)
    return record is None or record.expire <= now
