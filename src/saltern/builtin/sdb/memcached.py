"""memcached as a store: `memcached.host`, `memcached.port`, and `expire` in seconds."""

from __future__ import annotations

import contextlib

from saltern.plugin_api import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, BinaryIO

__func_alias__ = {"set_": "set"}

_SECONDS = 10


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> bool:
    """Keep a text, for as long as memcached has room for it."""
    data = str(value).encode()
    seconds = int((profile or {}).get("expire") or 0)
    with _connected(profile) as stream:
        stream.write(b"set %s 0 %d %d\r\n%s\r\n" % (_key(key), seconds, len(data), data))
        stream.flush()
        return _line(stream) == b"STORED"


def get(key: str, profile: Mapping[str, Any] | None = None) -> str | None:
    """The value of a key; None when there is none."""
    with _connected(profile) as stream:
        stream.write(b"get %s\r\n" % _key(key))
        stream.flush()
        first = _line(stream)
        if first == b"END":
            return None
        data = stream.read(int(first.split()[3]))
    return data.decode()


def delete(key: str, profile: Mapping[str, Any] | None = None) -> bool:
    """Take a key away; whether it was there."""
    with _connected(profile) as stream:
        stream.write(b"delete %s\r\n" % _key(key))
        stream.flush()
        return _line(stream) == b"DELETED"


@contextlib.contextmanager
def _connected(profile: Mapping[str, Any] | None) -> Iterator[BinaryIO]:
    import socket
    from typing import cast

    options = profile or {}
    place = (str(options.get("memcached.host", "localhost")), int(options.get("memcached.port", 11211)))
    try:
        with socket.create_connection(place, _SECONDS) as connection, connection.makefile("rwb") as stream:
            yield cast("BinaryIO", stream)
    except OSError as error:
        raise CommandExecutionError(f"memcached at {place[0]}:{place[1]}: {error}") from error


def _key(key: str) -> bytes:
    data = key.encode()
    if not data or len(data) > 250 or any(byte <= 32 or byte == 127 for byte in data):
        raise CommandExecutionError(f"memcached cannot have the key {key!r}: at most 250 bytes, no spaces")
    return data


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline().rstrip(b"\r\n")
    if line.split(b" ")[0] in (b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR") or not line:
        raise CommandExecutionError(f"memcached said: {line.decode('utf-8', 'replace') or 'nothing'}")
    return line
