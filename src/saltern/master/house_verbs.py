"""The operator's verbs about the master itself: is it there, its events, its functions, its minions."""

from __future__ import annotations

import fnmatch
import os

from saltern.access.call import Call, call_of
from saltern.access.caller import Caller
from saltern.access.door import Ask
from saltern.client import contract
from saltern.master.job_verbs import LOOK_AT_MINIONS
from saltern.master.verb_services import Answers, VerbServices, end
from saltern.version import VERSION


async def ping(do: VerbServices, _: Caller, __: contract.Ping) -> Answers:
    yield end(
        master=do.master,
        version=VERSION,
        pid=os.getpid(),
        ready=True,
        connected=do.fleet.connected_count,
    )


async def events(do: VerbServices, caller: Caller, request: contract.FollowEvents) -> Answers:
    call = Call("events.follow", (request.match,), client="events")
    await do.door.permit(caller, Ask(action="events", calls=[call]))
    after = None if request.after < 0 else request.after
    left = request.count
    async for event in do.bus.follow(request.match, after):
        yield {"kind": "item", "seq": event.seq, "tag": event.tag, "stamp": event.stamp, "data": event.data}
        left -= 1
        if left == 0:
            break
    yield end()


async def send_event(do: VerbServices, caller: Caller, request: contract.SendEvent) -> Answers:
    call = call_of("event.send", [request.tag, request.data], client="runner")
    await do.door.permit(caller, Ask(action="send_event", calls=[call], tgt=request.tag))
    yield end(seq=do.bus.fire(request.tag, {**request.data, "user": caller.user}))


async def call(do: VerbServices, caller: Caller, request: contract.Call) -> Answers:
    jid = do.functions.jid_of(request)
    asked = call_of(request.fun, request.arg, request.kwarg, request.client)
    await do.door.permit(caller, Ask(action=request.client, calls=[asked], jid=jid))
    async for piece in do.functions.call(caller, request, jid):
        yield piece


async def fleet(do: VerbServices, caller: Caller, request: contract.Fleet) -> Answers:
    await do.door.let_look(caller, Ask(action="fleet", calls=[LOOK_AT_MINIONS]))
    matches = request.match or ["*"]
    rows = do.fleet.rows()
    chosen = {name: row for name, row in rows.items() if any(fnmatch.fnmatchcase(name, glob) for glob in matches)}
    yield end(minions=chosen)
