"""Where the server of a job store is, and as whom to speak to it."""

from __future__ import annotations

from pathlib import Path

import msgspec

_LEAST_PATIENCE = 5.0


class ServerAddress(msgspec.Struct, frozen=True, kw_only=True):
    """`host` beginning with `/` is a unix socket (for PostgreSQL its directory); `port` 0 is the usual one.

    With `tls` (or a `tls_ca`) the connection is encrypted, and the server must show a certificate for `host` that the
    authority in `tls_ca` signed, or one that the system trusts. `timeout`: seconds for connecting, and for which a
    write waits for a server that went away; an answer is waited for three times as long, by who only reads ten times.
    """

    kind: str
    host: str = "127.0.0.1"
    port: int = 0
    user: str = ""
    password: str = ""
    database: str = ""
    tls: bool = False
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    timeout: float = 10.0

    @property
    def writing_patience(self) -> float:
        """Seconds for which a writer waits for an answer before it takes the server for gone."""
        return max(_LEAST_PATIENCE, 3 * self.timeout)

    @property
    def reading_patience(self) -> float:
        """As for writers; a question about a long history takes its time."""
        return max(_LEAST_PATIENCE, 10 * self.timeout)

    def __str__(self) -> str:
        """Without the password: this stands in messages and logs."""
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port and not self.is_socket else ""
        return f"{self.kind}://{user}{self.host}{port}/{self.database}"

    def __repr__(self) -> str:
        return f"ServerAddress({self})"

    @property
    def is_socket(self) -> bool:
        return self.host.startswith("/")

    @property
    def is_encrypted(self) -> bool:
        return self.tls or self.tls_ca is not None
