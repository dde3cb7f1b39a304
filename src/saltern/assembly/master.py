"""A master, put together from its configuration."""

from __future__ import annotations

import asyncio
import getpass
import logging
import resource
import ssl
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from saltern.access.contract import AccessTokens, AuditLog
from saltern.assembly.access import access_tokens, audit_log, door
from saltern.assembly.exports import has_job_export, open_exports
from saltern.assembly.external_tops import MasterTops
from saltern.assembly.files import file_server
from saltern.assembly.job_store import open_job_store
from saltern.assembly.keys import autosign, key_store, token_store
from saltern.assembly.master_control import OwnMaster
from saltern.assembly.master_plugins import MasterPlugins
from saltern.assembly.mine import mine_store, mines
from saltern.assembly.pillar_processes import PillarProcesses, state_of_roots
from saltern.batch.backends.directory import DirectoryBatchStore
from saltern.client.blocking import MasterSocket
from saltern.config.master import MasterConfig
from saltern.config.paths import master_socket
from saltern.events import tags
from saltern.events.backends.segments import SegmentEventLog
from saltern.events.bus import EventBus
from saltern.events.contract import EventLog
from saltern.files.serve import file_verbs
from saltern.files.server import FileServer
from saltern.files.uploads import Uploads
from saltern.fleet.backends.sqlite import SqliteFleetStore
from saltern.fleet.registry import Fleet
from saltern.jobs.contract import JobStore
from saltern.jobs.observed import ObservedJobStore
from saltern.jobs.policy import NOISE
from saltern.keys.autosign import Autosign
from saltern.keys.contract import KeyStore
from saltern.keys.ring import KeyRing
from saltern.keys.tokens import TokenStore
from saltern.master.batch_control import RunnerBatches
from saltern.master.batches import Batches
from saltern.master.collector import Collector, CollectorOptions
from saltern.master.connections import Connections
from saltern.master.delivery import Delivery
from saltern.master.enrolment import Enrolment, EnrolmentOptions
from saltern.master.exports import Exports
from saltern.master.file_updates import FileUpdates, ServedFiles
from saltern.master.following import Following
from saltern.master.housekeeping import Housekeeping, HouseOptions
from saltern.master.live import LiveJobs
from saltern.master.minion_handler import HandlerOptions, MinionHandler, Services
from saltern.master.operator import OperatorSocket
from saltern.master.own_schedule import MasterSchedule
from saltern.master.peers import Peers
from saltern.master.pillars import PillarCache, Pillars
from saltern.master.progress import ProgressHub
from saltern.master.publishing import Publishing, PublishOptions
from saltern.master.recent import RecentBodies
from saltern.master.requests import MinionRequests, Verb, for_any_minion
from saltern.master.runners import MasterFunctions, RunningCalls
from saltern.master.running import RunningJobs
from saltern.master.targets import Targets
from saltern.master.verb_services import VerbServices
from saltern.master.verbs import OperatorVerbs
from saltern.mine.contract import MineStore
from saltern.mine.serve import Mines
from saltern.model.jid import JidClock
from saltern.model.job import Retention
from saltern.pki.authority import Authority
from saltern.pki.contexts import load_server_certificate, server_context
from saltern.pki.fingerprints import show
from saltern.pki.peer import peer_from_certificate
from saltern.plugin_api.types import EventSender
from saltern.salt_compat.history import StoreHistory
from saltern.transport.address import join_address
from saltern.transport.backends.tls import TlsServer
from saltern.transport.contract import Listener

log = logging.getLogger(__name__)
T = TypeVar("T")
_ENVELOPE = 4 << 20
"""Bytes that the master's own events may add to the value of a return, or take for a long list of minions."""


