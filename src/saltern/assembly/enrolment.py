"""A minion asks its masters to be let in: in a process of its own, because making requests needs a large library."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence

from saltern.assembly.masters import groups, pinned, transport
from saltern.config.minion import MinionConfig
from saltern.errors import SalternError
from saltern.minion import pipe
from saltern.minion.enrol import EnrolOptions, ask, enrol_with_any
from saltern.minion.supervisor import ENROLLED
from saltern.pki.identity import MinionIdentity

log = logging.getLogger(__name__)

_REJECTED = 77


async def enrol_with_masters(config: MinionConfig, identity: MinionIdentity, supervisor: socket.socket) -> int:
    """Ask until a master accepts, or the supervisor says that it is time to end; the exit status of the link."""
    each = [_options(config, group) for group in groups(config)]
    asking = asyncio.ensure_future(enrol_with_any(each, identity, lambda: transport(identity)))
    asyncio.get_running_loop().add_reader(supervisor.fileno(), _hear_supervisor, supervisor, asking.cancel)
    try:
        reply = await asking
    except asyncio.CancelledError:
        return 0
    except SalternError as error:
        log.error("%s%s", error.message, f" ({error.hint})" if error.hint else "")
        return error.exit_code
    return ENROLLED if reply.state == "accepted" else _REJECTED


def _hear_supervisor(supervisor: socket.socket, stop: Callable[[], object]) -> None:
    """It also tells how workers of the link before this one ended, which is of no interest here."""
    try:
        data = supervisor.recv(pipe.MESSAGE_BYTES)
    except ConnectionResetError:
        data = b""
    if not data or isinstance(pipe.decode_from_supervisor(data), pipe.Stop):
        stop()


async def enrol_with_another(config: MinionConfig, identity: MinionIdentity, master: str, link: socket.socket) -> None:
    """Ask one more master while the minion works with others; return when it has decided, or the link is gone."""
    options = _options(config, (master,))
    asking = asyncio.ensure_future(ask(options, identity, transport(identity, as_stranger=True), master))
    asyncio.get_running_loop().add_reader(link.fileno(), asking.cancel)
    try:
        reply = await asking
    except asyncio.CancelledError:
        return
    except SalternError as error:
        log.error("master %s: %s", master, error.message)
    else:
        log.info("master %s: %s", master, reply.state)


def _options(config: MinionConfig, masters: Sequence[str]) -> EnrolOptions:
    return EnrolOptions(
        id=config.id, masters=masters, fingerprint=pinned(config), token=config.join_token,
        grains=_autosign_grains(config), wait=config.acceptance_wait_time, wait_most=config.acceptance_wait_time_max,
        retry_rejected=config.rejected_retry,
    )  # fmt: skip


def _autosign_grains(config: MinionConfig) -> dict[str, str]:
    if not config.autosign_grains:
        return {}
    from saltern.assembly.plugins import MinionPlugins

    grains = MinionPlugins(config).grains()
    return {name: str(grains[name]) for name in config.autosign_grains if name in grains}
