"""The verbs of an operator: what can be asked of a master through its socket.

Framing: a 4-byte big-endian length and a MessagePack map, on a unix stream socket. A connection carries one request at
a time: the request is answered by any number of `item` or `items` maps and then by one `end` or one `error` map.
Closing the connection ends a request that still streams; it never ends a job.

A request is a map whose `verb` names one of the classes below, its other keys their fields. Whoever connects is known
by the socket's credentials; a request that carries `credentials` of its own is made by the user whose they are, with
the permissions of `external_auth` and no others. Answers::

    {"kind": "item", ...}    one piece of a stream, described at each request
    {"kind": "items", "items": [{...}, ...]}    several pieces at once
    {"kind": "end", ...}     the answer, or the end of a stream
    {"kind": "error", "name": "TargetError", "message": "...", "hint": "..."}    see saltern.errors.from_data
"""

from __future__ import annotations

from typing import Any

import msgspec

from saltern.model.credentials import Credentials


class OperatorRequest(msgspec.Struct, frozen=True, kw_only=True, tag_field="verb", omit_defaults=True):
    """Base of all requests, whose fields each may have."""

    credentials: Credentials | None = None
    user: str = ""
    """For whom a trusted caller asks (`sudo_bob`); the default is the caller itself."""


class Ping(OperatorRequest, frozen=True, tag="ping"):
    """end: `master`, `version`, `pid`, `ready`, `connected` (how many minions)."""


class Resolve(OperatorRequest, frozen=True, tag="resolve"):
    """Which minions a target means now; nothing is sent. end: `minions`, `missing`, `away`, as for `publish`."""

    tgt: str | list[str] = "*"
    tgt_type: str = "glob"
    delimiter: str = ":"


class BatchWish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That a job is to reach its minions a few at a time. Sizes are numbers (`10`) or shares of the target (`25%`)."""

    size: str = ""
    """How many minions may work at the same time; empty: all, unless there are `safe_limit` of them."""
    wait: float = 0.0
    """Seconds for which a minion's place stays empty after it is done."""
    failhard: bool = False
    """End the batch at the first bad outcome."""
    max_fail: str = ""
    """End it when there are more bad outcomes than that."""
    safe_limit: int = 0
    """From so many minions on, a batch of `safe_size` is made where none was asked for; 0: never."""
    safe_size: str = "8"


class Publish(OperatorRequest, frozen=True, tag="publish"):
    """Start a job.

    end: `jid`, `minions` (ids), `missing` (ids without an accepted key), `away` (ids not connected), `batch` (how many
    at a time; 0: all at once).
    """

    fun: str | list[str]
    arg: list[Any] = []
    tgt: str | list[str] = "*"
    tgt_type: str = "glob"
    delimiter: str = ":"
    jid: str = ""
    ret: str = ""
    ret_config: str = ""
    ret_kwargs: dict[str, Any] = {}
    metadata: dict[str, Any] | None = None
    kwargs: dict[str, Any] = {}
    deliver_within: float = 0.0
    """Seconds for which the job stays due on minions that are away; 0: they are reported as not connected at once."""
    timeout: float = 0.0
    """Seconds that a minion may work on it; 0: no bound."""
    follow: bool = False
    """Minions send stdout while the job runs."""
    batch: BatchWish | None = None


class Follow(OperatorRequest, frozen=True, tag="follow"):
    """Follow a job's record. The stream ends when every outcome is final, or `wait` seconds after nothing more runs.

    item: `outcome` (map of a `model.job.Outcome`, `body` beside it: MessagePack bytes, or None where it is larger than
    `inline` bytes), or `progress` (`minion`, `stream`, `number`, `data`) when asked for with `progress`.
    end: `counts`, `pending` (minion: `held`, `not_connected`, `no_answer` or `running`), `cursor`.
    """

    jid: str
    after: int = 0
    wait: float = 5.0
    progress: bool = False
    inline: int = 8 << 20
    bodies: bool = True


class ReadBody(OperatorRequest, frozen=True, tag="body"):
    """The value of a return. item: `data` (a piece of the MessagePack bytes). end: `size`."""

    jid: str
    minion: str


class ReadBodies(OperatorRequest, frozen=True, tag="bodies"):
    """The values of several returns of a job. item: `minion`, `body`: MessagePack bytes.

    Those that are larger than `inline` bytes are left to `ReadBody`, with None here; those that there are not are left
    out.
    """

    jid: str
    minions: list[str]
    inline: int = 1 << 20


class ReadHistory(OperatorRequest, frozen=True, tag="history"):
    """Jobs with all that became of them, newest first. `query` holds the fields of `model.job.JobQuery`, whatever its
    limit; `jids` name jobs instead of it. With `minion` only outcomes of that one.

    item: `job` (map) and `counts`, and after it for each of its outcomes an item with `outcome` (map), and `body`:
    MessagePack bytes, or None where there is none, or more than `inline` bytes: then `ReadBody` has it.
    """

    query: dict[str, Any] = {}
    jids: list[str] = []
    minion: str = ""
    inline: int = 1 << 20


class ShowJob(OperatorRequest, frozen=True, tag="job"):
    """end: `job` (map), `counts`."""

    jid: str


class ListJobs(OperatorRequest, frozen=True, tag="jobs"):
    """end: `jobs`: list of {`job`, `counts`}, newest first. `query` holds the fields of `model.job.JobQuery`."""

    query: dict[str, Any] = {}


class ListOutcomes(OperatorRequest, frozen=True, tag="outcomes"):
    """end: `outcomes`: list of maps. `query` holds the fields of `model.job.OutcomeQuery`."""

    query: dict[str, Any] = {}


