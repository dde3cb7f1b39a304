"""What minions may ask of other minions and of the master's runners: `peer` and `peer_run` (JOB-26, RUN-05).

Who asks is the certificate's id. Nothing is allowed that these options do not allow.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from saltern.errors import ArgumentError
from saltern.salt_compat.arguments import parse_words

log = logging.getLogger(__name__)

_LONGEST = 3600.0
"""Seconds that a minion may have the master wait for others."""
_NEVER = "publish."
"""A minion that could have others publish would speak with their rights."""
_NO_TARGETS = ("pillar", "pillar_pcre")
"""A pattern over pillar would tell what is in the pillars of others."""

Rules = Mapping[str, Sequence[str]]
"""Expressions over ids to expressions over functions."""


class PeerCall(msgspec.Struct, frozen=True):
    """What a minion asks for. Texts among `arg` may be `key=value`."""

    fun: str
    arg: list[Any] = []
    tgt: str | list[str] = ""
    tgt_type: str = "glob"
    ret: str = ""
    timeout: float = 5.0


Publish = Callable[[str, PeerCall, list[Any], dict[str, Any]], dict[str, Any]]
"""(minion that asks, call, arguments, keywords) -> minion to what it returned; blocking."""
Run = Callable[[str, PeerCall, list[Any], dict[str, Any]], Any]
"""The same for a runner."""


class Peers:
    """The verbs `peer_publish` and `peer_run`."""

    def __init__(self, peer: Rules, peer_run: Rules, publish: Publish, run: Run) -> None:
        self._peer = peer
        self._peer_run = peer_run
        self._publish = publish
        self._run = run

    async def publish(self, minion: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """A `master.requests.Verb`: a function on other minions. Gives `value`, or as `refused` the reason."""
        call = _call(args)
        if call.fun.startswith(_NEVER) or not _allows(self._peer, minion, call.fun):
            return _refused("peer", minion, call.fun)
        if _asks_for_pillar(call):
            return {"refused": "minions may not target by patterns over pillar; pillar_exact is allowed"}
        return {"value": await asyncio.to_thread(self._publish, minion, call, *_arguments(call.arg))}

    async def run(self, minion: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """A `master.requests.Verb`: a runner. Gives `value`, or as `refused` the reason."""
        call = _call(args)
        if not _allows(self._peer_run, minion, call.fun):
            return _refused("peer_run", minion, call.fun)
        return {"value": await asyncio.to_thread(self._run, minion, call, *_arguments(call.arg))}


def _call(args: Mapping[str, Any]) -> PeerCall:
    try:
        call = msgspec.convert(args, PeerCall)
    except msgspec.ValidationError as error:
        raise ArgumentError(f"peer: {error}") from error
    return msgspec.structs.replace(call, timeout=min(max(call.timeout, 0.0), _LONGEST))


def _asks_for_pillar(call: PeerCall) -> bool:
    """By its type, or within a compound expression. Node groups are the master's own words."""
    words = call.tgt if isinstance(call.tgt, list) else call.tgt.split()
    compound = call.tgt_type == "compound" and any(re.match(r"[IJ][^@]*@", word.lstrip("(")) for word in words)
    return compound or call.tgt_type in _NO_TARGETS


def _allows(rules: Rules, minion: str, fun: str) -> bool:
    return any(
        re.fullmatch(pattern, fun)
        for ids, patterns in rules.items()
        if re.fullmatch(ids, minion)
        for pattern in patterns
    )


def _arguments(given: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Texts as words of a command line, `key=value` among them; all else as it is."""
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for one in given:
        if isinstance(one, str):
            args, kwargs = parse_words([one])
            positional += args
            keywords.update(kwargs)
        else:
            positional.append(one)
    return positional, keywords


def _refused(option: str, minion: str, fun: str) -> dict[str, Any]:
    log.warning("%s asked for %s, which %s does not allow", minion, fun, option)
    return {"refused": f"{minion} may not call {fun}: the master's option {option} does not allow it"}
