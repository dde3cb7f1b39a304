"""Jobs of minions as plugins of the master ask for them, and what came of them."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


class MinionJob(NamedTuple):
    """A function for minions. `timeout` is how many seconds a minion may say nothing: one that works is waited for."""

    tgt: str | Sequence[str]
    fun: str
    arg: Sequence[Any] = ()
    kwarg: Mapping[str, Any] = {}
    tgt_type: str = "glob"
    timeout: float | None = None
    ret: str = ""
    ret_config: str = ""
    ret_kwargs: Mapping[str, Any] = {}
    jid: str = ""
    metadata: Mapping[str, Any] = {}
    batch: str = ""
    """How many minions work at the same time, a number or a share; empty: all."""
    subset: int = 0
    """So many minions of the target, at random; 0: all."""


class Outcome(NamedTuple):
    """What the record says of one minion at the end: the state of the outcome, and of a return its value."""

    state: str
    value: Any = None
    retcode: int = 0
    success: bool = False

    @property
    def has_returned(self) -> bool:
        return self.state in ("returned", "failed")

    @property
    def is_silent(self) -> bool:
        """Whether the minion said nothing: it was not connected, or did not answer."""
        return self.state in ("queued", "sent", "expired")


class JobAnswers(NamedTuple):
    """A job's id, empty where no minion matched the target, and its outcomes in the order in which they came."""

    jid: str = ""
    outcomes: Mapping[str, Outcome] = {}


class CallAnswer(NamedTuple):
    """What a function of the master itself gave."""

    jid: str
    value: Any
    success: bool
