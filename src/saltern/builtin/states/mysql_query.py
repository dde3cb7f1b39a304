"""Statements are run in a database of a MySQL or MariaDB server, and what they answer is kept.

The server is the one that the module `mysql` reaches; `connection_host`, `connection_user` and so on name another.
"""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import Context, Functions, Opts
from saltern.plugin_api.databases.mysql import ERROR
from saltern.plugin_api.state_result import result_of, taken_error

__salt__: Functions
__opts__: Opts
__context__: Context


def run(
    name: str,
    database: str,
    query: str,
    output: str | None = None,
    grain: str | None = None,
    key: str | None = None,
    overwrite: bool = True,
    check_db_exists: bool = True,
    **connection_args: Any,
) -> dict[str, Any]:
    """A statement is run. Its answer goes to a file, or with `output: grain` to a grain (and a `key` of it).

    Without `overwrite` nothing is run when the answer is there already.
    """
    return _run(name, database, "mysql.query", query, output, grain, key, overwrite, check_db_exists, connection_args)


def run_file(
    name: str,
    database: str,
    query_file: str | None = None,
    output: str | None = None,
    grain: str | None = None,
    key: str | None = None,
    overwrite: bool = True,
    check_db_exists: bool = True,
    **connection_args: Any,
) -> dict[str, Any]:
    """The statements of a file (a path or `salt://` URL) are run. For the rest see `run`."""
    if not query_file:
        return result_of(name, False, "No query_file was given")
    return _run(
        name, database, "mysql.file_query", query_file, output, grain, key, overwrite, check_db_exists, connection_args
    )


def _run(
    name: str,
    database: str,
    function: str,
    what: str,
    output: str | None,
    grain: str | None,
    key: str | None,
    overwrite: bool,
    check_db_exists: bool,
    connection_args: dict[str, Any],
) -> dict[str, Any]:
    if check_db_exists and not __salt__["mysql.db_exists"](database, **connection_args):
        error = taken_error(__context__, ERROR)
        # A dry run goes on the supposition that a state before this one makes the database.
        result = None if __opts__["test"] and not error else False
        return result_of(name, result, error or f"Database {database} is not present")
    if output == "grain" and not grain:
        return result_of(name, False, "Error: output type 'grain' needs the grain parameter\n")
    place = _place(output, grain, key)
    if not overwrite and _is_kept(output, grain, key):
        what_is_kept = place.replace(": ", " ", 1)
        return result_of(name, True, f"No execution needed. {what_is_kept[0].upper()}{what_is_kept[1:]} already set")
    changes = {"query": f"Executed. Output into {place}" if place else "Executed"}
    if output not in (None, "grain"):
        changes = {"query": f"Executed. Output into {output}"}
    if __opts__["test"]:
        kept = f"storing result in {place}" if place else "not storing result"
        return result_of(name, None, f"Query would execute, {kept}", changes)
    answer = __salt__[function](database, what, **connection_args)
    if not answer:
        error = taken_error(__context__, ERROR)
        return result_of(name, False, f"The query failed: {error}" if error else "The query failed")
    answer = _with_names(answer)
    _keep(answer, output, grain, key)
    return result_of(name, True, str(answer), changes)


def _place(output: str | None, grain: str | None, key: str | None) -> str:
    if output == "grain":
        return f"grain: {grain}:{key}" if key else f"grain: {grain}"
    return f"file: {output}" if output else ""


def _is_kept(output: str | None, grain: str | None, key: str | None) -> bool:
    if output == "grain":
        value = __salt__["grains.get"](grain)
        return key in value if key and isinstance(value, dict) else bool(value) and not key
    return bool(output) and os.path.isfile(str(output))


def _with_names(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer of one statement with each row as a dictionary."""
    rows, columns = answer.get("results"), answer.get("columns")
    if not rows or not columns or not isinstance(columns[0], str):
        return answer
    return {**answer, "results": [dict(zip(columns, row, strict=True)) for row in rows]}


def _keep(answer: dict[str, Any], output: str | None, grain: str | None, key: str | None) -> None:
    if output == "grain":
        value = answer
        if key:
            now = __salt__["grains.get"](grain)
            value = {**(now if isinstance(now, dict) else {}), key: answer}
        __salt__["grains.setval"](grain, value)
    elif output:
        rows = answer.get("results", [])
        lines = [f"{name}:{value}\n" for row in rows if isinstance(row, dict) for name, value in row.items()]
        with open(output, "w", encoding="utf-8") as file:
            file.writelines(lines or [str(answer)])
