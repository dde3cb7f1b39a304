"""The directory of a copy that is fetched now and then: when that was, who may do it, and whether it is locked."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_FETCHED = "fetched"
_LOCK = "update.lk"
_FETCHING = "fetching"


class MirrorFolder:
    """A directory that several threads and processes share."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def fetched_at(self) -> float:
        """When it was fetched last (seconds since 1970); 0 for never."""
        with suppress(OSError):
            return (self.path / _FETCHED).stat().st_mtime
        return 0.0

    def mark_fetched(self) -> None:
        (self.path / _FETCHED).touch()

    @property
    def is_locked(self) -> bool:
        return (self.path / _LOCK).exists()

    def lock(self) -> bool:
        """Keep it from being fetched until `unlock`; False when it was locked before."""
        self.make()
        with suppress(FileExistsError):
            (self.path / _LOCK).touch(exist_ok=False)
            return True
        return False

    def unlock(self) -> bool:
        """Let it be fetched again; False when it was not locked."""
        with suppress(FileNotFoundError):
            (self.path / _LOCK).unlink()
            return True
        return False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One fetches at a time, of all processes and threads; who asks what is here does not wait for that."""
        import fcntl

        self.make()
        with (self.path / _FETCHING).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def make(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)


def folder_name(*parts: str) -> str:
    """A directory's name for what these texts identify together."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
