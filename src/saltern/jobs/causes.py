"""Why something failed, in words that are alike where the reason is: what groups failures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from saltern.model.job import Outcome

_LONGEST = 300
_VARYING = re.compile(
    r"0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b|\b[0-9a-fA-F]{16,}\b|\d+(?:[.:,]\d+)*"
    r"|(?<=/tmp/)[^\s'\"/]+"
)


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """`text` with what varies (numbers, addresses, the minion's id) taken out; `fingerprint` is short for it."""

    fingerprint: str
    text: str


def cause_of(outcome: Outcome, value: Any) -> Cause:
    """Why an outcome is no success: the states that failed, or what the function said, or what the master knows."""
    said = " / ".join(_complaints(value)) or outcome.reason or f"{outcome.state}, retcode {outcome.retcode}"
    text = _VARYING.sub("#", said.replace(outcome.minion, "<minion>")) if outcome.minion else said
    text = " ".join(text.split())[:_LONGEST]
    return Cause(fingerprint=hashlib.sha256(text.encode()).hexdigest()[:12], text=text)


def states_of(value: Any) -> Mapping[str, Mapping[str, Any]]:
    """The results of states in a return, by their tags; empty when it is no state run."""
    if not isinstance(value, dict):
        return {}
    found = {
        tag: result
        for tag, result in value.items()
        if isinstance(tag, str) and tag.count("_|-") == 3 and isinstance(result, dict) and "result" in result
    }
    return found if len(found) == len(value) else {}


def name_of(tag: str) -> str:
    """A state as people write it: `pkg.installed nginx`."""
    module, ident, _, function = tag.split("_|-")
    return f"{module}.{function} {ident}"


def _complaints(value: Any) -> Iterator[str]:
    """What failed in itself; requisites that failed because of it are no cause of their own."""
    states = states_of(value)
    if not states:
        if value not in (None, False, True, {}, []):
            yield _last_line(value)
        return
    failed = {tag: result for tag, result in states.items() if result["result"] is False}
    own = {tag: one for tag, one in failed.items() if "requisite" not in str(one.get("comment", "")).lower()}
    for tag, result in (own or failed).items():
        yield f"{name_of(tag)}: {result.get('comment', '')}"


def _last_line(value: Any) -> str:
    """Of a traceback its last line, which says what happened."""
    text = value if isinstance(value, str) else _in_words(value)
    lines = [line for line in text.splitlines() if line.strip()]
    if any(line.startswith("Traceback (most recent call last)") for line in lines):
        return lines[-1]
    return " ".join(lines)


def _in_words(value: Any) -> str:
    if isinstance(value, dict):
        said = value.get("stderr") or value.get("comment") or value.get("message")
        if isinstance(said, str) and said.strip():
            return said
    return str(value)
