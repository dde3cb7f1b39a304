"""`saltern status`: whether the master is ready. With `--wait` a script waits for it."""

from __future__ import annotations

import time

from saltern.cli import exitcodes
from saltern.cli.options import add_output, make_parser, seconds
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.errors import Unreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from saltern.client.blocking import MasterSocket

_PAUSE = 0.05
_EXAMPLES = ("saltern status", "saltern status --wait 30s", "saltern status --out json")


def main(argv: Sequence[str]) -> int:
    """Run the command; 69 when the master does not answer, or not in time."""
    parser = make_parser("status", "Says whether the master is ready.", usage="[options]", examples=_EXAMPLES)
    parser.add_argument("--wait", metavar="TIME", type=seconds, default=0.0, help="wait so long for it to be ready")
    add_output(parser)
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    master = place.master()
    answer = _ready(master, time.monotonic() + options.wait)
    fleet = master.ask({"verb": "fleet"})["minions"]
    here = sum(bool(row["connected"]) for row in fleet.values())
    with Printer(options, place.values) as printer:
        if printer.chosen:
            names = ("master", "version", "pid", "ready")
            printer.show({**{name: answer[name] for name in names}, "connected": here, "away": len(fleet) - here})
        else:
            printer.write(
                f"{answer['master']} is ready (version {answer['version']}, process {answer['pid']})\n"
                f"minions: {here} connected, {len(fleet) - here} away"
            )
    return exitcodes.OK


def _ready(master: MasterSocket, deadline: float) -> dict[str, Any]:
    """The answer of a master that is ready; `Unreachable` after the deadline."""
    while True:
        try:
            answer = master.ask({"verb": "ping"})
            if answer.get("ready"):
                return answer
            raise Unreachable(
                "the master answers, and is not ready yet", hint="saltern status --wait 30s waits for it."
            )
        except Unreachable:
            if time.monotonic() >= deadline:
                raise
        time.sleep(_PAUSE)
