"""`saltern jobs import`: takes over a history that Salt kept."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.options import make_parser
from saltern.cli.place import find_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def main(argv: Sequence[str]) -> int:
    """Write it into the configured job store; the exit code is 1 when something of it could not be read."""
    parser = make_parser(
        "jobs import",
        "Writes the jobs and returns that Salt kept into the configured job store: from the directory of its"
        " local_cache, or through a returner (pgjsonb, mysql, ...) with the options of the master's configuration."
        " Jobs that are there already are left alone. A master with job_store sqlite must be stopped meanwhile.",
        usage="DIRECTORY|RETURNER",
        examples=("saltern jobs import /var/cache/salt/master/jobs", "saltern jobs import pgjsonb"),
    )
    parser.add_argument("source", metavar="DIRECTORY|RETURNER", help="where the history is")
    options = parser.parse(argv)
    place = find_place(options.config_dir)
    # The store's libraries are slow to load, and only this command needs them here.
    from saltern.assembly.job_import import import_jobs

    done = import_jobs(place.directory, options.source, _tell if sys.stderr.isatty() else lambda _: None)
    print(f"{done.jobs} jobs with {done.returns} returns were taken over.")
    if done.known:
        print(f"{done.known} jobs were there already.")
    if done.unreadable:
        print(f"{done.unreadable} jobs could not be read.", file=sys.stderr)
    return exitcodes.FAILED if done.unreadable else exitcodes.OK


def _tell(done: Any) -> None:
    print(f"\r{done.jobs} jobs", end="", file=sys.stderr, flush=True)
