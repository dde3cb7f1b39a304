"""The link process: an event loop with the desk, its workers, and a connection to each master."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from saltern.errors import ArgumentError, IdentityRefused
from saltern.minion import pipe
from saltern.minion.callers import Callers
from saltern.minion.desk import Desk
from saltern.minion.link import LinkOptions, MasterLink
from saltern.minion.own_beacons import BeaconOptions, OwnBeacons
from saltern.minion.own_schedule import OwnSchedule, ScheduleOptions
from saltern.minion.startup_states import StartupOptions, StartupStates
from saltern.minion.supervisor import ENROL, RENEW
from saltern.minion.workers import Workers
from saltern.transport import frames

log = logging.getLogger(__name__)

_LAST_FLUSH = 1.0
"""Seconds that the end of the link leaves for returns on their way."""
_LOOK = 1.0
"""Seconds between looks at the outbox for returns of other processes."""


class Dialling(msgspec.Struct, frozen=True, kw_only=True):
    """`groups`: one list of masters for each connection; of a list with several, one at a time is used (failover)."""

    groups: tuple[tuple[str, ...], ...]
    keep: Callable[[tuple[str, ...], MasterLink, Callable[[str, IdentityRefused], None]], Awaitable[None]]
    """Keep one group connected until cancelled; the callable hears of a master that refuses, or must be refused."""
    callers: Path
    """The socket for `saltern call`."""
    expires: float = 0.0
    """When this minion's certificate ends (seconds since 1970, UTC)."""


class LinkProcess:
    """Its `run` gives the exit status."""

    def __init__(
        self,
        desk: Desk,
        options: LinkOptions,
        dialling: Dialling,
        startup: StartupOptions,
        schedule: ScheduleOptions,
        beacons: BeaconOptions,
    ) -> None:
        self._desk = desk
        self._options = options
        self._dialling = dialling
        self._startup = StartupStates(options.id, startup, desk.take_own)
        self._links: list[MasterLink] = []
        self._schedule = OwnSchedule(schedule, desk, self._links)
        self._beacons = OwnBeacons(beacons, desk, self._links)
        self._ended = asyncio.Event()
        self._status = 0
        self._workers: Workers | None = None

    async def run(self, supervisor: socket.socket) -> int:
        self._desk.on_stop = self._ended.set
        self._workers = Workers(supervisor, self._desk)
        self._desk.open(self._workers)
        links = self._links
        links += [self._link() for _ in self._dialling.groups]
        self._desk.on_grains = lambda: _send_grains(links)
        self._desk.on_reload = self._beacons.begin_anew
        self._desk.managers |= {"schedule": self._schedule, "beacons": self._beacons, "minion": _Itself()}
        keeping = zip(self._dialling.groups, links, strict=True)
        work = [self._dialling.keep(group, link, self._refused) for group, link in keeping]
        tasks = [asyncio.ensure_future(each) for each in (*work, self._look_into_outbox(links))]
        if self._schedule.is_early:
            tasks.append(asyncio.ensure_future(self._begin_schedule()))
        callers = Callers(self._dialling.callers, self._desk)
        callers.open()
        if not links:
            await self._desk.grains_ready.wait()
            self._workers.ready()
            self._startup.begin("")
            self._schedule.begin()
            self._beacons.begin()
        await self._ended.wait()
        callers.close()
        self._schedule.stop()
        self._beacons.stop()
        for link in links:
            link.flush()
        await asyncio.sleep(_LAST_FLUSH if any(link.connected for link in links) and self._desk.outbox.waiting() else 0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return self._status

    def _pillar_changed(self) -> None:
        self._schedule.pillar_changed()
        self._beacons.pillar_changed()

    async def _begin_schedule(self) -> None:
        await self._desk.grains_ready.wait()
        self._schedule.begin()

    def _link(self) -> MasterLink:
        link = MasterLink(self._options, self._desk, self._welcome, self._goodbye)
        self._desk.add_master(link)
        link.pillar.on_change = self._pillar_changed
        return link

    def _refused(self, master: str, error: IdentityRefused) -> None:
        """A certificate that has run out is renewed by enrolling again with the same key.

        One master of several is asked to let this minion in, while the others go on; all else is for a person.
        """
        if time.time() > self._dialling.expires:
            log.error("this minion's certificate has expired: it asks %s for another one", master)
            self._end(ENROL)
        elif self._has_others:
            self._enrol_with(master)

    @property
    def _has_others(self) -> bool:
        return len(self._dialling.groups) > 1

    def _enrol_with(self, master: str) -> None:
        """Try once, in a process of its own; the master is dialled again in a while in any case."""
        key = f"enrol {master}"
        if self._workers is not None and self._workers.get(key) is None:
            self._workers.start(pipe.Spawn(task="enrol", jid=key, master=master))

    async def _look_into_outbox(self, links: list[MasterLink]) -> None:
        """`saltern call` leaves returns there; nobody else tells the link."""
        seen = 0
        while True:
            changed = self._desk.outbox.changed()
            if changed != seen:
                seen = changed
                for link in links:
                    link.flush()
            await asyncio.sleep(_LOOK)

    def _welcome(self, frame: frames.Welcome) -> None:
        log.info("connected to master %s", frame.master)
        if self._workers is not None:
            self._workers.ready()
        if not frame.renew:  # which starts this process again at once
            self._startup.begin(frame.master)
            self._schedule.master_is_there(frame.master)
            self._beacons.begin()
        else:
            log.info("the certificate ends soon and is renewed")
            self._end(RENEW)

    def _goodbye(self, frame: frames.Goodbye) -> None:
        log.error("the master ended the connection: %s", frame.reason)
        if frame.enrol and not self._has_others:
            self._end(ENROL)

    def _end(self, status: int) -> None:
        self._status = status
        self._ended.set()


class _Itself:
    """What functions may know of the minion's processes."""

    def answer(self, verb: str, args: Mapping[str, Any]) -> Any:
        del args
        if verb != "pid":
            raise ArgumentError(f"a minion cannot {verb}")
        return os.getppid()


def _send_grains(links: list[MasterLink]) -> None:
    for link in links:
        link.send_grains()
        if link.connected:
            link.pillar.refresh()  # what a minion is given depends on them
