"""`saltern jobs list`: the jobs of the job cache, newest first."""

from __future__ import annotations

import csv
import io

from saltern.cli import exitcodes
from saltern.cli.job_query import add_filters, function_text, local_time, query, target_text
from saltern.cli.options import add_output, count, make_parser
from saltern.cli.output import Printer, as_json
from saltern.cli.place import find_place
from saltern.cli.table import table
from saltern.cli.tally import count_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_EXAMPLES = (
    "saltern jobs list --since 2h --failed",
    "saltern jobs list --function 'state.*' --minion web1 --limit 20",
    "saltern jobs list --user alice --since 2026-11-22 --until 2026-11-23 --out csv",
    "saltern jobs list --before 20261122085142537545",
)
_COLUMNS = ("jid", "created", "user", "function", "target", "target_type", "outcomes")


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        "jobs list",
        "Lists jobs, newest first, with the count of their outcomes.",
        usage="[options]",
        examples=_EXAMPLES,
    )
    add_filters(parser)
    parser.add_argument("--limit", metavar="N", type=count, default=50, help="how many (default 50)")
    parser.add_argument("--before", metavar="JID", default="", help="the page after this job")
    add_output(parser)
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    wanted = {**query(options), "limit": options.limit, "before": options.before}
    found = place.master().ask({"verb": "jobs", "query": wanted})["jobs"]
    with Printer(options, place.values) as printer:
        _show(found, printer, full=len(found) == options.limit)
    return exitcodes.OK


def _show(found: list[dict[str, Any]], printer: Printer, *, full: bool) -> None:
    if printer.chosen == "json":
        printer.write(as_json([_record(entry) for entry in found]))
    elif printer.chosen == "csv":
        printer.write(_as_csv(found))
    elif printer.chosen not in ("", "table"):
        printer.show([_record(entry) for entry in found])
    elif found:
        printer.write(_as_table(found))
        if full:
            printer.write(f"older ones: saltern jobs list --before {found[-1]['job']['jid']}")
    else:
        printer.write("no jobs")


def _record(entry: dict[str, Any]) -> dict[str, Any]:
    """A job as data: all its fields, and `counts`."""
    return {**entry["job"], "counts": entry["counts"]}


def _as_table(found: list[dict[str, Any]]) -> str:
    headings = ("JID", "STARTED", "USER", "FUNCTION", "TARGET", "OUTCOMES")
    return table(
        headings, [[cell for n, cell in enumerate(_row(entry)) if _COLUMNS[n] != "target_type"] for entry in found]
    )


def _as_csv(found: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(_row(entry) for entry in found)
    return text.getvalue()


def _row(entry: dict[str, Any]) -> list[str]:
    job = entry["job"]
    return [
        job["jid"],
        local_time(job.get("created")),
        job.get("user", ""),
        function_text(job),
        target_text(job),
        job.get("tgt_type", "glob"),
        count_text(entry["counts"]),
    ]
