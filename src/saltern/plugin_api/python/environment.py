"""The Python environment that is meant: its interpreter, and its pip."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from saltern.plugin_api.errors import CommandNotFoundError


def pip_of(bin_env: str | None) -> list[str]:
    """The command that is pip: of the environment or program `bin_env`, or of the Python that runs this.

    Raises `CommandNotFoundError` where there is none.
    """
    if not bin_env:
        return [os.path.normpath(sys.executable), "-m", "pip"]
    place = Path(os.path.normpath(bin_env))
    if place.is_dir():
        for folder in (place / "bin", place):
            for name in ("python", "python3"):
                if _is_program(folder / name):
                    return [str(folder / name), "-m", "pip"]
            for name in ("pip", "pip3"):
                if _is_program(folder / name):
                    return [str(folder / name)]
        raise CommandNotFoundError(f"Could not find a pip binary in virtualenv {bin_env}")
    if _is_program(place):
        return [str(place), "-m", "pip"] if place.name.startswith("python") else [str(place)]
    raise CommandNotFoundError(f"Access denied to {bin_env}, could not find a pip binary")


def python_of(venv: str) -> str | None:
    """The interpreter of a virtual environment; None where there is none."""
    place = Path(venv, "bin", "python")
    return str(place) if _is_program(place) else None


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)
