"""`saltern minions`: which minions are connected."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.job_query import local_time
from saltern.cli.options import add_output, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.table import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_EXAMPLES = (
    "saltern minions",
    "saltern minions --away",
    "saltern minions 'web*' --out json",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    parser = make_parser(
        "minions",
        "Shows which minions are connected, and when those that are away were last seen.",
        usage="[options] [GLOB ...]",
        examples=_EXAMPLES,
    )
    parser.add_argument("words", nargs="*", metavar="GLOB", help="only these ids")
    parser.add_argument("--connected", action="store_true", help="only those that are connected")
    parser.add_argument("--away", action="store_true", help="only those that are not")
    add_output(parser)
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    found = place.master().ask({"verb": "fleet", "match": options.words})["minions"]
    if options.connected != options.away:
        found = {minion: row for minion, row in found.items() if row["connected"] == options.connected}
    with Printer(options, place.values) as printer:
        if printer.chosen and printer.chosen != "table":
            printer.show(dict(sorted(found.items())))
        else:
            printer.write(_as_table(found))
    return exitcodes.OK


def _as_table(found: dict[str, dict[str, Any]]) -> str:
    if not found:
        return "no minions"
    here = sum(bool(row["connected"]) for row in found.values())
    rows = [_row(minion, row) for minion, row in sorted(found.items())]
    headings = ("MINION", "STATE", "LAST SEEN", "ADDRESS", "VERSION", "RUNNING")
    return f"{table(headings, rows)}\n{here} connected, {len(found) - here} away"


def _row(minion: str, row: dict[str, Any]) -> list[str]:
    return [
        minion,
        "connected" if row["connected"] else "away",
        local_time(row.get("seen")),
        row.get("address") or "",
        row.get("version") or "",
        " ".join(row.get("running") or ()),
    ]
