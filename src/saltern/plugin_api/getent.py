"""Ask the system's resolver by getent(1), in a process that is ended when it takes too long."""

from __future__ import annotations

from collections.abc import Sequence

_REVERSE_LOOKUP_SECONDS = 5.0


def getent(database: str, keys: Sequence[str], *, seconds: float) -> str:
    """What getent prints; empty when it finds nothing, cannot be run, or takes longer."""
    from saltern.plugin_api import process  # most hosts know their name, and run no program

    try:
        done = process.run(["getent", database, *keys], timeout=seconds)
    except OSError:
        return ""
    return process.text_of(done.stdout)


def reverse_names(addresses: Sequence[str]) -> list[str]:
    """The names that these addresses have, sorted."""
    answer = getent("hosts", addresses, seconds=_REVERSE_LOOKUP_SECONDS) if addresses else ""
    return sorted({name for line in answer.splitlines() for name in line.split()[1:]})
