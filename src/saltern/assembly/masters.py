"""The masters of a minion, and how it reaches them."""

from __future__ import annotations

import random

from saltern.config.minion import MinionConfig
from saltern.errors import ConfigError
from saltern.pki.identity import MinionIdentity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.transport.contract import ClientTransport


def groups(config: MinionConfig) -> tuple[tuple[str, ...], ...]:
    """The lists of masters for each of which there is one connection."""
    if config.master_type == "disable":
        return ()
    addresses = masters(config)
    if config.master_type == "failover":
        return (tuple(addresses),)
    return tuple((address,) for address in addresses)


def masters(config: MinionConfig) -> list[str]:
    """The addresses of the masters, `HOST:PORT`; `ConfigError` when there are none."""
    named = [config.master] if isinstance(config.master, str) else list(config.master)
    if not named:
        raise ConfigError("no master is configured", hint="set master: HOST in the minion's configuration")
    if config.random_master:
        random.shuffle(named)
    return [_with_port(name, config.master_port) for name in named]


def check_masters(config: MinionConfig) -> None:
    """`ConfigError` for what would otherwise stop every try to reach a master."""
    groups(config)
    pinned(config)


def pinned(config: MinionConfig) -> str:
    """The fingerprint (hex) of the only authority that is trusted; empty: the first one met. `ConfigError`."""
    from saltern.keys.join_token import parse
    from saltern.pki.fingerprints import normalise

    token = parse(config.join_token).authority if config.join_token else ""
    return normalise(config.master_fingerprint) if config.master_fingerprint else token


def _with_port(name: str, port: int) -> str:
    """`HOST`, `HOST:PORT` or an IPv6 address, as `HOST:PORT`."""
    from saltern.transport.address import join_address

    host, colon, given = name.rpartition(":")
    if colon and given.isdigit() and (":" not in host or host.startswith("[")):
        return name
    return join_address(name.strip("[]"), port)


def transport(identity: MinionIdentity, *, as_stranger: bool = False) -> ClientTransport:
    """A connection with what this minion has: its certificate, unless it asks to be let in `as_stranger`."""
    from saltern.pki.contexts import client_context
    from saltern.transport.backends.tls import TlsClient

    files = identity.files
    authority = files.authority if files.authority.exists() else None
    if files.certificate.exists() and not as_stranger:
        return TlsClient(client_context(authority, files.certificate, files.key))
    return TlsClient(client_context(authority))
