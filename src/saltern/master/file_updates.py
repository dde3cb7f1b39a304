"""What keeps the file server's remote sources up to date, and what runners may do with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.files.server import FileServer
from saltern.files.union import UnionTree

log = logging.getLogger(__name__)

_LOOK = 1.0
"""Seconds between looks whether a source is due."""
Backends = str | Sequence[str] | None


class FileUpdates:
    """Fetches sources when they are due, off the event loop; with `events` tells of changes."""

    def __init__(self, server: FileServer, bus: EventBus, *, events: bool) -> None:
        self._server = server
        self._bus = bus
        self._events = events
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        if self._server.remote():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                for name in await asyncio.to_thread(self._server.update, due=True):
                    self._tell(name)
            except Exception:  # the boundary of a duty: the next round may go better
                log.exception("the file server was not updated")
            await asyncio.sleep(_LOOK)

    def _tell(self, name: str) -> None:
        log.info("the files of %s have changed", name)
        if self._events:
            self._bus.fire(tags.file_server_update(name), {"changed": True, "backend": name})


class ServedFiles:
    """A `plugin_api.served_files.FileServerControl`."""

    def __init__(self, server: FileServer) -> None:
        self._server = server

    def envs(self, backend: Backends = None) -> dict[str, list[str]]:
        return {name: tree.envs() for name, tree in self._server.of(backend).items()}

    def listed(self, what: str, saltenv: str, backend: Backends = None) -> Any:
        return getattr(UnionTree(list(self._server.of(backend).values())), what)(saltenv)

    def update(self, backend: Backends = None) -> list[str]:
        return self._server.update(backend)

    def clear(self, backend: Backends = None) -> list[str]:
        return [name for name, tree in self._server.remote(backend).items() if tree.clear()]

    def lock(self, backend: Backends = None, remote: str = "") -> dict[str, list[str]]:
        return {name: tree.lock(remote) for name, tree in self._server.remote(backend).items()}

    def unlock(self, backend: Backends = None, remote: str = "") -> dict[str, list[str]]:
        return {name: tree.unlock(remote) for name, tree in self._server.remote(backend).items()}
