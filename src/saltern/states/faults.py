"""What is wrong with states: Salt's words for the return; the place and what to do about it for the log."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, NamedTuple


class Spot(NamedTuple):
    """A place in the data of an SLS file: the keys that lead to it, such as an id, a state module, an argument."""

    sls: str
    saltenv: str
    way: tuple[Any, ...] = ()


class Fault(str):
    """A text of the return that also knows where its cause stands, and a sentence on what to do."""

    spot: Spot
    hint: str

    def __new__(cls, text: str, spot: Spot, hint: str = "") -> Fault:
        made = super().__new__(cls, text)
        made.spot, made.hint = spot, hint
        return made


class Likely:
    """Questions after what was meant: each is searched for once, and only so many, for a search looks at all names."""

    MOST = 100

    def __init__(self) -> None:
        self._questions: dict[tuple[str, str], str] = {}

    def question(self, name: Any, known: Iterable[Any], kind: str = "") -> str:
        """See `did_you_mean`; `kind` parts names that are looked for among different ones."""
        key = (kind, str(name))
        if key not in self._questions:
            self._questions[key] = did_you_mean(name, known) if len(self._questions) < self.MOST else ""
        return self._questions[key]


def did_you_mean(name: Any, known: Iterable[Any]) -> str:
    """A question after the name that is most like this one, or an empty text."""
    close = difflib.get_close_matches(str(name), [str(one) for one in known], 1, 0.7)
    return f"Did you mean '{close[0]}'?" if close else ""
