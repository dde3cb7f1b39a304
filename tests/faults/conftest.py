"""Laboratories for the fault tests: a directory with a short path, since unix sockets allow no more than 107 bytes."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of the test's own."""
    with short_directory() as directory:
        yield directory


@pytest.fixture
def new_lab(place: Path) -> Iterator[Callable[..., Lab]]:
    """Makes a laboratory in the test's directory, with options of the master; it is closed after the test."""
    with contextlib.ExitStack() as stack:

        def make(**master: Any) -> Lab:
            return stack.enter_context(Lab(place, master=master))

        yield make


@contextlib.contextmanager
def running_lab(*minions: str, master: dict[str, Any] | None = None, **options: Any) -> Iterator[Lab]:
    """A laboratory with a master and minions that know the module `faulty`; for fixtures of a module."""
    with short_directory() as directory, Lab(directory, master=master) as lab:
        lab.start_master()
        lab.start_minions(minions, module_dirs=[str(MODULES)], **options)
        yield lab
