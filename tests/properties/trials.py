"""A state in a dry run, for real, and once more: what the dry run foretells is what is done, and done once.

A `Case` is one call of a state function and what is there before; a `Place` is where it is tried, and sees everything
that the state could change there. The tables of cases are in `cases_*.py`.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipped import Shipped

CHANGES, NOTHING, FAILS = "changes", "nothing", "fails"
"""What a real run does: it changes something, it finds all as it should be, or it fails without a change."""

Foretold = Callable[[Any], Any]
"""From the changes of the real run, those that the dry run told."""


def same(changes: Any) -> Any:
    return changes


def none_of(changes: Any) -> Any:
    """Salt's dry run of this state tells no changes."""
    return {}


def new_file(path: str) -> Foretold:
    """Salt's dry run names the file that is new; the real run calls it new."""
    return lambda changes: {"newfile": path} if changes.get("diff") == "New file" else changes


def command(words: str) -> Foretold:
    """The dry run names the command; what it prints, and its number, cannot be known before."""
    return lambda changes: {"cmd": words}


def only(*keys: str) -> Foretold:
    """What is told before is what was asked for; what the system adds of its own is known afterwards."""
    return lambda changes: {key: changes[key] for key in keys}


def unknown(*keys: str) -> Foretold:
    """These keys hold what cannot be known before: numbers that the system or another program chooses."""
    return lambda changes: {key: value for key, value in changes.items() if key not in keys}


@dataclass(frozen=True)
class Case:
    """One call of a state function. `@WORK@` and the tokens of the place stand for what is there in texts."""

    fun: str
    name: Any
    given: Mapping[str, Any]
    setup: str = ""
    """A shell script that is run in the work directory before."""
    first: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """States that are applied before."""
    does: str = CHANGES
    foretells: Foretold = same
    repeats: str = ""
    """Why a second run changes something again."""
    unseen: str = ""
    """Why no change shows in what the place sees, though the state tells one."""
    unsure: str = ""
    """Why a dry run cannot know whether the real run changes something, and says None."""
    label: str = ""

    def __str__(self) -> str:
        return f"{self.fun}-{self.label or self.does}"


def case(fun: str, name: Any, setup: str = "", does: str = CHANGES, label: str = "", **told: Any) -> Case:
    """A case; what `Case` has no field for are arguments of the state."""
    about = {key: told.pop(key) for key in ("first", "foretells", "repeats", "unseen", "unsure") if key in told}
    return Case(fun, name, told, setup, does=does, label=label, **about)


_KEPT_BY_GIT = (".git", ".git/objects", ".git/FETCH_HEAD")


