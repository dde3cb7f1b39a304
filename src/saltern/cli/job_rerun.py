"""`saltern jobs rerun JID`: runs the same again."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.job_query import NOT_RETURNED, each_outcome
from saltern.cli.options import IncompleteCommand, add_output, make_parser, seconds
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.tally import Tally
from saltern.cli.watch import add_watch_options, watch
from saltern.errors import UserError
from saltern.model.secrets import holds_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.client.blocking import MasterSocket

_EXAMPLES = (
    "saltern jobs rerun 20261122085142537545",
    "saltern jobs rerun 20261122085142537545 --failed-only --deliver-within 1h",
)
_REPEATED = ("fun", "arg", "tgt", "tgt_type", "delimiter", "ret", "ret_config", "ret_kwargs", "metadata")


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code is that of `saltern run`."""
    parser = make_parser(
        "jobs rerun", "Runs the same functions with the same arguments again, as a new job.",
        usage="[options] JID", examples=_EXAMPLES,
    )  # fmt: skip
    parser.add_argument("words", nargs="*", metavar="JID", help="the job id")
    parser.add_argument("--failed-only", action="store_true", help="only on minions where it failed or did not return")
    parser.add_argument("--async", dest="run_async", action="store_true", help="print the job id and do not wait")
    parser.add_argument("--deliver-within", metavar="TIME", type=seconds, default=0.0, help="keep it due: 10m, 8h")
    add_watch_options(parser)
    add_output(parser, states=True)
    options = parser.parse(argv)
    if len(options.words) != 1:
        raise IncompleteCommand("one job id is needed", hint="saltern jobs list shows them.")
    place = find_place(options.config_dir)
    master = place.master()
    request = _request(master, options.words[0], failed_only=options.failed_only)
    with Printer(options, place.values) as printer:
        if options.failed_only and not request["tgt"]:
            printer.write("It failed nowhere: nothing is to be run again.")
            return exitcodes.OK
        published = master.ask({**request, "deliver_within": options.deliver_within, "follow": options.follow})
        if options.run_async:
            printer.write(f"Executed command with job ID: {published['jid']}")
            return exitcodes.OK
        sys.stderr.write(f"jid: {published['jid']}\n")
        tally = Tally(published["minions"], published.get("away") or (), published.get("missing") or ())
        wait = place.number("timeout", 5.0) if options.timeout is None else options.timeout
        return watch(master, published["jid"], tally, options, printer, wait=wait)


def _request(master: MasterSocket, jid: str, *, failed_only: bool) -> dict[str, Any]:
    job = master.ask({"verb": "job", "jid": jid})["job"]
    request = {"verb": "publish", **{name: job[name] for name in _REPEATED if name in job}}
    if holds_secret(request.get("ret_kwargs", {})):
        raise UserError(
            f"the options of the returners of job {jid} held a secret, which is not shown",
            hint="start it again with saltern run --return ... --return_kwargs ...",
        )
    if failed_only:
        failed = each_outcome(master, jid, states=list(NOT_RETURNED))
        request |= {"tgt": sorted(outcome["minion"] for outcome in failed), "tgt_type": "list"}
    return request
