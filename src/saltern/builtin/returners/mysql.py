"""Jobs and returns in the MySQL or MariaDB tables that Salt knows (behaviour RET-11)."""

from __future__ import annotations

import contextlib
import importlib.util
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

__virtualname__ = "mysql"

_DEFAULTS = {
    "host": "salt",
    "user": "salt",
    "pass": "salt",
    "db": "salt",
    "port": 3306,
    "ssl_ca": None,
    "ssl_cert": None,
    "ssl_key": None,
}
_NO_SUCH_TABLE = 1146
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS jids ("
    " jid varchar(255) NOT NULL, `load` mediumtext NOT NULL, UNIQUE KEY jid (jid)) DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE IF NOT EXISTS salt_returns ("
    " fun varchar(50) NOT NULL, jid varchar(255) NOT NULL, `return` mediumtext NOT NULL, id varchar(255) NOT NULL,"
    " success varchar(10) NOT NULL, full_ret mediumtext NOT NULL, alter_time timestamp DEFAULT CURRENT_TIMESTAMP,"
    " KEY id (id), KEY jid (jid), KEY fun (fun)) DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE IF NOT EXISTS salt_events ("
    " id bigint NOT NULL AUTO_INCREMENT, tag varchar(255) NOT NULL, data mediumtext NOT NULL,"
    " alter_time timestamp DEFAULT CURRENT_TIMESTAMP, master_id varchar(255) NOT NULL,"
    " PRIMARY KEY (id), KEY tag (tag)) DEFAULT CHARSET=utf8mb4",
)


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("pymysql") is None:
        return False, "The returner mysql needs the library PyMySQL (pip install 'saltern[mysql]')."
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
        to_json(ret["return"]),
        ret["id"],
        "1" if ret.get("success") else "0",
        to_json(ret),
    )


_DIALECT = Dialect(
    schema=_SCHEMA,
    insert_load="INSERT IGNORE INTO jids (jid, `load`) VALUES (%s, %s)",
    columns=("fun", "jid", "`return`", "id", "success", "full_ret"),
    row=_row,
    is_missing=lambda error: bool(error.args) and error.args[0] == _NO_SUCH_TABLE,
    quote="`",
)


@contextlib.contextmanager
def _tables(ret: dict[str, Any] | None = None) -> Iterator[JobTables]:
    import pymysql

    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    tls = {name.removeprefix("ssl_"): options[name] for name in ("ssl_ca", "ssl_cert", "ssl_key") if options[name]}
    try:
        connection = pymysql.connect(
            host=options["host"],
            user=options["user"],
            password=options["pass"],
            database=options["db"],
            port=int(options["port"]),
            charset="utf8mb4",
            init_command="SET time_zone = '+00:00'",
            ssl=tls or None,
        )
    except pymysql.MySQLError as error:
        where = f"{options['host']}:{options['port']}/{options['db']}"
        raise CommandExecutionError(f"The returner mysql cannot connect to {where}: {error.args[-1]}") from error
    with contextlib.closing(connection):
        yield JobTables(connection, _DIALECT)
