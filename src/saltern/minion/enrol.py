"""Enrolment at the minion: a short life of the link process in which it gets a certificate, then starts anew.

Making requests and checking certificates needs a large library; a process of its own keeps it out of the one that
stays.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

import msgspec

from saltern.errors import IdentityRefused, ProtocolError, SalternError, Unreachable
from saltern.pki.fingerprints import show
from saltern.pki.first_contact import verify_first_contact, verify_pin
from saltern.pki.identity import MinionIdentity
from saltern.transport import frames
from saltern.transport.contract import ClientTransport, Link

log = logging.getLogger(__name__)

_SOON = 0.5
"""Seconds to the second question to a master that could not be reached."""


class EnrolOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`fingerprint` pins the authority (hex; empty: trusted at first use). Times in seconds."""

    id: str
    masters: Sequence[str]
    fingerprint: str = ""
    token: str = ""
    grains: Mapping[str, str] = {}
    wait: float = 10.0
    wait_most: float = 0.0
    retry_rejected: bool = False


class Asking:
    """One try with one master: a `transport.contract.Handler`. `answer` is the reply that ended it."""

    def __init__(self, options: EnrolOptions, identity: MinionIdentity) -> None:
        self._options = options
        self._identity = identity
        self._link: Link | None = None
        self.answer: asyncio.Future[frames.EnrolReply] = asyncio.get_running_loop().create_future()

    def opened(self, link: Link) -> None:
        self._link = link
        if self._options.fingerprint and not self._identity.authority_fingerprint:
            # Before anything is sent: a join token, for one, is a secret for that master alone.
            verify_pin(link.certificate, self._options.fingerprint)
        link.send(
            frames.Enrol(
                minion=self._options.id,
                csr=self._identity.request(),
                token=self._options.token,
                grains=dict(self._options.grains),
            )
        )

    def received(self, frame: frames.AnyFrame) -> None:
        if isinstance(frame, frames.Goodbye):
            raise IdentityRefused(f"the master ended the connection: {frame.reason}")
        if not isinstance(frame, frames.EnrolReply):
            raise ProtocolError(f"{type(frame).__name__} instead of an answer to Enrol")
        if frame.state == "pending":
            log.warning(
                "%s waits to be accepted; on the master: saltern key -a %s, if saltern key -f %s shows %s",
                *(self._options.id,) * 3,
                show(self._identity.fingerprint),
            )
            return
        if not self.answer.done():
            self.answer.set_result(frame)

    def closed(self, error: Exception | None) -> None:
        if not self.answer.done():
            self.answer.set_exception(error or Unreachable("the master closed the connection"))

    def accept(self, reply: frames.EnrolReply) -> None:
        """Verify who answered, and keep the certificate; `IdentityRefused` when anything is not as it should be."""
        assert self._link is not None
        if not self._identity.authority_fingerprint:
            verify_first_contact(self._link.certificate, reply.authority, self._options.fingerprint)
            self._identity.trust(reply.authority)
            how = "as pinned" if self._options.fingerprint else "at first use, not pinned"
            authority = show(self._identity.authority_fingerprint)
            log.warning("the master with the fingerprint %s is trusted from now on (%s)", authority, how)
        self._identity.store(reply.certificate)


async def enrol(
    options: EnrolOptions, identity: MinionIdentity, transport: Callable[[], ClientTransport]
) -> frames.EnrolReply:
    """Ask the masters in turn until one accepts; the reply of rejection when that is final.

    Masters of which none can be reached, as when they start together with this minion, are asked again soon at first.
    """
    wait, soon = options.wait, _SOON
    while True:
        reached = False
        for master in options.masters:
            try:
                reply = await ask(options, identity, transport(), master)
            except SalternError as error:
                log.error("master %s: %s%s", master, error.message, f" ({error.hint})" if error.hint else "")
                reached = reached or not isinstance(error, Unreachable)
                continue
            reached = True
            if reply.state == "accepted":
                log.warning("%s is accepted by master %s", options.id, master)
                return reply
            log.error("master %s: %s: %s", master, reply.state, reply.message)
            if reply.state == "rejected" and not options.retry_rejected:
                return reply
        if not reached and soon < wait:
            await asyncio.sleep(soon)
            soon *= 2
            continue
        await asyncio.sleep(wait)
        wait = min(wait + options.wait, options.wait_most) if options.wait_most else wait


async def enrol_with_any(
    each: Sequence[EnrolOptions], identity: MinionIdentity, transport: Callable[[], ClientTransport]
) -> frames.EnrolReply:
    """Ask several masters at once; the reply of the first that accepts, or of the last that does not."""
    asking = {asyncio.ensure_future(enrol(options, identity, transport)) for options in each}
    try:
        while True:
            done, asking = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
            replies = [task.result() for task in done]
            accepted = [reply for reply in replies if reply.state == "accepted"]
            if accepted or not asking:
                return (accepted or replies)[0]
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def ask(
    options: EnrolOptions, identity: MinionIdentity, transport: ClientTransport, master: str
) -> frames.EnrolReply:
    """Ask one master once, and wait for its decision as long as the connection holds."""
    asking = Asking(options, identity)
    link = await transport.connect(master, asking)
    try:
        reply = await asking.answer
        if reply.state == "accepted":
            asking.accept(reply)
        return reply
    finally:
        link.close()
