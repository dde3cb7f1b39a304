"""From a request to a job: who asks, whom it concerns, what is written down."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from saltern.access.call import Call, calls_of
from saltern.access.caller import Caller
from saltern.access.door import Ask, Door
from saltern.access.gate import Decision
from saltern.batch.records import BatchPlan
from saltern.batch.sizes import size_of
from saltern.client.contract import BatchWish, Explain, Publish, Resolve
from saltern.errors import JobExists, NoMinionsMatched, UserError
from saltern.keys.contract import KeyState, KeyStore
from saltern.master.batches import Batches
from saltern.master.delivery import Delivery
from saltern.master.targets import Targets
from saltern.model.jid import JidClock, is_jid, time_of
from saltern.model.job import Job
from saltern.model.target import Target
from saltern.targeting.resolve import Resolution

_EAUTH = "eauth"
_OTHER_JIDS = 3
"""How often another jid is tried for one that is taken."""


class PublishOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`ext_job_cache` is a returner's name: every job asks its minions to return there too (behaviour RET-01)."""

    master: str
    ext_job_cache: str = ""


class Publishing:
    """Answers `Publish`."""

    def __init__(
        self,
        keys: KeyStore,
        targets: Targets,
        delivery: Delivery,
        batches: Batches,
        clock: JidClock,
        door: Door,
        options: PublishOptions,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._targets = targets
        self._delivery = delivery
        self._batches = batches
        self._clock = clock
        self._door = door
        self._options = options
        self._now = now

    async def publish(self, caller: Caller, request: Publish) -> dict[str, Any]:
        """Authorise, resolve, write down, push; the answer of `client.contract.Publish`."""
        for _ in range(_OTHER_JIDS):
            try:
                return await self._publish(caller, request, self._jid(request))
            except JobExists:  # allotted in the same microsecond by another master of a shared job cache
                if request.jid:
                    raise
        return await self._publish(caller, request, self._jid(request))

    async def _publish(self, caller: Caller, request: Publish, jid: str) -> dict[str, Any]:
        target = target_of(request)
        found = self.resolve(target)
        calls = calls_of(request.fun, request.arg)
        ask = Ask(action="publish", calls=calls, minions=found.minions, tgt=_shown(target), jid=jid)
        await self._door.permit(caller, ask, self._ids)
        if not found.minions and not found.missing:
            raise NoMinionsMatched(hint=self._why_nobody(found, target))
        plan = _plan(request.batch, len(found.minions))
        job = self._job(jid, caller, request, found, plan)
        if plan is None:
            away = await self._delivery.publish(job, found.minions, follow=request.follow)
        else:
            away = await self._batches.publish(job, found.minions, plan, follow=request.follow)
        return {"kind": "end", "jid": job.jid, "minions": found.minions, "missing": found.missing, "away": away,
                "unknown": found.unknown, "batch": plan.size if plan else 0}  # fmt: skip

    def explain(self, caller: Caller, calls: Sequence[Call], target: Target) -> tuple[Decision, list[str]]:
        """What the answer to a request would be, and the minions that it would concern."""
        found = self.resolve(target).minions
        return self._door.explain(caller, calls, found, self._ids), found

    async def permit_on(self, caller: Caller, ask: Ask) -> None:
        """As `Door.permit`, for what concerns minions by their ids."""
        await self._door.permit(caller, ask, self._ids)

    def resolve(self, target: Target) -> Resolution:
        """See `Targets.resolve`."""
        return self._targets.resolve(target)

    def _why_nobody(self, found: Resolution, target: Target) -> str:
        if found.unknown:
            return f"not asked, as their grains or pillar are not known yet: {', '.join(sorted(found.unknown)[:10])}"
        waiting = len(self._keys.list()[KeyState.PENDING])
        wait = f"; {waiting} wait to be accepted" if waiting else ""
        return f"saltern key -L lists the minions{wait}; the target was {target.text!r} ({target.kind})"

    def _ids(self, target: Target) -> list[str]:
        return self.resolve(target).minions

    def _jid(self, request: Publish) -> str:
        if request.jid and not is_jid(request.jid):
            raise UserError(f"{request.jid!r} is no job id", hint="a jid has twenty digits: YYYYMMDDhhmmssffffff (UTC)")
        return request.jid or self._clock.next()

    def _job(self, jid: str, caller: Caller, request: Publish, found: Resolution, plan: BatchPlan | None) -> Job:
        now = self._now()
        returners = [*request.ret.split(","), self._options.ext_job_cache]
        return Job(
            jid=jid,
            fun=request.fun, arg=request.arg, tgt=request.tgt, tgt_type=request.tgt_type, delimiter=request.delimiter,
            user=caller.user,
            # One moment, whether it is read from the jid or from the record.
            created=now if request.jid else time_of(jid),
            ret=",".join(dict.fromkeys(name for name in returners if name)),
            ret_config=request.ret_config, ret_kwargs=request.ret_kwargs, metadata=request.metadata,
            kwargs=_marked(request.kwargs, caller) | ({"batch": plan.size} if plan else {}), missing=found.missing,
            deliver_until=now + request.deliver_within if request.deliver_within else None,
            timeout=request.timeout or None,
            master=self._options.master,
        )  # fmt: skip


def is_own(caller: Caller, job: Job) -> bool:
    """Whether a job is the caller's: by name, and by the back end that knows the name."""
    return caller.account == (str(job.kwargs.get(_EAUTH, "")), job.user)


def _marked(kwargs: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """What a request carried, with the back end that knows its user; nobody can say another one."""
    kept = {name: value for name, value in kwargs.items() if name != _EAUTH}
    return {**kept, _EAUTH: caller.eauth} if caller.eauth else kept


def _shown(target: Target) -> str:
    return target.text if target.kind == "glob" else f"{target.text} ({target.kind})"


def target_of(request: Publish | Resolve | Explain) -> Target:
    """The target that a request names."""
    expr = request.tgt if isinstance(request.tgt, str) else tuple(request.tgt)
    return Target(expr=expr, kind=request.tgt_type, delimiter=request.delimiter)


def _plan(wish: BatchWish | None, total: int) -> BatchPlan | None:
    """What a wish comes to for so many minions; None: all at once."""
    if wish is None:
        return None
    safe = wish.safe_size if wish.safe_limit and total >= wish.safe_limit else ""
    size = wish.size or safe
    if not size:
        return None
    return BatchPlan(
        size=size_of(size, total),
        wait=wish.wait,
        failhard=wish.failhard,
        max_fail=size_of(wish.max_fail, total, "max-fail") if wish.max_fail else 0,
    )
