"""From credentials to a caller: passwords, tokens, and what they permit (behaviours ACL-03 to ACL-06)."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from saltern.access.brake import Brake
from saltern.access.caller import Caller
from saltern.access.contract import AccessTokens, AuthBackends
from saltern.access.external_auth import ExternalAuth, permissions_of
from saltern.access.records import Account, TokenRecord
from saltern.errors import AuthenticationError, AuthorizationError, ConfigError
from saltern.model.credentials import Credentials

log = logging.getLogger(__name__)

_THREADS = 4
"""Logins that are checked at a time; a directory server that hangs holds up no more than these."""
_FREE_FOR_A_NAME = 3
_FREE_FOR_AN_ORIGIN = 30


class LoginOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`token_seconds` is how long a token holds.

    `own_seconds` says whose request may choose another time: all (True), nobody (False), or users by back end.
    `keep_entries`: the permissions are fixed in the token (`keep_acl_in_token`).
    """

    token_seconds: float = 43_200.0
    own_seconds: bool | Mapping[str, Sequence[str]] = False
    keep_entries: bool = False


class Login:
    """Knows who a request comes from."""

    def __init__(
        self,
        rules: ExternalAuth,
        backends: AuthBackends,
        tokens: AccessTokens,
        options: LoginOptions,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._backends = backends
        self._tokens = tokens
        self._options = options
        self._now = now
        self._names = Brake(_FREE_FOR_A_NAME, monotonic)
        self._origins = Brake(_FREE_FOR_AN_ORIGIN, monotonic)
        self._threads = ThreadPoolExecutor(_THREADS, "saltern-login")

    async def caller(self, peer: Caller, credentials: Credentials) -> Caller:
        """Who shows these credentials, with what he may do. `AuthenticationError` when they are not right."""
        if credentials.token:
            account = (await self._redeem(credentials.token)).account
        else:
            account = await self._verified(peer, credentials)
        return self._with_permissions(peer, account, await self._entries(account), credentials)

    async def make_token(
        self, peer: Caller, credentials: Credentials, seconds: float = 0.0
    ) -> tuple[str, TokenRecord, list[Any]]:
        """A new token for who shows these credentials, and what it lets him do. A token makes no other token."""
        if credentials.token:
            raise AuthenticationError("A token cannot make another token: log in with a password.")
        account = await self._verified(peer, credentials)
        entries = await self._entries(account)
        start = self._now()
        record = TokenRecord(
            name=account.name,
            eauth=account.eauth,
            start=start,
            expire=start + self._seconds(account, seconds),
            groups=account.groups,
            entries=entries if self._options.keep_entries else account.entries,
        )
        token = secrets.token_hex(32)
        await self._in_thread(self._tokens.put, token, record)
        return token, record, entries

    async def revoke(self, token: str) -> bool:
        """End a token; whether there was one."""
        return bool(await self._in_thread(self._tokens.remove, token))

    async def available(self) -> list[str]:
        """The back ends that can be named."""
        return list(await self._in_thread(self._backends.names))

    async def known(self, eauth: str, username: str) -> Caller:
        """Somebody as he would be after logging in, for questions about what he may do."""
        account: Account = await self._in_thread(self._backends.account, eauth, username)
        nobody = Caller(username, -1)
        return self._with_permissions(nobody, account, await self._entries(account), Credentials())

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _redeem(self, token: str) -> TokenRecord:
        record: TokenRecord | None = await self._in_thread(self._tokens.get, token)
        if record is not None and record.expire > self._now():
            return record
        if record is not None:
            await self.revoke(token)
        raise AuthenticationError("The token is not valid, or its time is over.", hint="Log in again: -T -a BACKEND.")

    async def _verified(self, peer: Caller, credentials: Credentials) -> Account:
        """Who that is by name and password. Guessing is slowed down."""
        where = credentials.origin if peer.trusted and credentials.origin else peer.uid
        name = (where, credentials.eauth, credentials.username)
        wait = max(self._names.wait(name), self._origins.wait(where))
        if wait:
            raise AuthenticationError("Too many attempts to log in failed.", hint=f"Try again in {wait:.0f} s.")
        # Counted before it is known: attempts that are made at the same time are attempts too.
        self._names.failed(name)
        self._origins.failed(where)
        account: Account | None = await self._in_thread(self._backends.verify, credentials)
        if account is None:
            log.warning("%s could not log in by %s", credentials.username, credentials.eauth)
            raise AuthenticationError(f"{credentials.eauth} does not accept the credentials of {credentials.username}.")
        self._names.succeeded(name)
        self._origins.succeeded(where)
        return account

    async def _entries(self, account: Account) -> list[Any]:
        """What the account may do, as it is written. `AuthorizationError` when that is nothing."""
        entries = self._rules.entries(account)
        if entries and account.entries is None:
            entries = list(await self._in_thread(self._backends.expand, account.eauth, entries))
        if not entries:
            raise AuthorizationError(
                f"User {account.name} may do nothing here.",
                hint=f"external_auth:{account.eauth} in the master's configuration does not name this user.",
            )
        return entries

    @staticmethod
    def _with_permissions(peer: Caller, account: Account, entries: list[Any], credentials: Credentials) -> Caller:
        try:
            permissions = permissions_of(account, entries)
        except ConfigError as error:
            raise AuthorizationError(f"The permissions of {account.name} cannot be read: {error.message}") from error
        origin = credentials.origin if peer.trusted else ""
        return Caller(account.name, peer.uid, eauth=account.eauth, permissions=permissions, origin=origin)

    def _seconds(self, account: Account, wanted: float) -> float:
        own = self._options.own_seconds
        allowed = account.name in own.get(account.eauth, ()) if isinstance(own, Mapping) else own
        return wanted if allowed and wanted > 0 else self._options.token_seconds

    async def _in_thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)
