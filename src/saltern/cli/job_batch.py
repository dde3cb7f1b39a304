"""`saltern jobs pause`, `resume` and `stop`: hold a batch back, go on with it, end it."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.options import IncompleteCommand, add_output, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_VERBS = {
    "pause": "Lets no more minions of a batch begin; those at work go on.",
    "resume": "Goes on with a batch that was paused.",
    "stop": "Ends a batch: minions whose turn has not come are not given the job.",
}


def main(action: str, argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        f"jobs {action}",
        _VERBS[action],
        usage="[options] JID",
        examples=(f"saltern jobs {action} 20261122085142537545",),
    )
    parser.add_argument("words", nargs="*", metavar="JID", help="the job id")
    if action == "stop":
        parser.add_argument("--kill", action="store_true", help="stop it on the minions at work too")
    add_output(parser)
    options = parser.parse(argv)
    if len(options.words) != 1:
        raise IncompleteCommand("one job id is needed", hint="saltern runner batch.list_active shows the batches.")
    place = find_place(options.config_dir)
    request = {"verb": "batch", "jid": options.words[0], "action": action, "kill": getattr(options, "kill", False)}
    status = place.master().ask(request)["batch"]
    with Printer(options, place.values) as printer:
        if printer.chosen:
            printer.show(status)
        else:
            printer.write(describe(status))
    return exitcodes.OK


def describe(status: dict[str, Any]) -> str:
    """A line on where a batch stands."""
    counts = ", ".join(
        f"{status[name]} {name}" for name in ("completed", "active", "pending", "failed", "cancelled") if status[name]
    )
    state = "stopped" if status["halted"] else "paused" if status["paused"] else "going on"
    return f"Batch {status['jid']} is {state}: {counts} of {status['total']}."
