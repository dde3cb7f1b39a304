"""One setting of a minion that is kept beside its configuration once it was changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from saltern.minion.whole_files import write_whole

_encode = msgspec.json.Encoder(order="sorted").encode


def write_settings(file: Path, name: str, entries: Mapping[str, Any]) -> None:
    """Write a mapping as a configuration file: YAML that needs no YAML library, an entry a line."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [b"  %s: %s\n" % (_encode(key), _encode(value)) for key, value in sorted(entries.items())]
    write_whole(file, f"{name}:".encode() + (b"\n" + b"".join(lines) if lines else b" {}\n"))
