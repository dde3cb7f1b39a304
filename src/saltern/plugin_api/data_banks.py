"""Banks of data on the master's disk: keys with values, in directories that are banks, too."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec

from saltern.plugin_api.errors import SaltInvocationError
from saltern.plugin_api.file_cache import replacing

_ENDING = ".p"


class DataBanks:
    """All banks of a cache directory. A bank is a path of names parted by slashes."""

    def __init__(self, cachedir: str) -> None:
        self._root = Path(cachedir, "banks")

    def keys(self, bank: str) -> list[str]:
        """The keys and banks within a bank, sorted."""
        place = self._place(bank)
        entries = place.iterdir() if place.is_dir() else []
        return sorted(entry.name.removesuffix(_ENDING) for entry in entries if not entry.name.startswith("."))

    def fetch(self, bank: str, key: str) -> Any:
        """The value of a key; an empty dictionary when there is none."""
        try:
            return msgspec.msgpack.decode(self._file(bank, key).read_bytes())
        except FileNotFoundError:
            return {}

    def store(self, bank: str, key: str, data: Any) -> None:
        """Keep a value for the owner of the directory alone."""
        with replacing(self._file(bank, key), 0o600) as file:
            file.write(msgspec.msgpack.encode(data, enc_hook=str))

    def flush(self, bank: str, key: str | None = None) -> bool:
        """Drop a key, or the bank with all within it; whether there was such."""
        if key is not None:
            file = self._file(bank, key)
            was_there = file.exists()
            file.unlink(missing_ok=True)
            return was_there
        place = self._place(bank)
        if not place.is_dir():
            return False
        shutil.rmtree(place)
        return True

    def _place(self, bank: str) -> Path:
        return self._root.joinpath(*(_name(part) for part in str(bank).strip("/").split("/")))

    def _file(self, bank: str, key: str) -> Path:
        return self._place(bank) / f"{_name(str(key))}{_ENDING}"


def _name(part: str) -> str:
    if not part or part.startswith(".") or "/" in part or "\0" in part:
        raise SaltInvocationError(f"{part!r} cannot be the name of a bank or a key.")
    return part
