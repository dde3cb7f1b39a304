"""`saltern jobs cancel`: stops a job, or what runs on a minion."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.options import IncompleteCommand, add_output, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXAMPLES = (
    "saltern jobs cancel 20261122085142537545",
    "saltern jobs cancel 20261122085142537545 --minion web1,web2",
    "saltern jobs cancel --minion web1",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        "jobs cancel",
        "Stops a job and all that it started, on all of its minions or on some; or whatever runs on a minion.",
        usage="[options] [JID]",
        examples=_EXAMPLES,
    )
    parser.add_argument("words", nargs="*", metavar="JID", help="the job id")
    parser.add_argument("--minion", metavar="ID", action="append", default=[], help="only there (ids by commas)")
    add_output(parser)
    options = parser.parse(argv)
    minions = [minion for text in options.minion for minion in text.split(",") if minion]
    if len(options.words) > 1 or not (options.words or minions):
        raise IncompleteCommand("a job id or a minion is needed", hint="See saltern jobs cancel --help.")
    place = find_place(options.config_dir)
    request = {"verb": "cancel", "jid": options.words[0] if options.words else "", "minions": minions}
    cancelled = place.master().ask(request)["cancelled"]
    with Printer(options, place.values) as printer:
        if printer.chosen:
            printer.show([{"jid": jid, "minion": minion} for jid, minion in cancelled])
        elif cancelled:
            printer.write("\n".join(f"Job {jid} is cancelled on {minion}." for jid, minion in cancelled))
        else:
            printer.write("Nothing was left to cancel.")
    return exitcodes.OK
