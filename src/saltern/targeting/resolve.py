"""A target as lists of minion ids (behaviours TGT-01 and TGT-05)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Set

import msgspec

from saltern.model.target import MinionData, Target
from saltern.targeting.compile import read_target
from saltern.targeting.logic import everybody
from saltern.targeting.matchers import Named
from saltern.targeting.nodegroups import Nodegroups


class Resolution(msgspec.Struct, frozen=True):
    """Whom a target concerns.

    `missing` are ids that a list names and nobody has. `unknown` are minions that may be meant: what the expression
    asks about them is not known, so they are not among `minions`.
    """

    minions: list[str] = []
    missing: list[str] = []
    unknown: list[str] = []


def resolve(
    target: Target,
    ids: Iterable[str],
    data: Callable[[str], MinionData],
    nodegroups: Nodegroups,
    *,
    strict: bool = True,
) -> Resolution:
    """Whom of `ids` (the accepted minions) a target concerns, in their order; those of a list in the list's.

    `data` is called only for minions whose id alone does not decide. `TargetError` when the expression cannot be read,
    unless `strict` is off: then it concerns nobody.
    """
    test = read_target(target, nodegroups, strict=strict)
    if isinstance(test, Named):
        return _named(test, ids if isinstance(ids, Set) else frozenset(ids))
    known = ids if isinstance(ids, Collection) else tuple(ids)
    if test is everybody:
        return Resolution(minions=list(known))
    minions: list[str] = []
    unknown: list[str] = []
    for minion in known:
        answer = test(minion, data)
        if answer:
            minions.append(minion)
        elif answer is None:
            unknown.append(minion)
    return Resolution(minions=minions, unknown=unknown)


def _named(test: Named, ids: Set[str]) -> Resolution:
    minions = [name for name in test.names if name in ids]
    missing = [name for name in test.names if name not in ids] if test.listed else []
    return Resolution(minions=minions, missing=missing)