class CancelJobs(OperatorRequest, frozen=True, tag="cancel"):
    """Stop a job on all its minions, or on those in `minions`, or whatever runs on `minions` when no jid is given.

    end: `cancelled`: list of [jid, minion].
    """

    jid: str = ""
    minions: list[str] = []


class ControlBatch(OperatorRequest, frozen=True, tag="batch"):
    """Look at a batch, or hold it back. `action`: `status`, `pause`, `resume`, `stop`.

    `stop` calls the job off for the minions whose turn has not come, with `kill` for those at work too. end: `batch`:
    `total`, `completed`, `active`, `pending`, `failed`, `cancelled`, `batch_size`, `paused`, `halted`,
    `halted_reason`, and what the job is.
    """

    jid: str
    action: str = "status"
    kill: bool = False


class Keys(OperatorRequest, frozen=True, tag="keys"):
    """Look at or decide on minion keys. `match` holds globs of ids.

    action `list`, `print`, `finger`, `accept`, `reject`, `delete`; `states` limits it to keys in these states (the
    values of `KeyState`). end: `keys`: state to list of ids, or for `print` and `finger` state to {id: text}.
    `finger` without a `match` gives the master's own too, as `local`.
    """

    action: str
    match: list[str] = []
    states: list[str] = []
    preserve: bool = False
    """Of minions whose keys are deleted, keep what the master knows: grains, when they were seen."""


class MakeToken(OperatorRequest, frozen=True, tag="token"):
    """A one-time join token. end: `token`, `expires`."""

    minion: str = ""
    """Only for this id (glob); empty: any."""
    seconds: float = 3600.0
    uses: int = 1


class FollowEvents(OperatorRequest, frozen=True, tag="events"):
    """item: `seq`, `tag`, `stamp`, `data` (MessagePack bytes). after -1: from now on. count 0: for ever."""

    match: str = "*"
    """Glob on tags."""
    after: int = -1
    count: int = 0


class SendEvent(OperatorRequest, frozen=True, tag="send_event"):
    """end: `seq`."""

    tag: str
    data: dict[str, Any] = {}


class Call(OperatorRequest, frozen=True, tag="call"):
    """Run a runner or wheel function on the master. `client`: `runner` or `wheel`.

    With `progress` items come while it runs: `progress`: {`suffix`, `event`}, what it told by `__jid_event__`, or
    {`text`}, a text to print as it is. end: `jid`, `return`, `success`, `out`; with `background` the end comes at once
    and has the jid only.
    """

    client: str
    fun: str
    arg: list[Any] = []
    kwarg: dict[str, Any] = {}
    background: bool = False
    progress: bool = False
    jid: str = ""


class Fleet(OperatorRequest, frozen=True, tag="fleet"):
    """end: `minions`: id to {`connected`, `version`, `seen`, `address`, `running`}."""

    match: list[str] = []


class Login(OperatorRequest, frozen=True, tag="login"):
    """Make an access token for who shows these credentials. end: `token`, `start`, `expire`, `user`, `eauth`, `perms`.

    `seconds`: how long it shall hold, where `token_expire_user_override` lets the user say so; 0: `token_expire`.
    """

    seconds: float = 0.0


class Logout(OperatorRequest, frozen=True, tag="logout"):
    """End the token in `credentials`. end: `ended`, whether there was one."""


class Explain(OperatorRequest, frozen=True, tag="explain"):
    """Whether somebody may do something, and by which rule or why not. Nothing is done.

    `who` is a name of the back end `eauth`, or without one a system user. `client` is empty for a function of minions,
    else `runner`, `wheel` or `events`. end: `allowed`, `reason`, `misses` (rules about this function, and what each of
    them lacks), `minions`.
    """

    who: str
    fun: str | list[str]
    arg: list[Any] = []
    tgt: str | list[str] = "*"
    tgt_type: str = "glob"
    delimiter: str = ":"
    eauth: str = ""
    client: str = ""


class ControlExports(OperatorRequest, frozen=True, tag="exports"):
    """The stores elsewhere that the master feeds. `action`: `status`, `letters`, `retry`, `drop`.

    `name` chooses one of them, `letters` dead letters by number; without numbers `retry` and `drop` mean all.
    end: `status`: `exports` (list of maps); `letters`: `letters` (list of maps with `export`, `id`, `at`, `key`,
    `reason`, `size`); `retry`: `refused` (number to reason), `sent` (how many); `drop`: `dropped` (how many).
    """

    action: str = "status"
    name: str = ""
    letters: list[int] = []
    limit: int = 1000


class Report(OperatorRequest, frozen=True, tag="report"):
    """A question about the history. `kind`: `last`, `failed`, `causes`, `matrix`, `diff`, `slow`, `audit`.

    `query` holds the fields of `model.job.JobQuery`; `jids` are the job of `causes` and the two of `diff`; `jobs` is
    how many jobs it goes back. end: `report`, see `jobs.reports.Reports`.
    """

    kind: str
    query: dict[str, Any] = {}
    jids: list[str] = []
    jobs: int = 1000


class ReadAudit(OperatorRequest, frozen=True, tag="audit"):
    """The audit log, newest first. end: `rows`. `query` holds the fields of `access.records.AuditQuery`."""

    query: dict[str, Any] = {}


AnyRequest = (
    Ping | Resolve | Publish | Follow | ReadBody | ReadBodies | ReadHistory | ShowJob | ListJobs | ListOutcomes
    | CancelJobs | ControlBatch
    | Keys | MakeToken | FollowEvents | SendEvent | Call | Fleet
    | Login | Logout | Explain | ReadAudit | ControlExports | Report
)  # fmt: skip
