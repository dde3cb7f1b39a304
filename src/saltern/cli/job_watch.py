"""`saltern jobs watch JID`: prints a job's returns, those that are there and those to come."""

from __future__ import annotations

from saltern.cli.options import IncompleteCommand, add_output, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.tally import Tally
from saltern.cli.watch import add_watch_options, watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXAMPLES = (
    "saltern jobs watch 20261122085142537545",
    "saltern jobs watch 20261122085142537545 --follow --summary",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is that of `saltern run`."""
    parser = make_parser(
        "jobs watch", "Prints a job's returns, those that are there and those to come.",
        usage="[options] JID", examples=_EXAMPLES,
    )  # fmt: skip
    parser.add_argument("words", nargs="*", metavar="JID", help="the job id")
    add_watch_options(parser)
    add_output(parser, states=True)
    options = parser.parse(argv)
    if len(options.words) != 1:
        raise IncompleteCommand("one job id is needed", hint="saltern jobs list shows them.")
    jid, place = options.words[0], find_place(options.config_dir)
    master = place.master()
    job = master.ask({"verb": "job", "jid": jid})["job"]
    wait = place.number("timeout", 5.0) if options.timeout is None else options.timeout
    with Printer(options, place.values) as printer:
        tally, batch = Tally(missing=job.get("missing") or ()), "batch" in (job.get("kwargs") or {})
        return watch(master, jid, tally, options, printer, wait=wait, batch=batch)
