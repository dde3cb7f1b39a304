"""A state in a dry run, for real, and once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from shipped import Shipped


class Thrice(NamedTuple):
    """What the dry run and the real run said."""

    foreseen: str
    done: str
    changes: dict[str, Any]


class Trial:
    """A minion whose states are tried; its options are those of the plugins under test."""

    def __init__(self, work: Path, **opts: Any) -> None:
        self.minion = Shipped(work, **opts)
        self._dry = Shipped(work, test=True, **opts)

    def thrice(self, fun: str, name: str, **kwargs: Any) -> Thrice:
        """The dry run foresees what is done then, and the second run changes nothing."""
        foreseen, done, again = (one.state(fun, name, **kwargs) for one in (self._dry, self.minion, self.minion))
        assert (foreseen["result"], done["result"], again["result"]) == (None, True, True), (foreseen, done, again)
        assert foreseen["changes"] == done["changes"] != {}
        assert again["changes"] == {}, again
        return Thrice(foreseen["comment"], done["comment"], done["changes"])

    def told(self, fun: str, name: str, *, dry: bool = False, **kwargs: Any) -> tuple[Any, str, dict[str, Any]]:
        """Result, comment and changes of one run."""
        found = (self._dry if dry else self.minion).state(fun, name, **kwargs)
        return found["result"], found["comment"], found["changes"]
