"""`saltern jobs report KIND`: what a history tells about minions, states, failures and people."""

from __future__ import annotations

import csv
import io

from saltern.cli import exitcodes
from saltern.cli.job_query import add_filters, local_time, query
from saltern.cli.options import add_output, count, make_parser
from saltern.cli.output import Printer, as_json
from saltern.cli.place import find_place
from saltern.cli.table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

KINDS = {
    "last": "the last run of each minion, and how it went",
    "failed": "what is not as it should be, with its cause",
    "causes": "failures grouped by cause; with a JID those of one job",
    "matrix": "each minion's states in its last state run",
    "diff": "JID JID: the minions on which two jobs did not end alike, and in what",
    "slow": "the slowest states and minions",
    "audit": "who did what",
}
_COLUMNS = {
    "last": ("minion", "state", "retcode", "changed", "function", "jid", "reason"),
    "failed": ("minion", "state", "retcode", "changed", "function", "jid", "cause"),
    "causes": ("count", "fingerprint", "cause", "minions"),
    "diff": ("minion", "before", "after", "changes"),
    "audit": ("created", "user", "function", "target", "minions", "not_returned", "jid"),
}
_MARKS = {"ok": ".", "changed": "C", "failed": "F", "would change": "w"}


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        "jobs report",
        "Answers questions about the history: " + "; ".join(f"{kind}: {text}" for kind, text in KINDS.items()) + ".",
        usage="KIND [options] [JID ...]",
        examples=(
            "saltern jobs report last --function state.apply",
            "saltern jobs report causes --since 1d",
            "saltern jobs report diff 20261122085142537545 20261123085142537545",
            "saltern jobs report matrix --out csv > conformity.csv",
        ),
    )
    parser.add_argument("kind", choices=list(KINDS), metavar="KIND", help=f"one of {', '.join(KINDS)}")
    parser.add_argument("words", nargs="*", metavar="JID", help="for causes and diff")
    parser.add_argument("--jobs", metavar="N", type=count, default=1000, help="go back at most so many jobs (1000)")
    add_filters(parser)
    add_output(parser)
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    request = {
        "verb": "report", "kind": options.kind, "query": query(options), "jids": options.words, "jobs": options.jobs,
    }  # fmt: skip
    found = place.master().ask(request)["report"]
    with Printer(options, place.values) as printer:
        if printer.chosen == "json":
            printer.write(as_json(found))
        elif printer.chosen == "csv":
            printer.write(_as_csv(options.kind, found))
        elif printer.chosen not in ("", "table"):
            printer.show(found)
        else:
            printer.write(_as_text(options.kind, found))
    return exitcodes.OK


def _as_text(kind: str, found: Any) -> str:
    if kind == "slow":
        return "\n\n".join(
            table((name.upper(), "RUNS", "MEDIAN", "SLOWEST", "TOTAL"), [_seconds(row) for row in found[f"{name}s"]])
            for name in ("state", "minion")
        )
    if kind == "matrix":
        return _as_matrix(found)
    if not found:
        return "nothing"
    rows = [[_cell(name, row[name]) for name in _COLUMNS[kind]] for row in found]
    return table(tuple(name.upper().replace("_", " ") for name in _COLUMNS[kind]), rows)


def _as_matrix(found: dict[str, Any]) -> str:
    """A line for each state, a column for each minion."""
    minions = list(found["minions"])
    if not minions:
        return "no state run"
    rows = [
        [state, *(_MARKS.get(found["minions"][minion].get(state, ""), "") for minion in minions)]
        for state in found["states"]
    ]
    legend = ", ".join(f"{mark} {word}" for word, mark in _MARKS.items())
    return f"{table(('STATE', *minions), rows)}\n{legend}"


def _seconds(row: dict[str, Any]) -> list[str]:
    return [str(value) if not isinstance(value, float) else f"{value:.3f} s" for value in row.values()]


def _cell(name: str, value: Any) -> str:
    if name in ("changed", "created"):
        return local_time(value)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)


def _as_csv(kind: str, found: Any) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if kind == "matrix":
        writer.writerow(["minion", *found["states"]])
        writer.writerows([minion, *(row.get(state, "") for state in found["states"])] for minion, row in
                         found["minions"].items())  # fmt: skip
        return text.getvalue().rstrip("\n")
    rows = [{"of": key, **row} for key in found for row in found[key]] if kind == "slow" else found
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer.writerow(names)
    writer.writerows([_plain(row.get(name)) for name in names] for row in rows)
    return text.getvalue().rstrip("\n")


def _plain(value: Any) -> Any:
    return "" if value is None else as_json(value, indent=None) if isinstance(value, list | dict) else value
