"""`saltern jobs export`: writes jobs with their returns to a file, one line for each job and minion."""

from __future__ import annotations

import csv
import os
import sys
from contextlib import contextmanager
from pathlib import Path

from saltern.cli import exitcodes
from saltern.cli.job_query import add_filters, each_job, each_outcome, function_text, query, target_text
from saltern.cli.options import make_parser
from saltern.cli.output import CannotWrite, as_json
from saltern.cli.place import find_place
from saltern.cli.tally import WITH_RETURN
from saltern.cli.watch import read_value
from saltern.errors import NotFound

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
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        "jobs export",
        "Writes jobs with their returns, one line for each job and minion, as JSON lines or CSV.",
        usage="[options] [JID ...]",
        examples=_EXAMPLES,
    )
    parser.add_argument("words", nargs="*", metavar="JID", help="only these jobs")
    parser.add_argument("--file", metavar="FILE", default="-", help="where to; - is standard output")
    parser.add_argument(
        "--out", metavar="FORMAT", choices=("json", "jsonl", "csv"), help="jsonl or csv; else as the file's name ends"
    )
    add_filters(parser)
    options = parser.parse(argv)
    master = find_place(options.config_dir).master()
    jobs = (
        (master.ask({"verb": "job", "jid": jid}) for jid in options.words)
        if options.words
        else each_job(master, query(options))
    )
    as_csv = options.out == "csv" or (options.out is None and options.file.endswith(".csv"))
    with _target_file(options.file) as file:
        write = _csv_writer(file) if as_csv else _json_writer(file)
        for entry in jobs:
            for line in _lines(master, entry["job"], minion=options.minion):
                write(line)
    return exitcodes.OK


def _lines(master: MasterSocket, job: dict[str, Any], *, minion: str) -> Iterator[dict[str, Any]]:
    wanted = {"minion": minion} if minion else {}
    for outcome in each_outcome(master, job["jid"], **wanted):
        line = {
            **{name: outcome.get(name) for name in COLUMNS if name in outcome},
            "jid": job["jid"],
            "function": function_text(job),
            "arguments": job.get("arg") or [],
            "target": target_text(job),
            "target_type": job.get("tgt_type", "glob"),
            "user": job.get("user", ""),
            "created": job.get("created"),
            "return": _value(master, outcome),
        }
        yield {name: line.get(name) for name in COLUMNS}


def _value(master: MasterSocket, outcome: dict[str, Any]) -> Any:
    if outcome["state"] not in WITH_RETURN:
        return None
    try:
        return read_value(master, outcome["jid"], outcome["minion"])
    except NotFound:
        # The outcome is kept longer than the body of its return.
        return None


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
