"""The frames of wire version 1.

On the wire a frame is a 4-byte big-endian length and a MessagePack body: an array whose first item is the frame's tag.
Fields are only ever appended, each with a default, so that both sides of one protocol version understand each other;
a change that breaks is a version of its own. Values that nobody on the way has to look at (arguments, grains, bodies)
travel as bytes that hold MessagePack of their own.
"""

from __future__ import annotations

import msgspec

VERSION = 1
MAX_FRAME = 1 << 20
"""Bytes of one frame, its length prefix not counted; what is larger goes in chunks."""
CHUNK = 256 << 10
"""Bytes of a body that travel in one frame."""


class Frame(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of all frames."""


# --- minion to master ---------------------------------------------------------------------------------------------


class Enrol(Frame, frozen=True, tag=1):
    """Ask for a certificate; the only frame that a peer without one may send."""

    minion: str
    csr: str
    """Certificate signing request, PEM."""
    token: str = ""
    grains: dict[str, str] = {}
    """The values that `autosign_grains` names."""
    version: int = VERSION


class Hello(Frame, frozen=True, tag=2):
    """First frame of a minion with a certificate."""

    version: int
    software: str
    digest: str = ""
    """Hex SHA-256 of the encoded grains."""
    running: dict[str, int] = {}
    """Jobs that run now: jid to process id."""
    outbox: list[str] = []
    """Jids whose returns wait to be sent to this master."""
    started: float = 0.0
    """When the minion process started (seconds since 1970); a new value fires the start event."""
    capabilities: list[str] = []
    start_grains: bytes = b""
    """What the start event tells of the grains, as MessagePack of a dict; empty: nothing."""
    legacy_start: bool = False
    """Whether the start is also told under the tag of old, `minion_start`."""


class Grains(Frame, frozen=True, tag=3):
    """The minion's grains, as MessagePack."""

    digest: str
    data: bytes


class Ack(Frame, frozen=True, tag=4):
    """The minion has the job on disk and starts it."""

    jid: str
    pid: int = 0


class Progress(Frame, frozen=True, tag=5):
    """Something to show while a job runs. `kind`: `stdout`, `stderr` (bytes as printed) or `prog` (MessagePack)."""

    jid: str
    kind: str
    number: int
    data: bytes


class ReturnFrame(Frame, frozen=True, tag=6):
    """A return. `head` is a `model.job.Return` as MessagePack; `body` the value as MessagePack.

    When `transfer` is not 0 the body came before, in `Chunk` frames of that number, `size` bytes in all.
    """

    jid: str
    head: bytes
    body: bytes = b""
    transfer: int = 0
    size: int = 0


class Chunk(Frame, frozen=True, tag=7):
    """A piece of a body. Pieces of one transfer come in order, without gaps."""

    transfer: int
    offset: int
    data: bytes


class EventFrame(Frame, frozen=True, tag=8):
    """An event that the minion fires on the master's log; `data` is MessagePack of a dict."""

    tag: str
    data: bytes


class Request(Frame, frozen=True, tag=9):
    """A question to the master: one verb of its registry. `args` is MessagePack of a dict."""

    number: int
    verb: str
    args: bytes = b"\x80"


class Heartbeat(Frame, frozen=True, tag=10):
    """Still here; the jobs that run now: jid to process id."""

    running: dict[str, int] = {}


# --- master to minion ---------------------------------------------------------------------------------------------


class EnrolReply(Frame, frozen=True, tag=33):
    """`state`: `accepted` (then `certificate` is set), `pending` (keep the connection: the answer follows when an
    operator decides), `rejected`, `denied` or `full`."""

    state: str
    message: str = ""
    certificate: str = ""
    authority: str = ""
    """The CA's certificate, PEM."""
    retry_after: float = 10.0


class Welcome(Frame, frozen=True, tag=34):
    """Answer to `Hello`."""

    version: int
    master: str
    """The master's id."""
    heartbeat: float = 30.0
    """Seconds between heartbeats; the master takes a minion for gone after three of them."""
    reconnect: float = 1.0
    """Seconds over which minions spread their reconnects after this connection ends."""
    want_grains: bool = False
    renew: bool = False
    """The certificate ends soon: send `Enrol` with a new request on this connection."""
    want_pillar: bool = False
    """The master does not remember this minion's pillar: ask for it, so that it can be a target by it."""


class JobFrame(Frame, frozen=True, tag=35):
    """A job to run. `load` is MessagePack of Salt's publication (fun, arg, tgt, tgt_type, jid, ret, user, …)."""

    jid: str
    load: bytes
    timeout: float = 0.0
    """Seconds that the minion may work on it; 0: no bound."""
    follow: bool = False
    """Somebody wants stdout while it runs."""


class Cancel(Frame, frozen=True, tag=36):
    """Stop a job and everything it started."""

    jid: str
    by: str
    at: float


class Stored(Frame, frozen=True, tag=37):
    """The returns of these jids need no longer be kept. `refused`: jid to why the master will never take it."""

    jids: list[str]
    refused: dict[str, str] = {}


class Reply(Frame, frozen=True, tag=38):
    """Answer to a `Request`. `body` is MessagePack: the value, or when `ok` is false an error as data.

    A large body comes in pieces, in order: all but the last say that there is `more`.
    """

    number: int
    ok: bool
    body: bytes
    more: bool = False


class Refresh(Frame, frozen=True, tag=39):
    """Do again: `grains`, `modules`, `pillar`, `certificate`; or say again: `heartbeat`, `returns` (all that wait)."""

    what: str


class Pace(Frame, frozen=True, tag=40):
    """Slow down or speed up: seconds between heartbeats, seconds to spread reconnects over."""

    heartbeat: float
    reconnect: float


class Goodbye(Frame, frozen=True, tag=41):
    """The master ends the connection, and why. `retry` false: do not come back with this identity; `enrol`: the
    certificate counts no more, ask for another one."""

    reason: str
    retry: bool = True
    enrol: bool = False


FromMinion = Enrol | Hello | Grains | Ack | Progress | ReturnFrame | Chunk | EventFrame | Request | Heartbeat
FromMaster = EnrolReply | Welcome | JobFrame | Cancel | Stored | Reply | Refresh | Pace | Goodbye
AnyFrame = FromMinion | FromMaster
