"""The socket at which `saltern call` finds the running minion, and through it the masters.

What is spoken there is what a worker says on its stream (see `pipe`), as far as it asks for something. Only the user
that the minion runs as, and root, are heard.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
from pathlib import Path

import msgspec

from saltern.minion import pipe
from saltern.minion.workers import Worker, WorkerEvents

log = logging.getLogger(__name__)

_ASKED = (pipe.Ask, pipe.PillarWanted, pipe.Fire, pipe.RefreshWanted, pipe.Manage)
_MOST = 64
"""Callers at a time."""


class Callers:
    """Listens until closed; what callers say goes to the desk."""

    def __init__(self, path: Path, desk: WorkerEvents) -> None:
        self._path = path
        self._desk = desk
        self._socket: socket.socket | None = None
        self._open: set[Worker] = set()

    def open(self) -> None:
        """Listen; where that cannot be, `saltern call` does without, which is logged."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            before = os.umask(0o177)
            try:
                listening.bind(str(self._path))
            finally:
                os.umask(before)
            listening.listen(_MOST)
        except OSError as error:
            log.error("%s cannot be listened at, saltern call will not reach masters: %s", self._path, error)
            listening.close()
            return
        listening.setblocking(False)
        self._socket = listening
        asyncio.get_running_loop().add_reader(listening.fileno(), self._accept)

    def close(self) -> None:
        for caller in tuple(self._open):
            self._leave(caller)
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        assert self._socket is not None
        try:
            stream, _ = self._socket.accept()
        except OSError as error:
            log.debug("a caller was not taken: %s", error)
            return
        if len(self._open) >= _MOST or not _is_ours(stream):
            stream.close()
            return
        stream.setblocking(False)
        caller = Worker(pipe.Spawn(task="call"), stream)
        self._open.add(caller)
        asyncio.get_running_loop().add_reader(stream.fileno(), self._hear, caller)

    def _hear(self, caller: Worker) -> None:
        try:
            messages = caller.read()
        except (msgspec.DecodeError, ValueError):
            messages = None
        if messages is None or not all(isinstance(one, _ASKED) for one in messages):
            self._leave(caller)
            return
        for message in messages:
            self._desk.worker_said(caller, message)

    def _leave(self, caller: Worker) -> None:
        self._open.discard(caller)
        with contextlib.suppress(ValueError):
            asyncio.get_running_loop().remove_reader(caller.fileno())
        caller.close()


def _is_ours(stream: socket.socket) -> bool:
    credentials = stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return uid in (0, os.geteuid())


def connected(path: Path) -> socket.socket | None:
    """A stream to the running minion; None when there is none."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.connect(str(path))
    except OSError:
        stream.close()
        return None
    return stream
