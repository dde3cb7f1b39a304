"""Jobs and returns in PostgreSQL tables with columns of JSON, as Salt knows them (behaviour RET-12).

PostgreSQL cannot keep the character NUL in JSON; the replacement character stands in its place."""

from __future__ import annotations

import contextlib
import importlib.util
import re
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

__virtualname__ = "pgjsonb"

_DEFAULTS = {
    "host": "salt",
    "user": "salt",
    "pass": "salt",
    "passwd": None,
    "db": "salt",
    "port": 5432,
    "sslmode": None,
    "sslcert": None,
    "sslkey": None,
    "sslrootcert": None,
    "sslcrl": None,
}
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jids (jid varchar(255) NOT NULL PRIMARY KEY, load jsonb NOT NULL)",
    "CREATE TABLE IF NOT EXISTS salt_returns ("
    " fun varchar(50) NOT NULL, jid varchar(255) NOT NULL, return jsonb NOT NULL, id varchar(255) NOT NULL,"
    " success varchar(10) NOT NULL, full_ret jsonb NOT NULL, alter_time timestamptz DEFAULT now())",
    "CREATE INDEX IF NOT EXISTS idx_salt_returns_id ON salt_returns (id)",
    "CREATE INDEX IF NOT EXISTS idx_salt_returns_jid ON salt_returns (jid)",
    "CREATE INDEX IF NOT EXISTS idx_salt_returns_fun ON salt_returns (fun)",
    "CREATE INDEX IF NOT EXISTS idx_salt_returns_return ON salt_returns USING gin (return)",
    "CREATE INDEX IF NOT EXISTS idx_salt_returns_full_ret ON salt_returns USING gin (full_ret)",
    "CREATE TABLE IF NOT EXISTS salt_events ("
    " id bigserial PRIMARY KEY, tag varchar(255) NOT NULL, data jsonb NOT NULL,"
    " alter_time timestamptz DEFAULT now(), master_id varchar(255) NOT NULL)",
    "CREATE INDEX IF NOT EXISTS idx_salt_events_tag ON salt_events (tag)",
)


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("psycopg") is None:
        return False, "The returner pgjsonb needs the library psycopg (pip install 'saltern[postgresql]')."
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


def event_return(events: list[dict[str, Any]]) -> None:
    """Store events, each a tag with its data."""
    with _tables() as tables:
        tables.add_events(events, str(__opts__.get("id", "")))


def _row(ret: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        ret["fun"] if isinstance(ret["fun"], str) else ",".join(ret["fun"]),
        ret["jid"],
        _jsonb(ret["return"]),
        ret["id"],
        "true" if ret.get("success") else "false",
        _jsonb(ret),
    )


def _jsonb(value: Any) -> str:
    # An escape counts only behind an even number of backslashes: each pair is a backslash of the text itself.
    return re.sub(r"(?<!\\)((?:\\\\)*)\\u0000", r"\1\\ufffd", to_json(value))


_DIALECT = Dialect(
    schema=_SCHEMA,
    insert_load="INSERT INTO jids (jid, load) VALUES (%s, %s) ON CONFLICT (jid) DO NOTHING",
    columns=("fun", "jid", "return", "id", "success", "full_ret"),
    row=_row,
    is_missing=lambda error: getattr(error, "sqlstate", "") == "42P01",
)


@contextlib.contextmanager
def _tables(ret: dict[str, Any] | None = None) -> Iterator[JobTables]:
    import psycopg

    options = returner_options("returner.pgjsonb", _DEFAULTS, ret, __salt__, __opts__)
    tls = {name: options[name] for name in _DEFAULTS if name.startswith("ssl") and options[name]}
    try:
        connection = psycopg.connect(
            host=options["host"],
            user=options["user"],
            password=options["passwd"] or options["pass"],
            dbname=options["db"],
            port=int(options["port"]),
            **tls,
        )
    except psycopg.Error as error:
        raise CommandExecutionError(f"The returner pgjsonb cannot connect: {str(error).strip()}") from error
    with contextlib.closing(connection):
        yield JobTables(connection, _DIALECT)
