"""`saltern jobs show JID`: a job, where it stands on each minion, and its returns."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.job_query import each_outcome, function_text, local_time, target_text
from saltern.cli.options import IncompleteCommand, add_output, make_parser
from saltern.cli.output import Printer, as_json
from saltern.cli.place import find_place
from saltern.cli.table import table
from saltern.cli.tally import WITH_RETURN, count_text
from saltern.cli.watch import read_value
from saltern.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
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
    if returns:
        data["returns"] = {outcome["minion"]: value for outcome, value in _returns(master, outcomes)}
    if printer.chosen == "json":
        printer.write(as_json(data))
    else:
        printer.show(data)


def _show_returns(master: MasterSocket, outcomes: list[dict[str, Any]], printer: Printer) -> None:
    for outcome, value in _returns(master, outcomes):
        printer.blank_line()
        printer.show({outcome["minion"]: value}, out=outcome.get("out", ""), retcode=outcome.get("retcode") or 0)


def _returns(master: MasterSocket, outcomes: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Any]]:
    found = []
    for outcome in outcomes:
        if outcome["state"] in WITH_RETURN:
            try:
                found.append((outcome, read_value(master, outcome["jid"], outcome["minion"])))
            except NotFound:
                # The outcome is kept longer than the body of its return.
                continue
    return found


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
