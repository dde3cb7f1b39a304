"""What access needs of others: somebody who knows passwords, a place for tokens, a place for the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from saltern.access.records import Account, AuditQuery, AuditRow, TokenRecord
from saltern.model.credentials import Credentials


class AuthBackends(Protocol):
    """The back ends of `external_auth`. All calls block: they ask PAM, a directory server, a file."""

    def names(self) -> list[str]:
        """The back ends that can be used here, sorted."""

    def verify(self, credentials: Credentials) -> Account | None:
        """Who that is; None when the credentials are not right. `AuthenticationError` for a back end that is not."""

    def account(self, eauth: str, username: str) -> Account:
        """An account as far as it is known without its password."""

    def expand(self, eauth: str, entries: list[Any]) -> list[Any]:
        """Permissions in which a back end has replaced what only it understands (an LDAP search by its minions)."""


class AccessTokens(Protocol):
    """Keeps tokens by themselves. All calls block."""

    def put(self, token: str, record: TokenRecord) -> None:
        """Keep a token."""

    def get(self, token: str) -> TokenRecord | None:
        """What a token stands for; None when there is no such token. Whoever asks looks at its time."""

    def remove(self, token: str) -> bool:
        """Forget a token; whether there was one."""

    def expire(self, now: float) -> int:
        """Forget the tokens whose time is over; how many."""


class AuditLog(Protocol):
    """Who asked for what, and what was decided; in the order in which it was written."""

    async def record(self, row: AuditRow) -> None:
        """Write a row; it is durable when this returns. `StoreError` when it cannot be."""

    async def rows(self, query: AuditQuery) -> Sequence[AuditRow]:
        """The newest rows that a query describes, newest first."""

    async def expire(self, before: float) -> int:
        """Drop the rows from before a time (seconds since 1970); how many."""

    async def close(self) -> None: ...
