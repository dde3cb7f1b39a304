"""What one job may take of its machine."""

from __future__ import annotations

import os
import resource

import msgspec


class JobLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a job's processes, each on its own; 0 means no bound. `memory` is address space in bytes."""

    memory: int = 0
    open_files: int = 0
    niceness: int = 0

    def apply(self) -> None:
        """Bind this process and all that it will start."""
        if self.memory:
            _lower(resource.RLIMIT_AS, self.memory)
        if self.open_files:
            _lower(resource.RLIMIT_NOFILE, self.open_files)
        if self.niceness:
            os.nice(self.niceness)


def _lower(what: int, most: int) -> None:
    """Set a limit for good; one that is lower already stays."""
    _, hard = resource.getrlimit(what)
    bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (bound, bound))
