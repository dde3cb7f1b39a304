"""Where keys and certificates lie."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class MasterFiles(NamedTuple):
    """What a master keeps in its PKI directory. Masters of one fleet share the `authority*` files."""

    authority_key: Path
    authority: Path
    key: Path
    certificate: Path


class MinionFiles(NamedTuple):
    """What a minion keeps in its PKI directory; `certificate` and `authority` are there once it is enrolled."""

    key: Path
    public_key: Path
    certificate: Path
    authority: Path


def master_files(directory: Path) -> MasterFiles:
    return MasterFiles(
        authority_key=directory / "ca.key",
        authority=directory / "ca.crt",
        key=directory / "master.key",
        certificate=directory / "master.crt",
    )


def minion_files(directory: Path) -> MinionFiles:
    return MinionFiles(
        key=directory / "minion.key",
        public_key=directory / "minion.pub",
        certificate=directory / "minion.crt",
        authority=directory / "ca.crt",
    )
