"""Keys as files: `PKI_DIR/{minions,minions_pre,minions_rejected,minions_denied}/ID`, each a public key in PEM form.

Format: behaviour KEY-01. People and tools copy, move and delete these files by hand, so the files are the truth.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from saltern.errors import StoreError
from saltern.keys.contract import KeyState
from saltern.keys.ids import check_minion_id, is_minion_id
from saltern.keys.precedence import first_state
from saltern.pki.private_files import make_private_directory, read_text, replace_file, sweep

_CLOCK_GRAIN_NS = 2_000_000_000
_MUST_LAST = (KeyState.ACCEPTED, KeyState.REJECTED)

_Ids = list[str]


class _Listing(NamedTuple):
    stamp: tuple[int, int]
    """Inode and time of change of the directory that was read."""
    ids: _Ids


class DirectoryKeyStore:
    def __init__(self, pki_dir: Path) -> None:
        self._directories = {state: pki_dir / state.value for state in KeyState}
        self._listings: dict[KeyState, _Listing] = {}
        make_private_directory(pki_dir)
        for directory in self._directories.values():
            make_private_directory(directory)
            sweep(directory)

    def list(self) -> Mapping[KeyState, list[str]]:
        return {state: self._ids(state) for state in KeyState}

    def get(self, minion: str, state: KeyState) -> str | None:
        # An empty file is what a power cut leaves of a key that was not made durable.
        return (read_text(self._path(minion, state)) or None) if is_minion_id(minion) else None

    def state_of(self, minion: str) -> KeyState | None:
        if not is_minion_id(minion):
            return None
        return first_state(lambda state: self._path(minion, state).is_file())

    def put(self, minion: str, state: KeyState, public_key: str) -> None:
        check_minion_id(minion)
        # What an operator or a rule decided must outlast a power cut. Whoever only asks will ask again, and a whole
        # fleet, or a stranger, that asks at once should not make the master wait for the disk.
        replace_file(self._path(minion, state), public_key.encode(), durable=state in _MUST_LAST)

    def delete(self, minion: str, state: KeyState) -> bool:
        if not is_minion_id(minion):
            return False
        path = self._path(minion, state)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"{path} cannot be removed: {error.strerror or error}") from error
        return True

    def _path(self, minion: str, state: KeyState) -> Path:
        return self._directories[state] / minion

    def _ids(self, state: KeyState) -> _Ids:
        directory = self._directories[state]
        try:
            status = directory.stat()
            stamp = (status.st_ino, status.st_mtime_ns)
            known = self._listings.get(state)
            if known is not None and known.stamp == stamp:
                return known.ids.copy()
            before = time.time_ns()
            ids = _scan(directory)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"{directory} cannot be read: {error.strerror or error}") from error
        # Two changes within one tick of the file system's clock leave the same time of change: what was changed just
        # now is read again.
        if before - status.st_mtime_ns > _CLOCK_GRAIN_NS:
            self._listings[state] = _Listing(stamp, ids)
        return ids.copy()


def _scan(directory: Path) -> _Ids:
    with os.scandir(directory) as entries:
        return sorted(entry.name for entry in entries if is_minion_id(entry.name) and entry.is_file())
