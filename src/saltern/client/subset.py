"""A subset: some minions of a target at random, of those that have the function (behaviour TGT-08)."""

from __future__ import annotations

import random

from saltern.client.blocking import unpack
from saltern.errors import NoMinionsMatched, UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.client.blocking import MasterSocket


def subset_of(master: MasterSocket, request: dict[str, Any], count: int, *, wait: float) -> dict[str, Any]:
    """The request with a list of at most `count` ids in the place of its target.

    Minions that are connected are asked, in random order and no more than needed, whether they know the function.
    """
    if count < 1:
        raise UserError("a subset has at least 1 minion")
    target: dict[str, Any] = {name: request[name] for name in ("tgt", "tgt_type", "delimiter") if name in request}
    found = master.ask({"verb": "resolve", **target})
    away = set(found["away"])
    left = [minion for minion in found["minions"] if minion not in away]
    random.shuffle(left)
    chosen: list[str] = []
    while left and len(chosen) < count:
        asked, left = left[: count - len(chosen)], left[count - len(chosen) :]
        chosen += _who_knows(master, request["fun"], asked, wait)
    if not chosen:
        raise NoMinionsMatched(hint="no connected minion of the target has the function")
    rest = {name: value for name, value in request.items() if name != "delimiter"}
    return {**rest, "tgt": sorted(chosen), "tgt_type": "list"}


def _who_knows(master: MasterSocket, fun: str | list[str], minions: list[str], wait: float) -> list[str]:
    names = [fun] if isinstance(fun, str) else fun
    modules = sorted({name.partition(".")[0] for name in names})
    asked = {"verb": "publish", "fun": "sys.list_functions", "arg": modules, "tgt": minions, "tgt_type": "list"}
    jid = master.ask(asked)["jid"]
    known = []
    with master.stream({"verb": "follow", "jid": jid, "wait": wait}) as answers:
        for answer in answers:
            outcome, body = answer["outcome"], answer.get("body")
            if outcome["state"] == "returned" and body and set(names) <= set(unpack(body)):
                known.append(outcome["minion"])
    return known
