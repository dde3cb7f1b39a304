"""One partition: a database file, a folder of large bodies, and what is known of them without looking inside."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
from importlib import resources
from pathlib import Path

import msgspec

from saltern.errors import StoreCorrupt, StoreError
from saltern.jobs.backends.sqlite.faults import fault

VERSION = 1
"""`user_version` of the files that this code writes."""
CHECKPOINT_PAGES = 4000
MINION_INDEX = "outcome_minion"
"""Only sealed partitions have it: see `sealing`."""
_NAME = re.compile(r"(\d{6,})(\.damaged)?\.db")
_FIELDS = "seq, jobs, bytes, open, low, high, oldest, newest, touched, born"


class Extent(msgspec.Struct, frozen=True):
    """The one row of the table `extent`; the schema says what its fields are."""

    seq: int = 0
    jobs: int = 0
    bytes: int = 0
    open: int = 0
    low: str = ""
    high: str = ""
    oldest: float = 0.0
    newest: float = 0.0
    touched: int = 0
    born: float = 0.0


class Partition:
    """A partition by its number. `extent` is replaced as a whole, after each commit, by the writing thread alone."""

    def __init__(self, directory: Path, number: int, *, damaged: bool = False, extent: Extent | None = None) -> None:
        self.directory = directory
        self.number = number
        self.damaged = damaged
        self.extent = extent or Extent()

    @property
    def path(self) -> Path:
        return self.directory / f"{self.number:06d}{'.damaged' if self.damaged else ''}.db"

    @property
    def bodies(self) -> Path:
        return self.directory / f"{self.number:06d}.bodies"

    def body_file(self, seq: int) -> Path:
        return self.bodies / str(seq)

    def may_hold(self, jid: str) -> bool:
        """False when the jid is outside what the partition has; a damaged one cannot be trusted to know."""
        return self.damaged or (self.extent.jobs > 0 and self.extent.low <= jid <= self.extent.high)

    def remove(self) -> None:
        """Delete all files."""
        for suffix in ("-shm", "-wal", ""):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.rmtree(self.bodies, ignore_errors=True)

    def set_aside(self) -> None:
        """Give the database the name of a damaged one; the log follows, or it would lose its last commits."""
        old = self.path
        self.damaged = True
        for suffix in ("-wal", ""):
            if (source := Path(f"{old}{suffix}")).exists():
                source.replace(f"{self.path}{suffix}")
        Path(f"{old}-shm").unlink(missing_ok=True)


def partitions_in(directory: Path) -> list[Partition]:
    """The partitions of a directory by their file names, in the order of their numbers; extents are not read."""
    names = (_NAME.fullmatch(entry.name) for entry in directory.iterdir())
    found = [Partition(directory, int(name[1]), damaged=bool(name[2])) for name in names if name]
    return sorted(found, key=lambda partition: partition.number)


def create_file(partition: Partition) -> sqlite3.Connection:
    """Make the database of a new partition with its extent; the connection is ready to write."""
    connection = None
    try:
        connection = sqlite3.connect(partition.path, isolation_level=None, check_same_thread=False)
        _prepare_to_write(connection)
        connection.executescript(f"BEGIN; {_schema()}; PRAGMA user_version = {VERSION};")
        connection.execute(
            f"INSERT INTO extent ({_FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  (names of ours)
            msgspec.structs.astuple(partition.extent),
        )
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        partition.remove()
        raise fault(error, partition.path) from error
    return connection


def open_to_write(partition: Partition) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{partition.path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
    )
    _prepare_to_write(connection)
    return connection


def index_by_seq(partition: Partition) -> None:
    """Let outcomes be found by their cursor alone, which only exports ask for: it makes each write a little dearer."""
    try:
        with contextlib.closing(open_to_write(partition)) as connection:
            connection.execute("CREATE INDEX IF NOT EXISTS outcome_seq ON outcome (seq)")
    except sqlite3.Error as error:
        raise fault(error, partition.path) from error


def index_by_minion(connection: sqlite3.Connection) -> None:
    """Let the outcomes of a minion be found without looking at each job."""
    connection.execute(f"CREATE INDEX IF NOT EXISTS {MINION_INDEX} ON outcome (minion, job)")


def has_minion_index(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (MINION_INDEX,))
    return found.fetchone() is not None


def open_to_read(partition: Partition) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{partition.path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def read_extent(connection: sqlite3.Connection, path: Path) -> Extent | None:
    """The extent as the file has it; None when the file was never finished (a crash while it was begun).

    `StoreError` when a newer Saltern wrote the file, `StoreCorrupt` when there is no extent in it.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StoreError(f"The job cache file {path} was written by a newer version of Saltern (format {version})")
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        return None
    row = connection.execute(f"SELECT {_FIELDS} FROM extent").fetchone()  # noqa: S608  (names of ours)
    if row is None:
        raise StoreCorrupt(f"The job cache file {path} is damaged: it does not know its extent")
    return Extent(*row)


def write_extent(connection: sqlite3.Connection, extent: Extent) -> None:
    connection.execute(
        f"UPDATE extent SET ({_FIELDS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  (names of ours)
        msgspec.structs.astuple(extent),
    )


def find_job(connection: sqlite3.Connection, jid: str) -> int | None:
    """The number of a job in its partition."""
    row = connection.execute("SELECT id FROM job WHERE jid = ?", (jid,)).fetchone()
    return int(row[0]) if row else None


def _prepare_to_write(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute("PRAGMA busy_timeout = 5000")


def _schema() -> str:
    return resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")
