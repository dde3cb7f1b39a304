"""A target as a predicate, read once and asked many times."""

from __future__ import annotations

import logging
from collections.abc import Callable

from saltern.errors import TargetError
from saltern.model.target import MinionData, Target
from saltern.targeting.logic import Test, nobody
from saltern.targeting.matchers import EXACT, Reader
from saltern.targeting.nodegroups import Nodegroups

_log = logging.getLogger(__name__)


def compile_target(target: Target, nodegroups: Nodegroups, *, strict: bool = False) -> Callable[[MinionData], bool]:
    """Whether a minion is meant; one that lacks the data which would decide it is not.

    An expression that cannot be read matches nobody, as with Salt, or raises `TargetError` if `strict`.
    """
    test = read_target(target, nodegroups, strict=strict)
    return lambda minion: test(minion.id, lambda _id: minion) is True


def read_target(target: Target, nodegroups: Nodegroups, *, strict: bool) -> Test:
    """The same as a test whose answer may also be that it is not known."""
    try:
        return Reader(nodegroups, strict=strict).read(target)
    except TargetError as error:
        if strict:
            raise
        _log.info("the target %r matches nobody: %s", target.text, error.message)
        return nobody


def with_exact_pillar(target: Target) -> Target:
    """The target with every pillar value compared exactly: what a minion may ask for (behaviour TGT-06)."""
    return Target(expr=target.expr, kind=EXACT.get(target.kind, target.kind), delimiter=target.delimiter)
