"""`saltern jobs check`: tries out the job store that the master's configuration names."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.options import add_output, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.table import table
from saltern.errors import SalternError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def main(argv: Sequence[str]) -> int:
    """Try the store, with a job that leaves no trace; the exit code is 1 when a step failed."""
    parser = make_parser(
        "jobs check",
        "Tries out the configured job store: connects, writes, reads and deletes a job of its own, and tells how long"
        " each step took. The master need not run.",
        usage="[options]",
        examples=("saltern jobs check", "saltern jobs check --out json"),
    )
    add_output(parser)
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    # The store's libraries are slow to load, and only this command needs them here.
    from saltern.assembly.job_store_check import check_job_store

    steps = check_job_store(place.directory)
    exports = _exports(place)
    with Printer(options, place.values) as printer:
        if printer.chosen:
            printer.show({"steps": steps, "exports": exports})
        else:
            printer.write(_as_text(steps, exports))
    failed = any(not step["ok"] for step in steps) or any(export["error"] for export in exports)
    return exitcodes.FAILED if failed else exitcodes.OK


def _exports(place: Any) -> list[dict[str, Any]]:
    """How far the stores are behind that the master feeds; none when it does not run."""
    try:
        found: list[dict[str, Any]] = place.master().ask({"verb": "exports"})["exports"]
    except SalternError:
        return []
    return found


def _as_text(steps: list[dict[str, Any]], exports: list[dict[str, Any]]) -> str:
    rows = [
        ["ok" if step["ok"] else "FAILED", f"{step['milliseconds']:.1f} ms", step["step"], step["detail"]]
        for step in steps
        if step["ok"]
    ]
    lines = [table(("", "TIME", "STEP", "DETAIL"), rows)] if rows else []
    # What went wrong is a sentence, and no cell of a table.
    lines += [f"FAILED: {step['step']}: {step['detail']}" for step in steps if not step["ok"]]
    for export in exports:
        state = export["error"] or f"{export['waiting']} wait, {export['lag']} s behind"
        lines.append(f"export {export['name']}: {state}")
    return "\n".join(lines)
