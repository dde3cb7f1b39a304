"""A minion, put together from its configuration. What only one of its processes needs is imported there."""

from __future__ import annotations

import logging
import socket
import time
from functools import cache
from pathlib import Path

from saltern.assembly.masters import groups, transport
from saltern.assembly.places import callers_socket, places
from saltern.config.minion import MinionConfig
from saltern.minion.pipe import Spawn
from saltern.minion.supervisor import ENROL, RENEW, Supervisor
from saltern.minion.worker import Plugins, Worker
from saltern.model.target import MinionData, Target
from saltern.pki.identity import MinionIdentity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from saltern.errors import IdentityRefused
    from saltern.minion.link import MasterLink

    Keep = Callable[[tuple[str, ...], MasterLink, Callable[[str, IdentityRefused], None]], Awaitable[None]]

log = logging.getLogger(__name__)

_REFUSED_WAIT = 60.0
"""Seconds after which a master that refused this minion, or that it refused, is tried again."""


def minion_supervisor(config: MinionConfig) -> Supervisor:
    """The first process of a minion, ready to run."""

    @cache
    def plugins() -> Plugins:
        # Not before it is asked for: the link, which is forked first, then starts sooner and stays smaller.
        from saltern.assembly.plugins import MinionPlugins

        return MinionPlugins(config)

    worker = Worker(places(config), plugins)

    def work(spawn: Spawn, stream: socket.socket) -> None:
        if spawn.task == "enrol":
            _enrol_elsewhere(config, spawn.master, stream)
        else:
            worker(spawn, stream)

    start = str(time.time_ns())

    def live(supervisor: socket.socket, before: int) -> int:
        return _link_main(config, supervisor, before, start)

    return Supervisor(live, work, lambda: plugins().warm())


def _enrol_elsewhere(config: MinionConfig, master: str, link: socket.socket) -> None:
    import asyncio

    from saltern.assembly.enrolment import enrol_with_another

    asyncio.run(enrol_with_another(config, MinionIdentity.open(config.pki_dir), master, link))


def _link_main(config: MinionConfig, supervisor: socket.socket, before: int, start: str) -> int:
    """One life of the link process: enrolment when that is due, else the work.

    The standard library's loop: one connection gains nothing from uvloop, which takes 2 MiB.
    """
    import asyncio

    identity = MinionIdentity.open(config.pki_dir)
    if before == ENROL:
        identity.forget_certificate()
    if groups(config) and (before == RENEW or not identity.enrolled):
        from saltern.assembly.enrolment import enrol_with_masters

        return asyncio.run(enrol_with_masters(config, identity, supervisor))
    return asyncio.run(_work(config, identity, supervisor, start))


async def _work(config: MinionConfig, identity: MinionIdentity, supervisor: socket.socket, start: str) -> int:
    from saltern.assembly.own_minion import beacon_options, schedule_options
    from saltern.minion.desk import Desk, DeskOptions
    from saltern.minion.instant import InstantFunctions
    from saltern.minion.journal import Journal
    from saltern.minion.link import LinkOptions
    from saltern.minion.link_process import Dialling, LinkProcess
    from saltern.minion.outbox import Outbox
    from saltern.minion.return_queue import ReturnQueue
    from saltern.minion.startup_states import StartupOptions
    from saltern.version import VERSION

    where = places(config)
    options = DeskOptions(
        id=config.id, most=config.process_count_max, outbox_keep_seconds=config.outbox_keep_seconds,
        outbox_keep_bytes=config.outbox_keep_bytes,
        blackout={
            "minion_blackout": config.minion_blackout, "minion_blackout_whitelist": config.minion_blackout_whitelist,
        },
    )  # fmt: skip
    desk = Desk(
        options,
        Journal(where.directory, config.seen_jobs),
        Outbox(where.outbox),
        ReturnQueue(where.returns),
        InstantFunctions(lambda module: config.cache_jobs or bool(config.return_) or _is_not_ours(config, module)),
        concerns,
    )
    link = LinkOptions(
        id=config.id, software=VERSION, started=time.time(), start_grains=tuple(config.start_event_grains),
        legacy_start=config.enable_legacy_startup_events,
    )  # fmt: skip
    dialling = Dialling(
        groups=groups(config), keep=_keeper(config, identity), callers=callers_socket(config), expires=identity.expires
    )
    startup = StartupOptions(
        kind=config.startup_states, sls=config.sls_list, top=config.top_file, start=start,
        mark=where.directory / "startup_states",
    )  # fmt: skip
    timed = schedule_options(config, alone=not groups(config))
    return await LinkProcess(desk, link, dialling, startup, timed, beacon_options(config)).run(supervisor)


def _keeper(config: MinionConfig, identity: MinionIdentity) -> Keep:
    from saltern.transport.dial import Backoff, Dialer

    backoff = Backoff(
        recon_default=config.recon_default, recon_max=config.recon_max, recon_randomize=config.recon_randomize
    )
    client = transport(identity)

    async def keep(group: tuple[str, ...], link: MasterLink, refused: Callable[[str, IdentityRefused], None]) -> None:
        # Where there are others, this minion asks the one that refused it to be let in, and tries again.
        wait = config.acceptance_wait_time if len(groups(config)) > 1 else _REFUSED_WAIT
        dialer = Dialer(
            lambda: client, group, lambda _: link, backoff=backoff, refused=refused, refused_wait=max(wait, 0.1)
        )
        await dialer.run()

    return keep


def concerns(target: Target, data: MinionData) -> bool:
    """Whether a job with this target may be for a minion; what only the master knows is left to it."""
    from saltern.targeting.compile import read_target

    if target.kind in _MASTERS_KNOWLEDGE or (target.kind == "compound" and "N@" in target.text):
        return True
    return read_target(target, {}, strict=False)(data.id, lambda _: data) is not False


_MASTERS_KNOWLEDGE = ("nodegroup", "range")


def _is_not_ours(config: MinionConfig, module: str) -> bool:
    """Whether a shipped module is turned off here, or stands behind one of the operator's own."""
    if module in config.disable_modules:
        return True
    if config.whitelist_modules and module not in config.whitelist_modules:
        return True
    own = [config.extension_modules, *config.module_dirs]
    return any((directory / "modules" / f"{module}.py").exists() for directory in own)


def prepare_directories(config: MinionConfig) -> None:
    """Make the directories that the minion writes to, for itself alone."""
    for directory in (config.cachedir, config.sock_dir, config.pki_dir):
        Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
