"""Which store keeps a master's jobs: what its configuration names."""

from __future__ import annotations

import asyncio

from saltern.config.master import MasterConfig
from saltern.errors import ConfigError
from saltern.jobs.backends.memory import MemoryJobStore
from saltern.jobs.backends.sqlite import SqliteJobStore
from saltern.jobs.contract import JobStore
from saltern.jobs.server.address import ServerAddress


async def open_job_store(config: MasterConfig, *, by_seq: bool = False) -> JobStore:
    """Open the store, bring it to the newest version, try it out; `StoreError` or `ConfigError` in one line.

    Libraries of servers are imported for those who use them.
    """
    if config.job_store == "sqlite":
        return await asyncio.to_thread(SqliteJobStore, config.cachedir / "jobs", by_seq=by_seq)
    if config.job_store == "memory":
        return MemoryJobStore()
    address = server_address(config)
    if config.job_store == "postgresql":
        from saltern.jobs.backends.postgresql import open_postgresql

        return await open_postgresql(address)
    if config.job_store == "mysql":
        from saltern.jobs.backends.mysql import open_mysql

        return await open_mysql(address)
    from saltern.jobs.backends.redis import open_redis

    return await open_redis(address)


def server_address(config: MasterConfig) -> ServerAddress:
    """Where the server of the store is, from the options `job_store_*`."""
    usual = "0" if config.job_store == "redis" else "saltern"
    return ServerAddress(
        kind=config.job_store,
        host=config.job_store_host,
        port=config.job_store_port,
        user=config.job_store_user,
        password=_password(config),
        database=config.job_store_database or usual,
        tls=config.job_store_tls,
        tls_ca=config.job_store_tls_ca,
        tls_cert=config.job_store_tls_cert,
        tls_key=config.job_store_tls_key,
        timeout=config.job_store_timeout,
    )


def _password(config: MasterConfig) -> str:
    path = config.job_store_password_file
    if path is None:
        return config.job_store_password
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(
            f"job_store_password_file: {path} cannot be read: {error.strerror}",
            hint="it holds the password alone, readable by the master's user only",
        ) from error
