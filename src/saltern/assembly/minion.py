"""A minion, put together from its configuration. What only one of its processes needs is imported there."""

from __future__ import annotations

import logging
import random
import socket
import time
from pathlib import Path

from saltern.assembly.places import places
from saltern.config.minion import MinionConfig
from saltern.errors import ConfigError
from saltern.minion.supervisor import ENROL, ENROLLED, RENEW, Supervisor
from saltern.minion.worker import Plugins, Worker
from saltern.model.target import MinionData, Target
from saltern.pki.identity import MinionIdentity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from saltern.errors import IdentityRefused
    from saltern.minion.link import MasterLink
    from saltern.transport.contract import ClientTransport

    Keep = Callable[[tuple[str, ...], MasterLink, Callable[[str, IdentityRefused], None]], Awaitable[None]]

log = logging.getLogger(__name__)


def minion_supervisor(config: MinionConfig) -> Supervisor:
    """The first process of a minion, ready to run."""
    from saltern.assembly.plugins import MinionPlugins

    world = MinionPlugins(config)

    def plugins() -> Plugins:
        return world

    return Supervisor(
        lambda supervisor, before: _link_main(config, supervisor, before), Worker(places(config), plugins), world.warm
    )


def _link_main(config: MinionConfig, supervisor: socket.socket, before: int) -> int:
    """One life of the link process: enrolment when that is due, else the work."""
    import uvloop

    identity = MinionIdentity.open(config.pki_dir)
    if before == ENROL:
        identity.forget_certificate()
    if before == RENEW or not identity.enrolled:
        return uvloop.run(_enrol(config, identity))
    return uvloop.run(_work(config, identity, supervisor))


async def _enrol(config: MinionConfig, identity: MinionIdentity) -> int:
    from saltern.errors import SalternError
    from saltern.minion.enrol import EnrolOptions, enrol

    fingerprint = config.master_fingerprint
    if config.join_token:
        from saltern.keys.join_token import parse

        fingerprint = fingerprint or parse(config.join_token).authority
    options = EnrolOptions(
        id=config.id, masters=masters(config), fingerprint=fingerprint, token=config.join_token,
        grains=_autosign_grains(config), wait=config.acceptance_wait_time, wait_most=config.acceptance_wait_time_max,
        retry_rejected=config.rejected_retry,
    )  # fmt: skip
    try:
        reply = await enrol(options, identity, lambda: _transport(identity))
    except SalternError as error:
        log.error("%s%s", error.message, f" ({error.hint})" if error.hint else "")
        return error.exit_code
    return ENROLLED if reply.state == "accepted" else 77


async def _work(config: MinionConfig, identity: MinionIdentity, supervisor: socket.socket) -> int:
    from saltern.minion.desk import Desk, DeskOptions
    from saltern.minion.instant import InstantFunctions
    from saltern.minion.journal import Journal
    from saltern.minion.link import LinkOptions
    from saltern.minion.link_process import Dialling, LinkProcess
    from saltern.minion.outbox import Outbox
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
        InstantFunctions(lambda module: config.cache_jobs or _is_not_ours(config, module)),
        concerns,
    )
    link = LinkOptions(id=config.id, software=VERSION, started=time.time())
    dialling = Dialling(groups=_groups(config), keep=_keeper(config, identity), expires=identity.expires)
    return await LinkProcess(desk, link, dialling).run(supervisor)


def _keeper(config: MinionConfig, identity: MinionIdentity) -> Keep:
    from saltern.transport.dial import Backoff, Dialer

    backoff = Backoff(
        recon_default=config.recon_default, recon_max=config.recon_max, recon_randomize=config.recon_randomize
    )
    client = _transport(identity)

    async def keep(group: tuple[str, ...], link: MasterLink, refused: Callable[[str, IdentityRefused], None]) -> None:
        await Dialer(lambda: client, group, lambda _: link, backoff=backoff, refused=refused).run()

    return keep


def _transport(identity: MinionIdentity) -> ClientTransport:
    from saltern.pki.contexts import client_context
    from saltern.transport.backends.tls import TlsClient

    files = identity.files
    authority = files.authority if files.authority.exists() else None
    if files.certificate.exists():
        return TlsClient(client_context(authority, files.certificate, files.key))
    return TlsClient(client_context(authority))


def concerns(target: Target, data: MinionData) -> bool:
    """Whether a job with this target may be for a minion; what only the master knows is left to it."""
    from saltern.targeting.compile import read_target

    if target.kind in _MASTERS_KNOWLEDGE or (target.kind == "compound" and "N@" in target.text):
        return True
    return read_target(target, {}, strict=False)(data.id, lambda _: data) is not False


_MASTERS_KNOWLEDGE = ("nodegroup", "range")


def masters(config: MinionConfig) -> list[str]:
    """The addresses of the masters, `HOST:PORT`; `ConfigError` when there are none."""
    named = [config.master] if isinstance(config.master, str) else list(config.master)
    if not named:
        raise ConfigError("no master is configured", hint="set master: HOST in the minion's configuration")
    if config.random_master:
        random.shuffle(named)
    return [_with_port(name, config.master_port) for name in named]


def _with_port(name: str, port: int) -> str:
    """`HOST`, `HOST:PORT` or an IPv6 address, as `HOST:PORT`."""
    from saltern.transport.address import join_address

    host, colon, given = name.rpartition(":")
    if colon and given.isdigit() and (":" not in host or host.startswith("[")):
        return name
    return join_address(name.strip("[]"), port)


def _groups(config: MinionConfig) -> tuple[tuple[str, ...], ...]:
    if config.master_type == "disable":
        return ()
    addresses = masters(config)
    if config.master_type == "failover":
        return (tuple(addresses),)
    return tuple((address,) for address in addresses)


def _is_not_ours(config: MinionConfig, module: str) -> bool:
    """Whether a shipped module is turned off here, or stands behind one of the operator's own."""
    if module in config.disable_modules:
        return True
    if config.whitelist_modules and module not in config.whitelist_modules:
        return True
    own = [config.extension_modules, *config.module_dirs]
    return any((directory / "modules" / f"{module}.py").exists() for directory in own)


def _autosign_grains(config: MinionConfig) -> dict[str, str]:
    if not config.autosign_grains:
        return {}
    from saltern.assembly.plugins import MinionPlugins

    grains = MinionPlugins(config).grains()
    return {name: str(grains[name]) for name in config.autosign_grains if name in grains}


def prepare_directories(config: MinionConfig) -> None:
    """Make the directories that the minion writes to, for itself alone."""
    for directory in (config.cachedir, config.sock_dir, config.pki_dir):
        Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
