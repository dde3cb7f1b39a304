"""The door of a master: its rules, its back ends, its tokens and its audit log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from saltern.access.backends.audit_sqlite import SqliteAuditLog
from saltern.access.backends.auth_plugins import AuthPlugins
from saltern.access.backends.token_files import TokenFiles
from saltern.access.contract import AccessTokens, AuditLog
from saltern.access.door import Door
from saltern.access.external_auth import read_external_auth
from saltern.access.gate import Rules
from saltern.access.login import Login, LoginOptions
from saltern.access.publisher_acl import read_blacklist, read_publisher_acl
from saltern.config.master import MasterConfig
from saltern.plugins.space import PluginSpace
from saltern.salt_compat.opts import to_opts

log = logging.getLogger(__name__)


def access_tokens(config: MasterConfig) -> AccessTokens:
    return TokenFiles(config.token_dir)


def audit_log(config: MasterConfig) -> AuditLog:
    return SqliteAuditLog(config.cachedir / "audit.db")


def door(
    config: MasterConfig,
    tokens: AccessTokens,
    audit: AuditLog,
    space: Callable[[], AbstractContextManager[PluginSpace]],
) -> Door:
    """`space` makes the plugin space of one login. `ConfigError` for rules that make no sense."""
    rules = Rules(read_publisher_acl(config.publisher_acl), read_blacklist(config.publisher_acl_blacklist))
    globs = bool(config.extra.get("auth.enable_expanded_auth_matching"))
    external = read_external_auth(config.external_auth, globs=globs)
    if "auto" in external.table:
        log.warning("external_auth has the back end auto: whoever can connect logs in as anybody, without a password")
    options = LoginOptions(
        token_seconds=config.token_expire,
        own_seconds=config.token_expire_user_override,
        keep_entries=config.keep_acl_in_token,
    )
    login = Login(external, AuthPlugins(space, to_opts(config)), tokens, options)
    return Door(rules, login, audit, sudo_acl=config.sudo_acl)
