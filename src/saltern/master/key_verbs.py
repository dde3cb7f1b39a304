"""The operator's verbs about minion keys and join tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from saltern.access.call import Call
from saltern.access.caller import Caller
from saltern.access.door import Ask
from saltern.client import contract
from saltern.errors import UserError
from saltern.events import tags
from saltern.keys.contract import KeyState
from saltern.keys.ring import KeyRing
from saltern.master.verb_services import Answers, VerbServices, end
from saltern.pki.fingerprints import show

_LOOK = 0.05
_LOOKS_FOR_MINIONS = 40
"""Two seconds in all: a minion that has not come by then has a trouble of its own."""
_LOOKS: dict[str, Callable[..., Mapping[KeyState, Any]]] = {
    "list": KeyRing.list,
    "print": KeyRing.print,
    "finger": KeyRing.finger,
}
_DECISIONS = {"accept": KeyRing.accept, "reject": KeyRing.reject, "delete": KeyRing.delete}
_KEY_FUNCTIONS = {
    "list": "key.list_all", "print": "key.key_str", "finger": "key.finger",
    "accept": "key.accept", "reject": "key.reject", "delete": "key.delete",
}  # fmt: skip
"""The wheel functions that do the same, under whose names rules allow it."""


async def keys(do: VerbServices, caller: Caller, request: contract.Keys) -> Answers:
    if request.action not in _KEY_FUNCTIONS:
        raise UserError(f"keys can be {', '.join(_KEY_FUNCTIONS)}, not {request.action!r}")
    function = _KEY_FUNCTIONS[request.action]
    calls = [Call(function, (glob,), client="wheel") for glob in request.match or ["*"]]
    ask = Ask(action="keys", calls=calls, tgt=",".join(request.match))
    states = [KeyState(state) for state in request.states]
    if request.action in _LOOKS:
        await do.door.let_look(caller, ask)
        keys = _by_name(_LOOKS[request.action](do.ring, request.match, states))
        if request.action == "finger" and not request.match:
            keys["local"] = {"master": show(do.authority_fingerprint)}
        yield end(keys=keys)
        return
    await do.door.permit(caller, ask)
    change = _DECISIONS[request.action](do.ring, request.match, states)
    for data in change.events:
        do.bus.fire(tags.KEY, data)
    await _see_connected(do, await do.enrolment.decided())
    forget = request.action == "delete" and not request.preserve
    for minion in change.keys.get(KeyState.ACCEPTED, []) if forget else []:
        await do.forget(minion)
    yield end(keys=_by_name(change.keys))


async def _see_connected(do: VerbServices, minions: Sequence[str]) -> None:
    """Give minions that were let in the moment that they need: the next command is likely to be for them."""
    for _ in range(_LOOKS_FOR_MINIONS):
        if all(do.fleet.is_connected(minion) for minion in minions):
            return
        await asyncio.sleep(_LOOK)


async def token(do: VerbServices, caller: Caller, request: contract.MakeToken) -> Answers:
    call = Call("key.token", (request.minion or "*",), client="wheel")
    await do.door.permit(caller, Ask(action="token", calls=[call]))
    now = time.time()
    token = do.tokens.make(request.minion, request.seconds, request.uses, do.authority_fingerprint, now)
    yield end(token=token, expires=now + request.seconds)


def _by_name(keys: Mapping[KeyState, Any]) -> dict[str, Any]:
    return {state.value: found for state, found in keys.items()}
