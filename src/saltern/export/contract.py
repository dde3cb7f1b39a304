"""What is exported, where it comes from and where it goes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be exported, a row for the target. `body` is MessagePack, of a form that feed and target agree on.

    `seq` is its place in the feed, `key` a name for people (`20261122085142537545 web1`), unique in the feed. Items of
    one `group` (the job) reach the target in their order. Where `path` is set the value lies in that file.
    """

    seq: int
    key: str
    group: str
    body: bytes
    path: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Items in the order of `seq`; with them everything up to `cursor` was looked at. `more`: it is known to go on."""

    items: list[Item]
    cursor: int
    more: bool = False


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """An item that waits: its place, its bytes, and when what it belongs to began (seconds since 1970)."""

    seq: int
    size: int
    began: float


class Feed(Protocol):
    """A durable sequence of things to be exported, read by a cursor, as often as it takes."""

    async def read(self, after: int, limit: int, most_bytes: int) -> Page:
        """What follows the cursor: about `limit` items and `most_bytes` bytes at most, one at least if there is one."""

    async def wait(self, after: int) -> None:
        """Return when there may be something behind the cursor."""

    async def measure(self, after: int, limit: int) -> list[Measure]:
        """What waits behind the cursor, without looking at the values; an empty list at the end."""

    def delivered(self, items: Sequence[Item]) -> None:
        """The target has these; what need not be said twice need not be said again."""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """How many items the target took, from the first on, and why not the next one."""

    count: int
    error: str = ""
    refused: bool = False
    """It is the item that the target does not take, now or ever; else it may be the target that is not well."""
    unanswered: bool = False
    """The target gave no answer in time."""
    unwell: bool = False
    """It is the target that is not well, even if it takes others: no item is to blame."""


class Tidied(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong when a target dropped what is old, or whether it has more to drop."""

    error: str = ""
    more: bool = False


class Target(Protocol):
    """Where items go. An item that is delivered again, because nobody knows whether it arrived, must not be there twice
    if the target can tell."""

    async def deliver(self, items: Sequence[Item]) -> Delivered:
        """Deliver in this order. Errors of the target are told in the answer."""

    async def tidy(self) -> Tidied:
        """Drop of what the target has kept for long enough as much as goes without keeping deliveries waiting."""

    async def close(self) -> None:
        """Let go of connections and processes."""
