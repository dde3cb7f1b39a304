"""`saltern key token`: makes a join token, with which a new minion is accepted at once."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.options import add_output, count, make_parser, seconds
from saltern.cli.output import Printer
from saltern.cli.place import find_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def make_token(argv: Sequence[str]) -> int:
    """Run the command; the exit code. The token is the whole output, so that a script can take it."""
    parser = make_parser(
        "key token",
        "Makes a join token: the minion that shows it is accepted at once, and knows the master by it.",
        usage="[options]",
        examples=("saltern key token", "saltern key token --id 'web*' --expires 30m --uses 5"),
    )
    parser.add_argument("--id", metavar="GLOB", default="", help="only for minions with such an id")
    parser.add_argument(
        "--expires", metavar="TIME", type=seconds, default=3600.0, help="how long it holds: 30m, 1h, 2d"
    )
    parser.add_argument("--uses", metavar="N", type=count, default=1, help="how many minions may use it")
    add_output(parser)
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    answer = place.master().ask(
        {"verb": "token", "minion": options.id, "seconds": options.expires, "uses": options.uses}
    )
    with Printer(options, place.values) as printer:
        if printer.chosen:
            printer.show({"token": answer["token"], "expires": answer["expires"]})
        else:
            printer.write(answer["token"])
    return exitcodes.OK
