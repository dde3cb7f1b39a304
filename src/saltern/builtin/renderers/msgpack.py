"""MessagePack to data."""

from __future__ import annotations

from typing import Any

from saltern.errors import RenderError


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The value of a MessagePack document."""
    import msgspec

    raw = data.read() if hasattr(data, "read") else data
    content = raw.encode("latin-1") if isinstance(raw, str) else raw
    try:
        return msgspec.msgpack.decode(content) if content else {}
    except msgspec.DecodeError as error:
        raise RenderError(f"This is no MessagePack: {error}") from error
