"""What states say of a rule of a firewall."""

from __future__ import annotations

from typing import NamedTuple


class RuleWords(NamedTuple):
    """The comments about one rule: `shown` is how it is shown, `family_last` says where its family stands."""

    program: str
    name: str
    family: str
    shown: str
    family_last: bool = False

    @property
    def _which(self) -> str:
        if self.family_last:
            return f"({self.shown}) for {self.family}"
        return f"for {self.family} ({self.shown})"

    @property
    def _rule(self) -> str:
        return f"{self.program} rule for {self.name}"

    @property
    def already_set(self) -> str:
        return f"{self._rule} already set {self._which}"

    @property
    def to_be_set(self) -> str:
        return f"{self._rule} needs to be set {self._which}"

    @property
    def was_set(self) -> str:
        return f"Set {self._rule} to: {self.shown} for {self.family}"

    @property
    def not_set(self) -> str:
        attempted = f"Failed to set {self._rule}.\nAttempted rule was {self.shown}"
        return f"{attempted} for {self.family}" if self.family_last else attempted

    @property
    def already_absent(self) -> str:
        return f"{self._rule} already absent {self._which}"

    @property
    def to_be_deleted(self) -> str:
        return f"{self._rule} needs to be deleted {self._which}"

    @property
    def was_deleted(self) -> str:
        return f"Delete {self._rule} {self.shown}"

    @property
    def not_deleted(self) -> str:
        return f"Failed to delete {self._rule}.\nAttempted rule was {self.shown}"

    def saved(self, verb: str, said: str) -> str:
        """For a rule that was `Set` or `Deleted` before the file was written, or that was just `Saved`."""
        did = verb if verb == "Saved" else f"{verb} and saved"
        return f"{did} {self.program} rule {self.name} for {self.family}\n{self.shown}\n{said}"
