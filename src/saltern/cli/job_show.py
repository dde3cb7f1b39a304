"""`saltern jobs show JID`: a job, where it stands on each minion, and its returns."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.job_query import each_outcome, function_text, local_time, target_text
from saltern.cli.job_returns import values_of
from saltern.cli.options import IncompleteCommand, add_output, make_parser
from saltern.cli.output import Printer, as_json
from saltern.cli.place import find_place
from saltern.cli.table import table
from saltern.cli.tally import count_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from saltern.client.blocking import MasterSocket

_EXAMPLES = (
    "saltern jobs show 20261122085142537545",
    "saltern jobs show 20261122085142537545 --minion web1 --out json",
    "saltern jobs show 20261122085142537545 --no-returns",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        "jobs show", "Shows a job, where it stands on each minion, and its returns.",
        usage="[options] JID", examples=_EXAMPLES,
    )  # fmt: skip
    parser.add_argument("words", nargs="*", metavar="JID", help="the job id")
    parser.add_argument("--minion", metavar="ID", default="", help="only what concerns this minion")
    parser.add_argument("--no-returns", action="store_true", help="without what the minions gave back")
    add_output(parser, states=True)
    options = parser.parse(argv)
    if len(options.words) != 1:
        raise IncompleteCommand("one job id is needed", hint="saltern jobs list shows them.")
    jid, place = options.words[0], find_place(options.config_dir)
    master = place.master()
    known = master.ask({"verb": "job", "jid": jid})
    wanted = {"minion": options.minion} if options.minion else {}
    outcomes = sorted(each_outcome(master, jid, **wanted), key=lambda outcome: str(outcome["minion"]))
    with Printer(options, place.values) as printer:
        if printer.chosen:
            _show_data(master, known, outcomes, printer, returns=not options.no_returns)
        else:
            printer.write(_describe(known["job"], known["counts"], outcomes))
            if not options.no_returns:
                _show_returns(master, outcomes, printer)
    return exitcodes.OK


def _show_data(
    master: MasterSocket,
    known: dict[str, Any],
    outcomes: list[dict[str, Any]],
    printer: Printer,
    *,
    returns: bool,
) -> None:
    """One map: `job`, `counts`, `outcomes`, `returns` (minion to value)."""
    data = {"job": known["job"], "counts": known["counts"], "outcomes": outcomes}
    values = values_of(master, outcomes) if returns else None
    if printer.chosen == "json":
        _write_json(data, values, printer)
        return
    if values is not None:
        data["returns"] = {outcome["minion"]: value for outcome, value in values}
    printer.show(data)


def _write_json(data: dict[str, Any], values: Iterator[tuple[dict[str, Any], Any]] | None, printer: Printer) -> None:
    """What `as_json` makes of the map, a return at a time: all of a large job's would not fit into memory."""
    text = as_json(data)
    if values is None:
        printer.write(text)
        return
    printer.write_raw(text.removesuffix("\n}") + ',\n    "returns": {')
    end = ""
    for number, (outcome, value) in enumerate(values):
        lines = as_json({outcome["minion"]: value}).split("\n")[1:-1]
        printer.write_raw(("," if number else "") + "".join(f"\n    {line}" for line in lines))
        end = "\n    "
    printer.write_raw(end + "}\n}\n")


def _show_returns(master: MasterSocket, outcomes: list[dict[str, Any]], printer: Printer) -> None:
    for outcome, value in values_of(master, outcomes):
        printer.blank_line()
        printer.show({outcome["minion"]: value}, out=outcome.get("out", ""), retcode=outcome.get("retcode") or 0)


def _describe(job: dict[str, Any], counts: dict[str, int], outcomes: list[dict[str, Any]]) -> str:
    facts = {
        "job": job["jid"],
        "function": function_text(job),
        "arguments": as_json(job.get("arg") or [], indent=None),
        "target": f"{target_text(job)} ({job.get('tgt_type', 'glob')})",
        "user": job.get("user", ""),
        "started": local_time(job.get("created")),
        "due until": local_time(job.get("deliver_until")),
        "metadata": as_json(job["metadata"], indent=None) if job.get("metadata") else "",
        "without key": " ".join(job.get("missing") or []),
        "outcomes": count_text(counts),
    }
    lines = [f"{name + ':':<13}{text}" for name, text in facts.items() if text]
    rows = [_row(outcome) for outcome in outcomes]
    return "\n".join(lines) + ("\n\n" + table(("MINION", "STATE", "RETCODE", "SECONDS", "NOTE"), rows) if rows else "")


def _row(outcome: dict[str, Any]) -> list[str]:
    retcode = outcome.get("retcode")
    started, finished = outcome.get("started"), outcome.get("finished")
    by = f"by {outcome['by']}" if outcome.get("by") else ""
    return [
        outcome["minion"],
        outcome["state"].replace("_", " "),
        "" if retcode is None else str(retcode),
        f"{finished - started:.2f}" if started and finished else "",
        " ".join(part for part in (outcome.get("reason") or "", by) if part),
    ]
