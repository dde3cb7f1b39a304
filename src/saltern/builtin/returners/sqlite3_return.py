"""Jobs and returns in the SQLite tables that Salt knows (behaviour RET-16)."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, datetime

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.job_loads import new_jid, newest, to_json
from saltern.plugin_api.job_tables import Dialect, JobTables
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "sqlite3"

_DEFAULTS = {"database": "/var/lib/salt/salt.db", "timeout": 5.0}
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jids (jid TEXT PRIMARY KEY, load TEXT)",
    "CREATE TABLE IF NOT EXISTS salt_returns"
    " (fun TEXT, jid TEXT, id TEXT, fun_args TEXT, date TEXT NOT NULL, full_ret TEXT, success TEXT)",
    "CREATE INDEX IF NOT EXISTS salt_returns_jid ON salt_returns (jid)",
)


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Store one return."""
    with _tables(ret) as tables:
        tables.add_return(ret)


def save_load(jid: str, load: dict[str, Any], minions: list[str] | None = None) -> None:
    """Store the load of a job; a jid that is there keeps its load."""
    with _tables() as tables:
        tables.save_load(jid, load)


def save_minions(jid: str, minions: list[str], syndic_id: str | None = None) -> None:
    """These tables have no place for the minions of a job."""


def get_load(jid: str) -> dict[str, Any]:
    """The load of a job, empty when it is not known."""
    with _tables() as tables:
        return tables.load(jid)


def get_jid(jid: str) -> dict[str, Any]:
    """The whole returns of a job by minion."""
    with _tables() as tables:
        return tables.returns(jid)


def get_fun(fun: str) -> dict[str, Any]:
    """The last return of each minion for a function."""
    with _tables() as tables:
        return tables.last_of(fun)


def get_jids() -> dict[str, dict[str, Any]]:
    """All jobs, as `jobs.list_jobs` shows them."""
    with _tables() as tables:
        return tables.instances()


def get_jids_filter(count: int, filter_find_job: bool = True) -> list[dict[str, Any]]:
    """The newest jobs, oldest first, each with its `JID`."""
    return newest(get_jids(), count, filter_find_job=filter_find_job)


def get_minions() -> list[str]:
    """The ids of all minions that ever returned something."""
    with _tables() as tables:
        return tables.minions()


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def clean_old_jobs() -> None:
    """Drop what is older than `keep_jobs_seconds`; with `archive_jobs` move it to the archive tables."""
    with _tables() as tables:
        tables.expire(
            float(__opts__.get("keep_jobs_seconds", 86_400)),
            datetime.now(UTC),
            archive=bool(__opts__.get("archive_jobs", False)),
        )


def _row(ret: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        ret["fun"] if isinstance(ret["fun"], str) else ",".join(ret["fun"]),
        ret["jid"],
        ret["id"],
        to_json(ret.get("fun_args", [])),
        _moment(datetime.now(UTC)),
        to_json(ret),
        str(bool(ret.get("success"))),
    )


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


_DIALECT = Dialect(
    schema=_SCHEMA,
    insert_load="INSERT OR IGNORE INTO jids (jid, load) VALUES (?, ?)",
    columns=("fun", "jid", "id", "fun_args", "date", "full_ret", "success"),
    row=_row,
    is_missing=lambda error: "no such table" in str(error),
    mark="?",
    changed="date",
    has_events=False,
    moment=_moment,
)


@contextlib.contextmanager
def _tables(ret: dict[str, Any] | None = None) -> Iterator[JobTables]:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    try:
        connection = sqlite3.connect(options["database"], timeout=float(options["timeout"]))
    except sqlite3.Error as error:
        raise CommandExecutionError(f"The returner sqlite3 cannot open {options['database']}: {error}") from error
    with contextlib.closing(connection):
        yield JobTables(connection, _DIALECT)
