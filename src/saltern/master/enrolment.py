"""Enrolment at the master: asks are decided, and those that wait hear of a decision at once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine

import msgspec

from saltern.errors import LinkClosed, ProtocolError, SalternError
from saltern.events import tags
from saltern.events.bus import EventBus
from saltern.keys.admission import is_admitted
from saltern.keys.contract import KeyState, KeyStore
from saltern.keys.enrol import Applicant, AutomaticRules, Decision, enrol, is_full
from saltern.master.connections import Connections
from saltern.pki.authority import Authority
from saltern.pki.fingerprints import fingerprint
from saltern.pki.signing_request import request_key
from saltern.transport.contract import Link, Peer
from saltern.transport.frames import Enrol, EnrolReply, Goodbye

log = logging.getLogger(__name__)

_RENEW_BEFORE = 1 / 3
"""Part of a certificate's life that is left when the minion is asked to renew it."""
_DAY = 86_400.0


class EnrolmentOptions(msgspec.Struct, frozen=True, kw_only=True):
    max_minions: int = 0
    open_mode: bool = False
    certificate_days: float = 365.0
    auth_events: bool = True
    retry_after: float = 10.0


class Enrolment:
    """Runs in the master's event loop; signing happens off it."""

    def __init__(
        self,
        store: KeyStore,
        authority: Authority,
        rules: AutomaticRules,
        connections: Connections,
        bus: EventBus,
        options: EnrolmentOptions,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._authority = authority
        self._rules = rules
        self._connections = connections
        self._bus = bus
        self._options = options
        self._now = now
        self._waiting: dict[Link, Enrol] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def admits(self, peer: Peer) -> bool:
        """Whether a certificate's key is the accepted one of its id, now."""
        return is_admitted(self._store, peer.id, peer.fingerprint)

    def should_renew(self, peer: Peer) -> bool:
        return peer.expires - self._now() < self._options.certificate_days * _DAY * _RENEW_BEFORE

    def enrol(self, link: Link, frame: Enrol) -> None:
        """Somebody asks to be let in, or to have its certificate renewed; `ProtocolError` for garbage."""
        if link.peer.id and link.peer.id != frame.minion:
            raise ProtocolError("a minion can only renew its own certificate")
        key = request_key(frame.csr)
        full = is_full(frame.minion, self._connections, self._options.max_minions)
        applicant = Applicant(minion=frame.minion, public_key=key, grains=frame.grains, token=frame.token)
        try:
            decision = enrol(self._store, applicant, self._rules, full=full, open_mode=self._options.open_mode)
        except SalternError as error:
            log.warning("%r asked to be let in: %s", frame.minion[:100], error)
            link.send(EnrolReply(state="rejected", message=error.message))
            return
        # News is what an operator has to look at; those let in come by the thousand, and the others again and again.
        news = decision.put in (KeyState.PENDING, KeyState.DENIED)
        level = logging.WARNING if news else logging.INFO
        log.log(level, "minion %r asked to be let in: %s", frame.minion[:100], decision.state)
        self._fire(decision, applicant)
        if decision.state == "accepted":
            self._in_background(self._issue(link, frame))
            return
        if decision.state == "pending":
            self._waiting[link] = frame
        self._answer(link, decision.state, decision.message)

    def gone(self, link: Link) -> None:
        self._waiting.pop(link, None)

    async def decided(self) -> list[str]:
        """Keys have changed: answer those that wait, and end the connections whose key is no longer accepted.

        The ids of those that waited and are let in: they will connect at once.
        """
        let_in = []
        for link, frame in list(self._waiting.items()):
            state = self._store.state_of(frame.minion)
            key = request_key(frame.csr)
            if is_admitted(self._store, frame.minion, fingerprint(key)):
                del self._waiting[link]
                await self._issue(link, frame)
                let_in.append(frame.minion)
            elif state is not KeyState.PENDING:
                del self._waiting[link]
                self._answer(link, "rejected", "An operator of the master rejected or deleted the key.")
        for minion, link in self._connections.all():
            if not self.admits(link.peer):
                log.info("minion %s is disconnected: its key is no longer accepted", minion)
                with contextlib.suppress(LinkClosed):
                    link.send(Goodbye("the key of this minion is no longer accepted", enrol=True))
                link.close("its key is no longer accepted")
        return let_in

    async def _issue(self, link: Link, frame: Enrol) -> None:
        try:
            certificate = await asyncio.to_thread(
                self._authority.issue, frame.minion, frame.csr, self._options.certificate_days
            )
        except SalternError as error:
            log.error("no certificate for %s: %s", frame.minion, error)
            self._answer(link, "rejected", error.message)
            return
        self._answer(link, "accepted", "", certificate)

    def _answer(self, link: Link, state: str, message: str, certificate: str = "") -> None:
        reply = EnrolReply(
            state=state, message=message, certificate=certificate, authority=self._authority.certificate,
            retry_after=self._options.retry_after,
        )  # fmt: skip
        try:
            link.send(reply)
        except LinkClosed:
            log.debug("a minion that asked to be let in has left")

    def _fire(self, decision: Decision, applicant: Applicant) -> None:
        data = decision.event(applicant)
        if data is not None and self._options.auth_events:
            self._bus.fire(tags.AUTH, data)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
