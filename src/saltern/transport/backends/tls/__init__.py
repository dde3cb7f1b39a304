"""Links over TCP and TLS 1.3, both sides identified by certificates."""

from saltern.transport.backends.tls.client import TlsClient
from saltern.transport.backends.tls.server import TlsServer

__all__ = ["TlsClient", "TlsServer"]
