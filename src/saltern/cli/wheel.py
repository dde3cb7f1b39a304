"""`saltern wheel FUN [ARGS]`: runs a wheel function, which manages the master itself."""

from __future__ import annotations

from saltern.cli.mastercall import call_master

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXAMPLES = (
    "saltern wheel key.list_all",
    "saltern wheel config.apply timeout 10",
    "saltern wheel file_roots.read top.sls --out json",
    "saltern wheel -d key",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    return call_master(
        "wheel",
        argv,
        summary="Runs a wheel function, which manages the master itself.",
        examples=_EXAMPLES,
    )
