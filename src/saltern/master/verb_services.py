"""What the operator's verbs work on, and the form of their answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from saltern.access.door import Door
from saltern.errors import UserError
from saltern.events.bus import EventBus
from saltern.fleet.registry import Fleet
from saltern.jobs.contract import JobStore
from saltern.keys.ring import KeyRing
from saltern.keys.tokens import TokenStore
from saltern.master.batches import Batches
from saltern.master.delivery import Delivery
from saltern.master.enrolment import Enrolment
from saltern.master.exports import Exports
from saltern.master.following import Following
from saltern.master.publishing import Publishing
from saltern.master.runners import MasterFunctions

T = TypeVar("T")
Answer = dict[str, Any]
Answers = AsyncGenerator[Answer, None]


class VerbServices(msgspec.Struct, frozen=True, kw_only=True):
    """What the verbs work on."""

    master: str
    door: Door
    store: JobStore
    delivery: Delivery
    batches: Batches
    publishing: Publishing
    following: Following
    ring: KeyRing
    tokens: TokenStore
    enrolment: Enrolment
    fleet: Fleet
    forget: Callable[[str], Awaitable[None]]
    """Know nothing of a minion any more: its key was deleted."""
    bus: EventBus
    functions: MasterFunctions
    exports: Exports
    authority_fingerprint: str


def end(**fields: Any) -> Answer:
    return {"kind": "end", **fields}


def read_query(fields: dict[str, Any], kind: type[T]) -> T:
    """The fields of a query as its record; `UserError` when they are something else."""
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UserError(f"this query cannot be read: {error}") from error
