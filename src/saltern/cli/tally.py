"""Counts where a job stands on its minions, and what that means for the exit code."""

from __future__ import annotations

from saltern.cli import exitcodes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

OPEN = ("queued", "sent", "running")
WITH_RETURN = ("returned", "failed")

_SHOWN = (
    ("returned", ("returned",)),
    ("failed", ("failed",)),
    ("running", ("sent", "running")),
    ("waiting", ("queued",)),
    ("not connected", ("away", "expired", "not_connected")),
    ("no answer", ("no_answer", "lost")),
    ("refused", ("refused",)),
    ("cancelled", ("cancelled",)),
    ("timed out", ("timed_out",)),
)

_HIGHEST_STATUS = 255


class Tally:
    """The state of one job on each of its minions.

    States are the values of `model.job.State`, `away` for a minion that is not connected while the job is due, and the
    reasons for which a stream of outcomes ends before an outcome does (`not_connected`, `no_answer`, `running`).
    """

    def __init__(self, minions: Iterable[str] = (), away: Iterable[str] = (), missing: Iterable[str] = ()) -> None:
        self.states: dict[str, str] = dict.fromkeys(minions, "queued")
        self.missing = list(missing)
        self.worst = 0
        """The highest retcode of all."""
        self._counts: dict[str, int] = {"queued": len(self.states)}
        for minion in away:
            self.note(minion, "away")

    def note(self, minion: str, state: str, retcode: int = 0) -> None:
        """An outcome changed; a minion that is away stays so until it gets the job."""
        self.worst = max(self.worst, retcode)
        old = self.states.get(minion)
        if old == "away" and state == "queued":
            return
        if old is not None:
            self._counts[old] -= 1
        self.states[minion] = state
        self._counts[state] = self._counts.get(state, 0) + 1

    def count(self, *states: str) -> int:
        return sum(self._counts.get(state, 0) for state in states)

    def ids(self, *states: str) -> list[str]:
        return sorted(minion for minion, state in self.states.items() if state in states)

    def without_return(self) -> list[str]:
        """The ids that gave no return, those without an accepted key included."""
        return sorted([minion for minion, state in self.states.items() if state not in WITH_RETURN] + self.missing)

    @property
    def size(self) -> int:
        return len(self.states) + len(self.missing)

    def text(self) -> str:
        """`3 returned, 1 failed, 1 not connected of 5`: the states that occur, in a fixed order."""
        parts = [(self.count(*states), name) for name, states in _SHOWN]
        parts.append((len(self.missing), "without a key"))
        return ", ".join(f"{number} {name}" for number, name in parts if number) + f" of {self.size}"

    def exit_code(self) -> int:
        """Of a command that waited for this job: see `saltern.cli.exitcodes`."""
        if self.count("failed"):
            return exitcodes.FAILED
        if not self.count("returned"):
            return exitcodes.NO_RETURN
        return exitcodes.SOME_MISSING if self.count("returned") < self.size else exitcodes.OK

    def batch_exit_code(self) -> int:
        """The same for a batch, of which a failure has the highest retcode (behaviour TGT-07)."""
        code = self.exit_code()
        return min(max(self.worst, code), _HIGHEST_STATUS) if code == exitcodes.FAILED else code

    def complaints(self) -> list[str]:
        """What standard error says about it, in the words that Salt's users match on (JOB-04, JOB-21)."""
        returned, failed = self.count(*WITH_RETURN), self.count("failed")
        if not returned:
            return ["ERROR: No return received"]
        found = ["ERROR: Minions returned with non-zero exit code"] if failed else []
        if returned < self.size:
            found.append(f"ERROR: {self.size - returned} of {self.size} minions did not return")
        return found


def count_text(counts: dict[str, int]) -> str:
    """The counts of a job in the job cache, for one cell of a table."""
    parts = [f"{number} {state.replace('_', ' ')}" for state, number in counts.items() if number]
    return ", ".join(parts) or "no minions"
