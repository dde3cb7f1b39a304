"""The job cache in SQLite files; `SqliteJobStore` is the way in."""

from __future__ import annotations

from saltern.jobs.backends.sqlite.store import SqliteJobStore

__all__ = ["SqliteJobStore"]
