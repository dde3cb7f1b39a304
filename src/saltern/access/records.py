"""What access keeps: accounts, tokens, the audit log."""

from __future__ import annotations

from typing import Any

import msgspec


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom a back end of `external_auth` knows.

    `entries` are permissions that the back end itself gives him; None: those of the configuration count.
    """

    name: str
    eauth: str
    groups: tuple[str, ...] = ()
    entries: list[Any] | None = None


class TokenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a token stands for. Times in seconds since 1970.

    `entries` are permissions that were fixed when the token was made; None: the configuration is asked at each use.
    """

    name: str
    eauth: str
    start: float
    expire: float
    groups: tuple[str, ...] = ()
    entries: list[Any] | None = None

    @property
    def account(self) -> Account:
        return Account(name=self.name, eauth=self.eauth, groups=self.groups, entries=self.entries)


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that somebody asked for.

    `decision` is `allowed`, `refused` or, for credentials that were not right, `failed`. `action` is the verb, `fun`
    holds the functions, `reason` the rule. Arguments are not kept, for there may be secrets among them: `jid` names
    the job.
    """

    at: float
    user: str
    action: str
    decision: str
    eauth: str = ""
    uid: int = -1
    origin: str = ""
    fun: str = ""
    tgt: str = ""
    minions: int = 0
    jid: str = ""
    reason: str = ""


class AuditQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Empty fields say nothing. Texts are globs; times in seconds since 1970."""

    user: str = ""
    fun: str = ""
    action: str = ""
    decision: str = ""
    since: float = 0.0
    until: float = 0.0
    limit: int = 100
