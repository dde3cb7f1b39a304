"""Accounts, tokens and the audit log in memory: gone with the process."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from hmac import compare_digest
from typing import Any

from saltern.access.records import Account, AuditQuery, AuditRow, TokenRecord
from saltern.errors import AuthenticationError
from saltern.model.credentials import Credentials


class MemoryBackends:
    """Knows the passwords that it is given: by back end and user. `groups`: the groups of users."""

    def __init__(
        self, passwords: Mapping[str, Mapping[str, str]], groups: Mapping[str, tuple[str, ...]] | None = None
    ) -> None:
        self._passwords = passwords
        self._groups = groups or {}

    def names(self) -> list[str]:
        return sorted(self._passwords)

    def verify(self, credentials: Credentials) -> Account | None:
        if credentials.eauth not in self._passwords:
            raise AuthenticationError(f"there is no back end {credentials.eauth}")
        known = self._passwords[credentials.eauth].get(credentials.username)
        if known is None or not compare_digest(known.encode(), credentials.password.encode()):
            return None
        return self.account(credentials.eauth, credentials.username)

    def account(self, eauth: str, username: str) -> Account:
        return Account(name=username, eauth=eauth, groups=self._groups.get(username, ()))

    def expand(self, eauth: str, entries: list[Any]) -> list[Any]:
        return entries


class MemoryTokens:
    def __init__(self) -> None:
        self._records: dict[str, TokenRecord] = {}

    def put(self, token: str, record: TokenRecord) -> None:
        self._records[token] = record

    def get(self, token: str) -> TokenRecord | None:
        return self._records.get(token)

    def remove(self, token: str) -> bool:
        return self._records.pop(token, None) is not None

    def expire(self, now: float) -> int:
        over = [token for token, record in self._records.items() if record.expire <= now]
        for token in over:
            del self._records[token]
        return len(over)


class MemoryAuditLog:
    def __init__(self) -> None:
        self._rows: list[AuditRow] = []

    async def record(self, row: AuditRow) -> None:
        self._rows.append(row)

    async def rows(self, query: AuditQuery) -> list[AuditRow]:
        return [row for row in reversed(self._rows) if _fits(row, query)][: query.limit or None]

    async def expire(self, before: float) -> int:
        kept = [row for row in self._rows if row.at >= before]
        dropped = len(self._rows) - len(kept)
        self._rows = kept
        return dropped

    async def close(self) -> None:
        return


def _fits(row: AuditRow, query: AuditQuery) -> bool:
    texts = ((row.user, query.user), (row.fun, query.fun), (row.action, query.action), (row.decision, query.decision))
    return (
        all(not glob or fnmatchcase(text, glob) for text, glob in texts)
        and row.at >= query.since
        and (not query.until or row.at < query.until)
    )
