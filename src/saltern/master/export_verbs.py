"""The operator's verbs about exports: how they stand, and what to do with what a target refused."""

from __future__ import annotations

from saltern.access.call import Call
from saltern.access.caller import Caller
from saltern.access.door import Ask
from saltern.client import contract
from saltern.errors import UserError
from saltern.master.verb_services import Answers, VerbServices, end

_LOOK, _DECIDE = "exports.status", "exports.decide"


async def exports(do: VerbServices, caller: Caller, request: contract.ControlExports) -> Answers:
    wanted = _LOOK if request.action in ("status", "letters") else _DECIDE
    await do.door.permit(caller, Ask(action="exports", calls=[Call(wanted, client="runner")]))
    if request.action == "status":
        yield end(exports=await do.exports.status())
        return
    letters = await do.exports.letters(request.name, request.limit)
    if request.action == "letters":
        rows = [
            {"export": name, "id": each.id, "at": each.at, "key": each.key, "reason": each.reason, "size": each.size}
            for name, each in letters
        ]
        yield end(letters=rows)
        return
    chosen = request.letters or [letter.id for _, letter in letters]
    if request.action == "drop":
        yield end(dropped=await do.exports.drop(request.name, chosen))
    elif request.action == "retry":
        kept = [each.id for _, each in letters if each.size] if not request.letters else chosen
        answers = await do.exports.retry(request.name, kept)
        refused = {str(number): reason for number, reason in answers.items() if reason}
        yield end(refused=refused, sent=len(answers) - len(refused))
    else:
        raise UserError(f"{request.action!r} is nothing that can be done with exports")
