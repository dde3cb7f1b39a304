"""The result of a state that brings a checkout up to date, put together step by step."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The state cannot go on; the text says why."""


class Report:
    """What was done so far, as sentences and changes, and from them the state's result."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.said: list[str] = []
        self.changes: dict[str, Any] = {}

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def text(self) -> str:
        """The sentences, joined; one alone has no full stop."""
        return self.said[0] if len(self.said) == 1 else "".join(f"{sentence}. " for sentence in self.said).strip()

    def result(self, outcome: bool | None, comment: str) -> dict[str, Any]:
        return {"name": self.name, "result": outcome, "changes": self.changes, "comment": comment}

    def failed(self, reason: str) -> dict[str, Any]:
        done = f"\n\nChanges already made: {self.text()}" if self.said else ""
        return self.result(False, f"{reason}{done}")

    def up_to_date(self, place: str, heading: str = "Changes made") -> dict[str, Any]:
        """Nothing that matters has changed; what was done beside is told below."""
        done = f"\n\n{heading}: {self.text()}" if self.said else ""
        return self.result(True, f"Repository {place} is up-to-date{done}")


def reason_of(error: Exception) -> str:
    """What git said, without the command."""
    text = str(error)
    mark = "' failed: "
    return text[text.index(mark) + len(mark) :] if text.startswith("Command 'git") and mark in text else text
