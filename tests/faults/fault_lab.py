"""Laboratories for the fault tests: in directories with short paths, since unix sockets allow 107 bytes."""

from __future__ import annotations

import contextlib
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import Lab

MODULES = Path(__file__).parent
"""Holds `modules/faulty.py`, for the option `module_dirs`."""


@contextlib.contextmanager
def short_directory() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="sf-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def running_lab(*minions: str, master: dict[str, Any] | None = None, **options: Any) -> Iterator[Lab]:
    """A laboratory with a master and minions that know the module `faulty`."""
    with short_directory() as directory, Lab(directory, master=master) as lab:
        lab.start_master()
        lab.start_minions(minions, module_dirs=[str(MODULES)], **options)
        yield lab


class Network:
    """A port through which minions reach the master of a laboratory, and which can be cut or jammed.

    `jam` keeps what is sent in one direction, `down` to the minion or `up` to the master, until the connection is cut.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._jammed: set[str] = set()
        self._refuses = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Network:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def jam(self, direction: str) -> None:
        self._jammed.add(direction)

    def cut(self) -> None:
        """End all connections; new ones work, unless it is `down`."""
        self._jammed.clear()
        pairs, self._pairs = self._pairs, []
        for end in (end for pair in pairs for end in pair):
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)

    def go_down(self) -> None:
        """End all connections and take no more until `come_up`."""
        self._refuses.set()
        self.cut()

    def come_up(self) -> None:
        self._refuses.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                if self._refuses.is_set():
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)  # a server may take its time
            self._pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far, "up"), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, "down"), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, direction: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if direction not in self._jammed:
                    target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