class Closable(Protocol):
    async def close(self) -> None: ...


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What the two sides of a master, minions and operators, both work on."""

    authority: Authority
    store: JobStore
    events: EventLog
    bus: EventBus
    fleet: Fleet
    keys: KeyStore
    tokens: TokenStore
    access_tokens: AccessTokens
    audit: AuditLog
    entry: Autosign
    live: LiveJobs
    connections: Connections
    progress: ProgressHub
    recent: RecentBodies
    enrolment: Enrolment
    delivery: Delivery
    batches: Batches
    exports: Exports
    pillars: PillarProcesses
    targets: Targets
    mine_store: MineStore
    mines: Mines
    files: FileServer


class Master:
    """A running master; `open` serves, `close` ends with everything written."""

    def __init__(self, config: MasterConfig) -> None:
        self._config = config
        self._closing: list[Closable] = []
        self._listener: Listener | None = None

    @property
    def address(self) -> str:
        """`HOST:PORT` that minions connect to."""
        return self._listener.address if self._listener else ""

    async def open(self) -> None:
        config = self._config
        raise_file_limit(config.max_open_files)
        for directory in (config.cachedir, config.pki_dir):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        parts = await self._parts()
        await parts.delivery.restore()
        await parts.batches.restore()
        collector = self._collector(parts)
        operator = await self._operator(parts)
        server = TlsServer(server_context(config.pki_dir), peer_from_certificate)
        house = self._house(parts, server.context)
        self._listener = await self._listen(server, parts, collector)
        await operator.open()
        house.start()
        updates = FileUpdates(parts.files, parts.bus, events=config.fileserver_events)
        updates.start()
        self._schedule.start()
        # Closed from the last to the first: nobody is let in any more before what they need is gone.
        self._closing += [updates, collector, parts.connections, parts.delivery, parts.batches, house, operator]
        self._closing.append(self._schedule)

    async def close(self) -> None:
        if self._listener is not None:
            await self._listener.close()
        for part in reversed(self._closing):
            await part.close()

    async def _parts(self) -> Parts:
        config = self._config
        authority = await asyncio.to_thread(Authority.open, config.pki_dir, config.id)
        log.warning("this master's fingerprint is %s", show(authority.fingerprint))
        events = await asyncio.to_thread(SegmentEventLog, config.cachedir / "events")
        self._closing.append(events)
        own = await open_job_store(config, by_seq=has_job_export(config))
        self._closing.append(own)
        exports = await open_exports(config, own, events)
        self._closing.append(exports)
        store = ObservedJobStore(own, exports.wake) if has_job_export(config) else own
        bus = EventBus(events, max_size=config.max_event_size + _ENVELOPE)
        fleet = Fleet(SqliteFleetStore(config.cachedir / "minions.db"), _changes_teller(config, bus))
        self._closing.append(fleet)
        audit = audit_log(config)
        self._closing.append(audit)
        keys, tokens, connections, live = key_store(config), token_store(config), Connections(), LiveJobs()
        entry = autosign(config, tokens)
        delivery = Delivery(store, live, connections, bus, config.minion_lost_after, master=config.id)
        batches = Batches(DirectoryBatchStore(config.cachedir / "batches"), store, live, delivery, bus)
        targets = Targets(keys, fleet, config.nodegroups)
        mined = mine_store(config)
        self._closing.append(mined)
        return Parts(
            authority=authority,
            store=store,
            events=events,
            bus=bus,
            fleet=fleet,
            keys=keys,
            tokens=tokens,
            access_tokens=access_tokens(config),
            audit=audit,
            entry=entry,
            live=live,
            connections=connections,
            progress=ProgressHub(),
            recent=RecentBodies(),
            enrolment=Enrolment(keys, authority, entry, connections, bus, _enrolment_options(config)),
            delivery=delivery,
            batches=batches,
            exports=exports,
            pillars=self._pillar_processes(),
            targets=targets,
            mine_store=mined,
            mines=mines(config, mined, targets.resolve),
            files=file_server(config),
        )

    def _pillar_processes(self) -> PillarProcesses:
        processes = PillarProcesses(self._config)
        self._closing.append(processes)
        return processes

    def _collector(self, parts: Parts) -> Collector:
        config = self._config
        options = CollectorOptions(
            job_cache=config.job_cache,
            ext_job_cache=config.ext_job_cache,
            noise=(*NOISE, *config.job_noise),
            max_event=config.max_event_size,
            master=config.id,
        )
        return Collector(parts.store, parts.live, parts.bus, parts.recent, options)

    async def _operator(self, parts: Parts) -> OperatorSocket:
        config = self._config
        clock = JidClock(last=await parts.store.latest(), unique=config.unique_jid)
        options = PublishOptions(master=config.id, ext_job_cache=config.ext_job_cache)
        plugins, functions = self._functions(parts, clock)
        self._schedule = MasterSchedule(config.schedule, functions, config.user or getpass.getuser())
        entrance = door(config, parts.access_tokens, parts.audit, plugins.space)
        services = VerbServices(
            master=config.id,
            door=entrance,
            store=parts.store,
            delivery=parts.delivery,
            batches=parts.batches,
            publishing=Publishing(parts.keys, parts.targets, parts.delivery, parts.batches, clock, entrance, options),
            following=Following(parts.store, parts.live, parts.recent, parts.progress, parts.fleet, config.id),
            ring=KeyRing(parts.keys),
            tokens=parts.tokens,
            enrolment=parts.enrolment,
            fleet=parts.fleet,
            forget=_forgetting(parts),
            bus=parts.bus,
            functions=functions,
            exports=parts.exports,
            authority_fingerprint=parts.authority.fingerprint,
        )
        return OperatorSocket(
            self._socket_path(), OperatorVerbs(services), open_to_all=bool(config.publisher_acl or config.external_auth)
        )

    def _socket_path(self) -> Path:
        places = {"sock_dir": self._config.sock_dir, "root_dir": self._config.root_dir}
        return Path(master_socket(self._config.conf_file.parent, places))

    def _functions(self, parts: Parts, clock: JidClock) -> tuple[MasterPlugins, MasterFunctions]:
        calls, run = RunningCalls(), _runner()
        running = RunningJobs(parts.live, parts.connections, parts.fleet)
        history = StoreHistory(parts.store, run, lambda: run(running.now()), calls.all)
        own = self._own_master(parts)
        names = {"__jobs__": history, "__batches__": RunnerBatches(parts.batches, run), "__master__": own,
                 "__mines__": parts.mines, "__file_server__": ServedFiles(parts.files)}  # fmt: skip
        plugins = MasterPlugins(self._config, names, _sender(parts.bus, run))
        record = self._config.runner_returns
        return plugins, MasterFunctions(plugins.call, parts.store, parts.bus, clock, calls, record=record)

    def _own_master(self, parts: Parts) -> OwnMaster:
        """This master, as its runners and the peers among its minions ask it."""
        socket = MasterSocket(str(self._socket_path()))
        return OwnMaster(self._config, socket, parts.fleet, parts.authority, parts.pillars, _runner())

    async def _listen(self, server: TlsServer, parts: Parts, collector: Collector) -> Listener:
        config = self._config
        options = HandlerOptions(
            master=config.id,
            spool=_empty(config.cachedir / "incoming"),
            heartbeat=config.heartbeat_interval,
            reconnect=config.reconnect_window,
            max_return=config.max_return_size,
            max_event=config.max_event_size,
        )
        services = Services(
            connections=parts.connections,
            enrolment=parts.enrolment,
            delivery=parts.delivery,
            collector=collector,
            fleet=parts.fleet,
            bus=parts.bus,
            progress=parts.progress,
            requests=MinionRequests(self._minion_verbs(parts), parts.bus),
        )
        address = join_address(config.interface, config.port)
        return await server.listen(address, lambda: MinionHandler(services, options))

    def _minion_verbs(self, parts: Parts) -> dict[str, Verb]:
        config = self._config
        cache = PillarCache(config.pillar_cache_ttl, lambda: state_of_roots(config)) if config.pillar_cache else None
        pillars = Pillars(parts.pillars.compile, parts.fleet, frozenset(config.on_demand_ext_pillar), cache)
        uploads = Uploads(
            config.cachedir / "minions", allowed=config.file_recv, max_bytes=config.file_recv_max_size << 20
        )
        own = self._own_master(parts)
        peers = Peers(config.peer, config.peer_run, own.publish_for, own.run_for)
        return {
            "peer_publish": peers.publish,
            "peer_run": peers.run,
            **for_any_minion(file_verbs(parts.files.tree)),
            "file_push": uploads.push,
            "master_tops": MasterTops(config, parts.fleet.grains).ask,
            "pillar": pillars.ask,
            **parts.mines.verbs(),
        }

    def _house(self, parts: Parts, context: ssl.SSLContext) -> Housekeeping:
        pki_dir = self._config.pki_dir

        def upkeep() -> None:
            if parts.authority.renew_server_certificate():
                load_server_certificate(context, pki_dir)
            parts.entry.sweep_stubs()
            parts.tokens.expire(time.time())
            parts.access_tokens.expire(time.time())

        return Housekeeping(
            _house_options(self._config),
            parts.store,
            parts.events,
            parts.audit,
            parts.bus,
            parts.connections,
            parts.fleet,
            parts.delivery,
            parts.batches,
            parts.exports,
            upkeep,
        )


def _forgetting(parts: Parts) -> Callable[[str], Coroutine[Any, Any, None]]:
    """What is to be done when the key of a minion was deleted."""

    async def forget(minion: str) -> None:
        await parts.fleet.forget(minion)
        await asyncio.to_thread(parts.mine_store.flush, minion)

    return forget


def _runner() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Runs a coroutine on the loop that runs now, from a thread of a runner."""
    loop = asyncio.get_running_loop()

    def run(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    return run


def _changes_teller(config: MasterConfig, bus: EventBus) -> Callable[[str], None]:
    """Tells the event log whose grains or pillar have changed (behaviour GRN-07)."""

    def tell(minion: str) -> None:
        if config.minion_data_cache_events:
            bus.fire(tags.minion_refresh(minion), {"Minion data cache refresh": minion})

    return tell


def _sender(bus: EventBus, run: Callable[[Coroutine[Any, Any, int]], int]) -> EventSender:
    """Fires events from a thread of a runner; on the master there is one log, whatever `local` says."""

    def send(tag: str, data: dict[str, Any], *, local: bool = False) -> bool:
        del local

        async def fire() -> int:
            return bus.fire(tag, data)

        return run(fire()) > 0

    return send


def _empty(directory: Path) -> Path:
    """A directory for files that are worth nothing after a restart."""
    directory.mkdir(mode=0o700, exist_ok=True)
    for left in directory.iterdir():
        left.unlink()
    return directory


def _enrolment_options(config: MasterConfig) -> EnrolmentOptions:
    return EnrolmentOptions(
        max_minions=config.max_minions,
        open_mode=config.open_mode,
        certificate_days=config.certificate_days,
        auth_events=config.auth_events,
    )


def _house_options(config: MasterConfig) -> HouseOptions:
    return HouseOptions(
        keep_jobs=Retention(
            seconds=config.keep_jobs_seconds, jobs=config.keep_jobs_count, bytes=config.keep_jobs_bytes
        ),
        keep_events_seconds=config.event_keep_seconds,
        keep_events_bytes=config.event_keep_bytes,
        keep_audit_seconds=config.audit_keep_seconds,
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
