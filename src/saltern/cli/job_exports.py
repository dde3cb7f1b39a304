"""`saltern jobs exports` and `saltern jobs dead-letters`: the stores elsewhere that the master feeds."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.job_query import local_time
from saltern.cli.options import Parser, add_output, count, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.table import table
from saltern.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

_EXPORTS = ("saltern jobs exports", "saltern jobs exports --out json")
_LETTERS = (
    "saltern jobs dead-letters",
    "saltern jobs dead-letters --retry 3 4",
    "saltern jobs dead-letters --export mysql --drop",
)


def exports(argv: Sequence[str]) -> int:
    """Show how the exports stand; the exit code is 1 when one of them fails."""
    parser = make_parser(
        "jobs exports",
        "Shows the stores elsewhere that the master feeds: what waits, for how long, and what is wrong.",
        usage="[options]",
        examples=_EXPORTS,
    )
    add_output(parser)
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    found = place.master().ask({"verb": "exports"})["exports"]
    with Printer(options, place.values) as printer:
        if printer.chosen:
            printer.show(found)
        elif found:
            printer.write(_as_table(found))
        else:
            printer.write("This master feeds no other store: master_job_cache and event_return name none.")
    return exitcodes.FAILED if any(row["error"] for row in found) else exitcodes.OK


def _as_table(rows: list[dict[str, Any]]) -> str:
    heads = ("EXPORT", "STATE", "WAITING", "BYTES", "LAG", "SENT", "DEAD LETTERS")
    names = ("name", "state", "waiting", "bytes", "lag", "sent", "dead_letters")
    lines = table(heads, [[str(row[name]) for name in names] for row in rows])
    errors = [f"{row['name']}: {row['error']}" for row in rows if row["error"]]
    return "\n".join([lines, *errors])


def dead_letters(argv: Sequence[str]) -> int:
    """Show, send again or drop what a store refused."""
    options = _letters_parser().parse(argv)
    if options.words and not (options.retry or options.drop):
        raise UserError("numbers go with --retry or --drop", hint="See saltern jobs dead-letters --help.")
    place = find_place(options.config_dir)
    action = "retry" if options.retry else "drop" if options.drop else "letters"
    request = {
        "verb": "exports",
        "action": action,
        "name": options.export,
        "letters": options.words,
        "limit": options.limit,
    }
    answer = place.master().ask(request)
    with Printer(options, place.values) as printer:
        if printer.chosen:
            printer.show({name: value for name, value in answer.items() if name != "kind"})
        else:
            printer.write(_as_text(action, answer))
    return exitcodes.FAILED if answer.get("refused") else exitcodes.OK


def _as_text(action: str, answer: dict[str, Any]) -> str:
    if action == "drop":
        return f"{answer['dropped']} dead letters were dropped."
    if action == "retry":
        refused = [f"{number}: {reason}" for number, reason in answer["refused"].items()]
        return "\n".join([f"{answer['sent']} dead letters were sent.", *refused])
    if not answer["letters"]:
        return "There are no dead letters."
    # A reason is a sentence, and no cell of a table.
    return "\n".join(
        f"{row['id']}  {row['export']}  {row['key']}  {row['size']} bytes  {local_time(row['at'])}\n    {row['reason']}"
        for row in answer["letters"]
    )


def _letters_parser() -> Parser:
    parser = make_parser(
        "jobs dead-letters",
        "Shows what a store elsewhere refused, and why; sends it again, or drops it.",
        usage="[options] [NUMBER ...]",
        examples=_LETTERS,
    )
    parser.add_argument("words", nargs="*", metavar="NUMBER", type=count, help="only these; without one all of them")
    parser.add_argument("--export", metavar="NAME", default="", help="of this export, where there are several")
    parser.add_argument("--limit", metavar="N", type=count, default=1000, help="at most so many")
    what: argparse._MutuallyExclusiveGroup = parser.add_mutually_exclusive_group()
    what.add_argument("--retry", action="store_true", help="send them again")
    what.add_argument("--drop", action="store_true", help="drop them")
    add_output(parser)
    return parser
