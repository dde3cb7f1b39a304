"""High data that is kept on the minion, for runs with `cache=True` (behaviour STA-23)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from saltern.plugin_api.errors import SaltInvocationError
from saltern.plugin_api.file_cache import replacing


class KeptHigh:
    """One file of a cache directory. It may hold secrets of the pillar, so that its owner alone can read it.

    `SaltInvocationError` for a name that is no file's.
    """

    def __init__(self, cachedir: str, name: str) -> None:
        if not name or "/" in name or "\0" in name:
            raise SaltInvocationError(f"{name!r} cannot be the name of what is kept.")
        self._path = Path(cachedir, f"{name}.cache.p")

    def get(self, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is kept, or else what `make` gives, which is kept from now on."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=dict[str, Any])
        except (FileNotFoundError, msgspec.DecodeError):
            high = make()
        with replacing(self._path, 0o600) as file:
            file.write(msgspec.msgpack.encode(high, enc_hook=str))
        return high
