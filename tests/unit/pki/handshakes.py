"""TLS handshakes in memory, with real contexts."""

from __future__ import annotations

import ssl

from saltern.pki.names import SERVER_NAME


def handshake(
    server: ssl.SSLContext, client: ssl.SSLContext, name: str | None = SERVER_NAME
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Both sides after a handshake and one message each way; `ssl.SSLError` of the side that refused."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    at_server = server.wrap_bio(to_server, to_client, server_side=True)
    at_client = client.wrap_bio(to_client, to_server, server_hostname=name)
    waiting = [at_client.do_handshake, at_server.do_handshake]
    for _ in range(10):
        waiting = [step for step in waiting if not _done(step)]
        if not waiting:
            break
    assert not waiting
    # In TLS 1.3 a client hears only with its first read that the server did not like its certificate.
    at_server.write(b"welcome")
    assert at_client.read(100) == b"welcome"
    return at_server, at_client


def _done(step) -> bool:
    try:
        step()
    except ssl.SSLWantReadError:
        return False
    return True
