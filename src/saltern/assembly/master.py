"""A master, put together from its configuration."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from saltern.access.gate import Rules
from saltern.access.publisher_acl import read_blacklist, read_publisher_acl
from saltern.assembly.files import file_tree
from saltern.assembly.keys import autosign, key_store, token_store
from saltern.assembly.plugins import MasterPlugins
from saltern.config.master import MasterConfig
from saltern.config.paths import master_socket
from saltern.events.backends.segments import SegmentEventLog
from saltern.events.bus import EventBus
from saltern.files.serve import file_verbs
from saltern.fleet.backends.sqlite import SqliteFleetStore
from saltern.fleet.registry import Fleet
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.jobs.contract import JobStore
from saltern.keys.ring import KeyRing
from saltern.master.collector import Collector, CollectorOptions
from saltern.master.connections import Connections
from saltern.master.delivery import Delivery
from saltern.master.enrolment import Enrolment, EnrolmentOptions
from saltern.master.following import Following
from saltern.master.housekeeping import Housekeeping, HouseOptions
from saltern.master.live import LiveJobs
from saltern.master.minion_handler import HandlerOptions, MinionHandler, Services
from saltern.master.operator import OperatorSocket
from saltern.master.progress import ProgressHub
from saltern.master.publishing import Publishing, PublishOptions
from saltern.master.recent import RecentBodies
from saltern.master.requests import MinionRequests
from saltern.master.runners import MasterFunctions
from saltern.master.verbs import OperatorVerbs, VerbServices
from saltern.model.jid import JidClock
from saltern.model.job import Retention
from saltern.pki.authority import Authority
from saltern.pki.contexts import server_context
from saltern.pki.peer import peer_from_certificate
from saltern.transport.address import join_address
from saltern.transport.backends.tls import TlsServer
from saltern.transport.contract import Listener

log = logging.getLogger(__name__)
T = TypeVar("T")
_ENVELOPE = 4 << 20
"""Bytes that the master's own events may add to the value of a return, or take for a long list of minions."""


class Master:
    """A running master; `open` serves, `close` ends with everything written."""

    def __init__(self, config: MasterConfig) -> None:
        self._config = config
        self._closing: list[Any] = []
        self._listener: Listener | None = None

    @property
    def address(self) -> str:
        """`HOST:PORT` that minions connect to."""
        return self._listener.address if self._listener else ""

    async def open(self) -> None:
        config = self._config
        raise_file_limit(config.max_open_files)
        for directory in (config.cachedir, config.pki_dir):
            Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = await asyncio.to_thread(Authority.open, config.pki_dir, config.id)
        log.info("the authority's fingerprint is %s", authority.fingerprint)
        events = await asyncio.to_thread(SegmentEventLog, config.cachedir / "events")
        store = await asyncio.to_thread(SqliteJobStore, config.cachedir / "jobs")
        fleet = Fleet(SqliteFleetStore(config.cachedir / "minions.db"))
        self._closing += [events, store, fleet]
        await self._serve(authority, EventBus(events, max_size=config.max_event_size + _ENVELOPE), events, store, fleet)

    async def close(self) -> None:
        if self._listener is not None:
            await self._listener.close()
        for part in reversed(self._closing):
            await part.close()

    async def _serve(
        self, authority: Authority, bus: EventBus, events: SegmentEventLog, store: JobStore, fleet: Fleet
    ) -> None:
        config = self._config
        live, connections, progress, recent = LiveJobs(), Connections(), ProgressHub(), RecentBodies()
        keys, tokens = key_store(config), token_store(config)
        enrolment = Enrolment(
            keys, authority, autosign(config, tokens), connections, bus,
            EnrolmentOptions(
                max_minions=config.max_minions, open_mode=config.open_mode,
                certificate_days=config.certificate_days, auth_events=config.auth_events,
            ),
        )  # fmt: skip
        delivery = Delivery(store, live, connections, bus, config.minion_lost_after)
        await delivery.restore()
        collector = Collector(
            store, live, bus, recent,
            CollectorOptions(
                job_cache=config.job_cache, noise=tuple(config.job_noise), max_event=config.max_event_size,
                master=config.id,
            ),
        )  # fmt: skip
        clock = JidClock(last=await store.latest(), unique=config.unique_jid)
        rules = Rules((read_publisher_acl(config.publisher_acl),), read_blacklist(config.publisher_acl_blacklist))
        publishing = Publishing(
            keys, fleet, delivery, clock, rules,
            PublishOptions(master=config.id, nodegroups=config.nodegroups, ext_job_cache=config.ext_job_cache),
        )  # fmt: skip
        loop = asyncio.get_running_loop()

        def run(work: Coroutine[Any, Any, T]) -> T:
            """Run a coroutine on the master's loop from a thread of a runner."""
            return asyncio.run_coroutine_threadsafe(work, loop).result()

        functions = MasterFunctions(
            MasterPlugins(config, {}).call,
            store,
            bus,
            clock,
            record=config.runner_returns,
        )
        verbs = OperatorVerbs(
            VerbServices(
                master=config.id, store=store, delivery=delivery, publishing=publishing,
                following=Following(store, live, recent, progress, fleet), ring=KeyRing(keys), tokens=tokens,
                enrolment=enrolment, fleet=fleet, bus=bus, functions=functions,
                authority_fingerprint=authority.fingerprint,
            )
        )  # fmt: skip
        services = Services(
            connections=connections, enrolment=enrolment, delivery=delivery, collector=collector, fleet=fleet,
            bus=bus, progress=progress, requests=MinionRequests(file_verbs(file_tree(config)), bus),
        )  # fmt: skip
        house = Housekeeping(_house_options(config), store, events, bus, connections, fleet, delivery)
        await self._listen(services)
        operator = OperatorSocket(
            Path(master_socket(config.conf_file.parent, {"sock_dir": config.sock_dir, "root_dir": config.root_dir})),
            verbs, open_to_all=bool(config.publisher_acl),
        )  # fmt: skip
        await operator.open()
        house.start()
        self._closing += [collector, house, operator]

    async def _listen(self, services: Services) -> None:
        config = self._config
        spool = config.cachedir / "incoming"
        spool.mkdir(mode=0o700, exist_ok=True)
        for left in spool.iterdir():
            left.unlink()
        options = HandlerOptions(
            master=config.id, spool=spool, heartbeat=config.heartbeat_interval, reconnect=config.reconnect_window,
            max_return=config.max_return_size, max_event=config.max_event_size,
        )  # fmt: skip
        server = TlsServer(server_context(config.pki_dir), peer_from_certificate)
        self._listener = await server.listen(
            join_address(config.interface, config.port), lambda: MinionHandler(services, options)
        )


def _house_options(config: MasterConfig) -> HouseOptions:
    return HouseOptions(
        keep_jobs=Retention(
            seconds=config.keep_jobs_seconds, jobs=config.keep_jobs_count, bytes=config.keep_jobs_bytes
        ),
        keep_events_seconds=config.event_keep_seconds,
        keep_events_bytes=config.event_keep_bytes,
        heartbeat=config.heartbeat_interval,
        interval=config.loop_interval,
        presence_events=config.presence_events,
    )


def raise_file_limit(wanted: int) -> None:
    """Ask for as many file descriptors as the configuration wants and the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
