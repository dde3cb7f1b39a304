"""Laboratories for the fault tests: in directories with short paths, since unix sockets allow 107 bytes."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import Lab

MODULES = Path(__file__).parent
"""Holds `modules/faulty.py`, for the option `module_dirs`."""


@contextlib.contextmanager
def short_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="sf-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running_lab(*minions: str, master: dict[str, Any] | None = None, **options: Any) -> Iterator[Lab]:
    """A laboratory with a master and minions that know the module `faulty`."""
    with short_directory() as directory, Lab(directory, master=master) as lab:
        lab.start_master()
        lab.start_minions(minions, module_dirs=[str(MODULES)], **options)
        yield lab
