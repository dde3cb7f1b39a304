"""Transcripts of calls that were made of Salt, replayed here.

A transcript is a JSON list of entries, in order. `{"sh": TEXT}` is a shell script, run in the work directory; with
`out` its output is compared. `{"call": LINE}` is a call as on a command line, values in YAML: an execution function, or
behind `S ` a state (`test=True` is a dry run). `said` is what Salt answered, as JSON or as `!! ErrorClass text`; a call
without it is made and not compared: there we differ on purpose, or Salt has a plain fault. `@WORK@` is the directory.
Ids of commits are compared by their order of appearance: they can depend on where the directory is.

Of a dry run that foresees something `said` may have result and comment alone; then its changes have to be those of the
next call without `test=true`, unless that fails: Salt's dry runs often tell no changes.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import yaml
from shipped import Shipped

DATA = Path(__file__).parent / "data"
_STATE_KEYS = ("result", "comment", "changes")


def entries_of(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return entries


def differences(name: str, work: Path, env: dict[str, str], **opts: Any) -> list[tuple[str, str, str]]:
    """Replay a transcript; each difference is a call, what Salt said and what was said here."""
    spaces = {test: Shipped(work, test=test, file_client="local", **opts) for test in (False, True)}
    found = []
    foreseen: dict[str, Any] = {}
    ids_there, ids_here = _Ids(), _Ids()
    for entry in entries_of(name):
        if "sh" in entry:
            text, here = entry["sh"], _shell(entry["sh"], work, env)
            expected = entry.get("out")
        else:
            text, here = entry["call"], _answer(entry["call"].replace("@WORK@", str(work)), spaces)
            expected = entry.get("said")
            if expected and expected.startswith("[null,") and len(json.loads(expected)) == 2:
                *here_said, foreseen[text.replace(" test=true", "")] = json.loads(here)
                here = _json(here_said)
            elif text in foreseen and here.startswith("[true"):
                done, told = json.loads(here)[2], foreseen.pop(text)
                if done != told:
                    found.append((f"{text} test=true", _json(done), _json(told)))
        here = here.replace(str(work), "@WORK@")
        if expected is not None and ids_here.named(here) != ids_there.named(expected):
            found.append((text, expected, here))
    for space in spaces.values():
        space.space.close()
    return found


class _Ids:
    """Puts a number in the place of each id of a commit, whole or its first seven digits."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def named(self, text: str) -> str:
        return re.sub(r"\b([0-9a-f]{40}|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7})\b", self._name, text)

    def _name(self, match: re.Match[str]) -> str:
        return self._known.setdefault(match[0][:7], f"<commit {len(self._known)}>")


def _shell(script: str, work: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-ec", script.replace("@WORK@", str(work))],
        cwd=work,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def _answer(line: str, spaces: dict[bool, Shipped]) -> str:
    is_state = line.startswith("S ")
    name, *words = shlex.split(line.removeprefix("S "))
    args, kwargs = _arguments(words)
    minion = spaces[bool(kwargs.pop("test", False)) if is_state else False]
    try:
        if not is_state:
            return _json(minion.space.table("modules")[name](*args, **kwargs))
        result = minion.space.table("states")[name](**({"name": args[0]} if args else {}), **kwargs)
        return _json([result[key] for key in _STATE_KEYS])
    except Exception as error:
        return f"!! {type(error).__name__} {error}"


def _arguments(words: list[str]) -> tuple[list[Any], dict[str, Any]]:
    args, kwargs = [], {}
    for word in words:
        name, equals, value = word.partition("=")
        if equals and re.fullmatch(r"[A-Za-z_][\w-]*", name):
            kwargs[name] = _value(value)
        else:
            args.append(_value(word) if word else word)
    return args, kwargs


def _value(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _json(value: Any) -> str:
    return json.dumps(value, default=repr, sort_keys=True)
