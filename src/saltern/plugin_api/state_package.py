"""State packages: chunks, and the files that they need, in one archive (behaviour STA-20).

An archive (gzip) has `lowstate.json`, a list of chunks in the order of the run; it may have `pillar.json`, laid over
the minion's pillar, and `roster_grains.json`, which stand in the place of the minion's grains. Each directory in it is
a file root, its name the environment.
"""

from __future__ import annotations

import contextlib
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class StatePackage(msgspec.Struct, frozen=True):
    """What a package says. `grains` is None where the minion's own count; `roots` are file roots by environment."""

    low: list[dict[str, Any]]
    pillar: dict[str, Any]
    grains: dict[str, Any] | None
    roots: Mapping[str, list[Path]]


@contextlib.contextmanager
def opened_package(archive: Path) -> Iterator[StatePackage]:
    """The package in an archive, unpacked for as long as the context lasts.

    `CommandExecutionError` for what is no package: no archive, a member that would lie outside of it, data of another
    form.
    """
    with tempfile.TemporaryDirectory(prefix="state-package-") as name:
        folder = Path(name)
        try:
            with tarfile.open(archive, "r:gz") as tar:
                tar.extractall(folder, filter="data")
        except (tarfile.TarError, OSError, EOFError) as error:
            raise CommandExecutionError(f"{archive} cannot be unpacked as a state package: {error}") from error
        yield _read(folder, archive)


def _read(folder: Path, archive: Path) -> StatePackage:
    low = _data(folder / "lowstate.json", archive, list[dict[str, Any]])
    if low is None:
        raise CommandExecutionError(f"{archive} is no state package: it has no lowstate.json")
    for place, chunk in enumerate(low):
        missing = [key for key in ("state", "fun", "name", "__id__", "__sls__", "__env__") if key not in chunk]
        if missing:
            raise CommandExecutionError(f"{archive}: lowstate.json: chunk {place} has no {', '.join(missing)}")
    return StatePackage(
        low=low,
        pillar=_data(folder / "pillar.json", archive, dict[str, Any]) or {},
        grains=_data(folder / "roster_grains.json", archive, dict[str, Any]),
        roots={place.name: [place] for place in sorted(folder.iterdir()) if place.is_dir()},
    )


def _data(file: Path, archive: Path, form: type) -> Any:
    """What a file holds; None where it lacks, and where it holds null."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=form | None)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise CommandExecutionError(f"{archive}: {file.name}: {error}") from error
