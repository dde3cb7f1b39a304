"""`saltern wheel FUN [ARGS]`: runs a wheel function, which manages the master itself."""

from __future__ import annotations

from saltern.cli.mastercall import call_master

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXAMPLES = ("saltern wheel inventory.rebuild site=east", "saltern wheel -d")


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    return call_master(
        "wheel",
        argv,
        summary="Runs a wheel function of your own on the master; none is shipped yet.",
        examples=_EXAMPLES,
    )
