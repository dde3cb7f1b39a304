"""The running master: `__master__` for runners and wheel functions, `__local_master__` for all others on its host."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Protocol

    from saltern.plugin_api.minion_job import CallAnswer, JobAnswers, MinionJob
else:
    Protocol = object


class LocalMaster(Protocol):
    """A master on this host, asked as any operator asks it: what its user may do is checked, recorded and audited.

    All calls block. `MasterNotRunning` when none answers here, `PermissionRefused` for who may not ask.
    """

    def run(
        self,
        tgt: str | Sequence[str],
        fun: str,
        arg: Sequence[Any] = (),
        kwarg: Mapping[str, Any] | None = None,
        *,
        tgt_type: str = "glob",
        timeout: float | None = None,
        ret: str = "",
        jid: str = "",
    ) -> dict[str, Any]:
        """What the minions of a target return for a function: minion to value, without those that give no return."""

    def publish(self, job: MinionJob) -> JobAnswers:
        """Have minions run a function, and wait as a command does: until each has returned or nothing more can come.

        A target that nobody matches gives no outcomes. Who may not do this, and what cannot be read, raises.
        """

    def call(
        self, client: str, fun: str, arg: Sequence[Any] = (), kwarg: Mapping[str, Any] | None = None
    ) -> CallAnswer:
        """Call a function of the master itself, a job of its own; `client` is `runner` or `wheel`.

        A function that does not exist raises; what one raises is its value, as a text.
        """

    def events(self, match: str, seconds: float) -> Iterator[tuple[str, dict[str, Any]]]:
        """The events from now on whose tags match a glob, tag and data, for so many seconds; below 0: for ever."""


class MasterControl(LocalMaster, Protocol):
    """All calls block, and come from a thread of a runner. What is asked is asked in the master's own name."""

    def minions(self) -> dict[str, dict[str, Any]]:
        """The minions that are known: `connected`, `version`, `seen` (seconds since 1970), `address`, `running`."""

    def resolve(self, tgt: str | Sequence[str], tgt_type: str = "glob") -> list[str]:
        """The ids with an accepted key that a target means now, sorted. An unreadable target raises."""

    def grains(self, minion: str) -> dict[str, Any] | None:
        """A minion's grains as the master knows them; None while it does not."""

    def pillar(self, minion: str) -> dict[str, Any] | None:
        """The pillar that a minion was given last; None for one that asked for none since the master's start."""

    def forget(self, minion: str, *, grains: bool = False, pillar: bool = False) -> bool:
        """Drop what is known of a minion until it tells it again; whether there was anything to drop."""

    def compile_pillar(
        self, minion: str, *, override: Mapping[str, Any] | None = None, pillarenv: str = "", saltenv: str = ""
    ) -> dict[str, Any]:
        """The pillar of a minion, compiled now from the grains that are known of it."""

    def pillar_top(self, minion: str, saltenv: str = "base") -> dict[str, Any]:
        """The top files of pillar as one, rendered for a minion: environment to target to SLS names."""

    def keys(self, action: str, match: str | Sequence[str] = "*", states: Sequence[str] = ()) -> dict[str, Any]:
        """Look at keys or decide on them; `action` is `list`, `print`, `finger`, `accept`, `reject` or `delete`.

        The keys by state (`minions`, `minions_pre`, `minions_rejected`, `minions_denied`): ids, or id to text. A
        state without keys that match is left out.
        """

    def master_key(self) -> dict[str, str]:
        """The master's own public key (`pem`) and fingerprint (`finger`), of the authority that minions pin."""

    def make_token(self, credentials: Mapping[str, Any], seconds: float = 0.0) -> dict[str, Any]:
        """An access token for whoever shows these credentials; who cannot log in raises."""

    def end_token(self, token: str) -> bool:
        """Let a token hold no longer; whether it did."""
