"""`saltern runner FUN [ARGS]`: runs a function on the master."""

from __future__ import annotations

from saltern.cli.mastercall import call_master

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXAMPLES = (
    "saltern runner jobs.list_jobs",
    "saltern runner jobs.lookup_jid 20261122085142537545 --out json",
    "saltern runner jobs.list_jobs search_function='cmd.*' search_target=web1",
    "saltern runner -d jobs",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    return call_master("runner", argv, summary="Runs a function on the master.", examples=_EXAMPLES)