class Place:
    """Where a case is tried: a directory `work` and a minion, and what else is there."""

    grains: Mapping[str, Any] = {
        "os_family": "Debian",
        "os": "Debian",
        "osarch": "amd64",
        "kernel": "Linux",
        "id": "m1",
    }

    def __init__(self, top: Path, tokens: Mapping[str, str] = {}, **opts: Any) -> None:
        self.work = top / "work"
        self.work.mkdir()
        minion = top / "minion"
        places = {"hosts.file": "hosts", "aliases.file": "aliases", "conf_file": "config/minion"}
        opts = {**{option: str(self.work / path) for option, path in places.items()}, **opts}
        self.minion = Shipped(minion, grains=dict(self.grains), pillar={"key": {"text": "a\nb\n"}}, **opts)
        (minion / "base").mkdir(parents=True)
        (self.work / "config").mkdir()
        self.tokens = {"@WORK@": str(self.work), "@BASE@": str(minion / "base"), **tokens}

    def filled(self, value: Any) -> Any:
        """A value with what is here in the place of its tokens."""
        if isinstance(value, str):
            for token, text in self.tokens.items():
                value = value.replace(token, text)
            return value
        if isinstance(value, Mapping):
            return {self.filled(key): self.filled(item) for key, item in value.items()}
        return [self.filled(item) for item in value] if isinstance(value, list | tuple) else value

    def told(self, value: Any) -> Any:
        """What a state told, with the tokens in the place of what is here."""
        if isinstance(value, str):
            for token, text in self.tokens.items():
                value = value.replace(text, token)
            return value
        if isinstance(value, Mapping):
            return {self.told(key): self.told(item) for key, item in value.items()}
        return [self.told(item) for item in value] if isinstance(value, list | tuple) else value

    def shell(self, script: str) -> None:
        argv = ["sh", "-ec", self.filled(script)]
        done = subprocess.run(argv, cwd=self.work, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def state(self, fun: str, name: Any, test: bool, **given: Any) -> dict[str, Any]:
        """What a state gives, applied by itself as `state.single` does it; `name` and `given` may hold tokens."""
        return dict(self.told(self.minion.state(fun, self.filled(name), test=test, **self.filled(given))))

    def look(self) -> dict[str, Any]:
        """All that a state could change here."""
        # What git fetches to look at it changes no branch.
        seen = {path: about for path, about in tree(self.work).items() if not path.endswith(_KEPT_BY_GIT)}
        return {**seen, "events": list(self.minion.events), "environ": dict(os.environ)}


def tree(top: Path, left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """What lies below a directory, each with kind, mode, owner, time of change and content."""
    found = {}
    pending = [str(top)]
    while pending:
        path = pending.pop()
        if path.startswith(left_out):
            continue
        status = os.lstat(path)
        owner = (status.st_uid, status.st_gid)
        found[path] = (status.st_mode, owner, _list_of(path), status.st_mtime_ns, _content(path, status))
        if stat.S_ISDIR(status.st_mode):
            pending += [os.path.join(path, name) for name in os.listdir(path)]
    return found


def _list_of(path: str) -> bytes:
    """The access control list of a file, beyond its mode."""
    try:
        return os.getxattr(path, "system.posix_acl_access", follow_symlinks=False)
    except OSError:
        return b""


def _content(path: str, status: os.stat_result) -> Any:
    if stat.S_ISLNK(status.st_mode):
        return os.readlink(path)
    if stat.S_ISREG(status.st_mode):
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    return None if stat.S_ISDIR(status.st_mode) else status.st_rdev


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What is not as it was: before and after."""
    return {key: (before.get(key), after.get(key)) for key in {*before, *after} if before.get(key) != after.get(key)}


def untouched(before: Mapping[str, Any], after: Mapping[str, Any], what: str) -> None:
    changed = differing(before, after)
    assert not changed, f"touched by {what}: {changed}"


def try_case(case: Case, place: Place) -> None:
    """The dry run touches nothing and foretells what is done; the second run finds all as it should be."""
    prepare(case, place)
    before = place.look()
    foretold = place.state(case.fun, case.name, test=True, **case.given)
    untouched(before, place.look(), f"the dry run, which said {foretold}")
    done = place.state(case.fun, case.name, test=False, **case.given)
    both = f"\nforetold: {foretold}\n    done: {done}"
    wanted = {CHANGES: (None, True), NOTHING: (True, True), FAILS: (False, False)}[case.does]
    assert (foretold["result"], done["result"]) == (None if case.unsure else wanted[0], wanted[1]), both
    assert case.unsure or foretold["changes"] == case.foretells(done["changes"]), both
    after = place.look()
    if case.does == CHANGES:
        assert done["changes"] != {}, both
        assert case.unseen or differing(before, after) != {}, both
    else:
        assert case.unsure or done["changes"] == {}, both
        untouched(before, after, f"a run that told no changes:{both}")
    if case.does != FAILS and not case.repeats:
        _try_again(case, place, after)


def prepare(case: Case, place: Place) -> None:
    place.shell(case.setup)
    for fun, given in case.first:
        done = place.state(fun, test=False, **given)
        assert done["result"] is True, done


def _try_again(case: Case, place: Place, before: Mapping[str, Any]) -> None:
    for test in (True, False):
        again = place.state(case.fun, case.name, test=test, **case.given)
        result = None if test and case.does == NOTHING and case.unsure else True
        assert (again["result"], again["changes"]) == (result, {}), f"again, {test=}: {again}"
    untouched(before, place.look(), f"the second run, which said {again}")
