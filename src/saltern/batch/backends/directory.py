"""Batches in a directory, a small JSON file each, written when one begins, is paused or resumed, and ends."""

from __future__ import annotations

from pathlib import Path

import msgspec

from saltern.batch.records import Batch
from saltern.errors import StoreCorrupt
from saltern.model.jid import is_jid
from saltern.pki.private_files import make_private_directory, read_text, replace_file, sweep


class DirectoryBatchStore:
    """The directory is made by the first batch: most masters never see one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def save(self, batch: Batch) -> None:
        make_private_directory(self._directory)
        replace_file(self._directory / batch.jid, msgspec.json.format(msgspec.json.encode(batch), indent=1))

    def get(self, jid: str) -> Batch | None:
        return self._read(self._directory / jid) if is_jid(jid) else None

    def jids(self) -> list[str]:
        sweep(self._directory)
        return sorted(path.name for path in self._directory.glob("*") if is_jid(path.name))

    def forget(self, jid: str) -> None:
        if is_jid(jid):
            (self._directory / jid).unlink(missing_ok=True)

    def _read(self, path: Path) -> Batch | None:
        text = read_text(path)
        if text is None:
            return None
        try:
            return msgspec.json.decode(text, type=Batch)
        except msgspec.MsgspecError as error:
            raise StoreCorrupt(
                f"{path} is damaged: {error}", hint=f"It says how batch {path.name} goes on: remove it to end that."
            ) from error
