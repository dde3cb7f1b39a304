"""`saltern jobs export`: writes jobs with their returns to a file, one line for each job and minion."""

from __future__ import annotations

import csv
import os
import sys
from contextlib import contextmanager
from pathlib import Path

from saltern.cli import exitcodes
from saltern.cli.job_query import add_filters, function_text, query, target_text
from saltern.cli.job_returns import each_return
from saltern.cli.options import make_parser
from saltern.cli.output import CannotWrite, as_json
from saltern.cli.place import find_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TextIO

    from saltern.client.blocking import MasterSocket

    Writer = Callable[[dict[str, Any]], None]

COLUMNS = (
    "jid", "function", "arguments", "target", "target_type", "user", "created", "minion", "state", "retcode", "success",
    "started", "finished", "reason", "by", "return",
)  # fmt: skip
"""The names in a line. Times are seconds since 1970, UTC; `arguments` and `return` are JSON in a CSV file."""

_EXAMPLES = (
    "saltern jobs export 20261122085142537545 --file job.jsonl",
    "saltern jobs export --since 1d --failed --file failures.csv",
    "saltern jobs export --function 'state.*' > states.jsonl",
    "saltern jobs export --since 7d --file week.parquet",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        "jobs export",
        "Writes jobs with their returns, one line for each job and minion, as JSON lines, CSV or Parquet.",
        usage="[options] [JID ...]",
        examples=_EXAMPLES,
    )
    parser.add_argument("words", nargs="*", metavar="JID", help="only these jobs")
    parser.add_argument("--file", metavar="FILE", default="-", help="where to; - is standard output")
    parser.add_argument(
        "--out",
        metavar="FORMAT",
        choices=("json", "jsonl", "csv", "parquet"),
        help="jsonl, csv or parquet; else as the file's name ends",
    )
    add_filters(parser)
    options = parser.parse(argv)
    master = find_place(options.config_dir).master()
    wanted = {"jids": options.words} if options.words else {"query": query(options)}
    lines = _lines(master, **wanted, minion=options.minion)
    if options.out == "parquet" or (options.out is None and options.file.endswith(".parquet")):
        from saltern.cli.parquet import write_parquet

        write_parquet(options.file, COLUMNS, lines)
        return exitcodes.OK
    as_csv = options.out == "csv" or (options.out is None and options.file.endswith(".csv"))
    with _target_file(options.file) as file:
        write = _csv_writer(file) if as_csv else _json_writer(file)
        for line in lines:
            write(line)
    return exitcodes.OK


def _lines(master: MasterSocket, **wanted: Any) -> Iterator[dict[str, Any]]:
    for job, outcome, value in each_return(master, **wanted):
        line = {
            **{name: outcome.get(name) for name in COLUMNS if name in outcome},
            "jid": job["jid"],
            "function": function_text(job),
            "arguments": job.get("arg") or [],
            "target": target_text(job),
            "target_type": job.get("tgt_type", "glob"),
            "user": job.get("user", ""),
            "created": job.get("created"),
            "return": value,
        }
        yield {name: line.get(name) for name in COLUMNS}


def _json_writer(file: TextIO) -> Writer:
    def write(line: dict[str, Any]) -> None:
        file.write(as_json(line, indent=None) + "\n")

    return write


def _csv_writer(file: TextIO) -> Writer:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)

    def write(line: dict[str, Any]) -> None:
        cells = {**line, "arguments": as_json(line["arguments"], indent=None)}
        cells["return"] = "" if line["return"] is None else as_json(line["return"], indent=None)
        rows.writerow(["" if cells[name] is None else cells[name] for name in COLUMNS])

    return write


@contextmanager
def _target_file(name: str) -> Iterator[TextIO]:
    """Standard output, or a file for the user alone (returns may hold secrets) that appears when it is complete."""
    if name == "-":
        yield sys.stdout
        return
    part = Path(f"{name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise CannotWrite(f"{name} cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            yield file
        part.replace(name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
