"""An FTP server for tests."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers import free_port

_SECONDS = 20


@contextmanager
def ftp_server(folder: Path, login: tuple[str, str] | None = None) -> Iterator[str]:
    """Serves a directory on loopback, to everybody or to who has the login; gives `host:port`."""
    port = free_port()
    words = ["-i", "127.0.0.1", "-p", str(port), "-d", str(folder)]
    if login is not None:
        words += ["-u", login[0], "-P", login[1]]
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "pyftpdlib", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port)
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    end = time.monotonic() + _SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return
