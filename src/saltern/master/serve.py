"""The master's process: start, say so, serve until a signal, end in order."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Protocol

log = logging.getLogger(__name__)


class Serving(Protocol):
    """What is served: `assembly.master.Master` is one."""

    @property
    def address(self) -> str: ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...


async def serve(master: Serving, notify: Callable[[str], object]) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. `notify` tells the service manager `READY=1`, `STOPPING=1`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await _opened(master.open, master.close)
    _spare_the_collector()
    log.warning(
        "the master serves minions at %s; saltern key -L lists those that ask, saltern key -a ID accepts one",
        master.address,
    )
    notify("READY=1")
    await stop.wait()
    notify("STOPPING=1")
    log.info("the master stops")
    await master.close()
    return 0


async def _opened(open_it: Callable[[], Awaitable[None]], close_it: Callable[[], Awaitable[None]]) -> None:
    try:
        await open_it()
    except BaseException:
        await close_it()
        raise


def _spare_the_collector() -> None:
    """Look for rings among objects rarely: returns come by the ten thousand and make none.

    What was made until now stays for good and is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
