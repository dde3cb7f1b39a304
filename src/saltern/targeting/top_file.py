"""Top files: which of their targets mean a minion, and what they give it (behaviour TGT-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from saltern.errors import TargetError
from saltern.model.target import Target
from saltern.targeting.compile import read_target
from saltern.targeting.nodegroups import Nodegroups

Matcher = Callable[[str, str], bool]
"""Whether the minion is meant: the expression and the kind of match."""


_MATCH = "compound"
"""How targets are read that do not say `match`."""


class Given(NamedTuple):
    """One SLS file that a top file gives; `ignore_missing` says that it need not be there."""

    saltenv: str
    sls: str
    ignore_missing: bool = False


class TopFile(Protocol):
    """A top file that has been rendered."""

    data: Any


Read = TypeVar("Read", bound=TopFile)


def with_included(top: Read, read: Callable[[str], Read | None]) -> Iterator[Read]:
    """A top file and those that `include` in it names, each once; as in Salt it need not name a file that is there."""
    waiting, known = [top], set()
    while waiting:
        one = waiting.pop(0)
        names = one.data.pop("include") if _includes(one.data) else ()
        yield one
        for name in names:
            if isinstance(name, str) and name not in known:
                known.add(name)
                found = read(name)
                waiting += [] if found is None else [found]


def _includes(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("include"), list)


def meant(top: Mapping[str, Any], matches: Matcher) -> Iterator[tuple[str, list[Any]]]:
    """The targets that mean the minion, in the order of the file: the environment and the items of each."""
    for env, targets in top.items():
        for target, value in targets.items() if isinstance(targets, Mapping) else ():
            items = listed(value)
            if matches(str(target), str(_told(items).get("match", _MATCH))):
                yield env, items


def given_in(env: str, items: list[Any], *, elsewhere: bool = True) -> Iterator[Given]:
    """What a target gives. With `elsewhere` an item `dev: tool` names an SLS file of another environment."""
    ignore_missing = bool(_told(items).get("ignore_missing"))
    for item in items:
        if isinstance(item, str):
            yield Given(env, item, ignore_missing)
        elif elsewhere and isinstance(item, Mapping) and len(item) == 1 and not set(item) & _OPTIONS:
            other, name = next(iter(item.items()))
            yield Given(str(other), str(name))


def given_by(top: Mapping[str, Any], matches: Matcher, *, elsewhere: bool = True) -> Iterator[Given]:
    """What the targets that mean the minion give it, in the order of the file."""
    for env, items in meant(top, matches):
        yield from given_in(env, items, elsewhere=elsewhere)


def unreadable(
    top: Mapping[str, Any], nodegroups: Nodegroups, is_own: Callable[[str], bool]
) -> Iterator[tuple[Any, Any, str]]:
    """The targets that cannot be read, and so match nobody or fewer than meant: environment, target, what is wrong.

    `is_own` says of a kind of match whether a matcher of the user's own knows it.
    """
    for env, targets in top.items():
        for target, value in targets.items() if isinstance(targets, Mapping) else ():
            kind = str(_told(listed(value)).get("match", _MATCH))
            if is_own(kind):
                continue
            try:
                read_target(Target(expr=str(target), kind=kind), nodegroups, strict=True)
            except TargetError as error:
                hint = f" Hint: {error.hint}" if error.hint else ""
                yield env, target, f"the target {str(target)!r} cannot be read: {error.message}.{hint}"


def _told(items: list[Any]) -> dict[Any, Any]:
    """The options among the items of a target."""
    return {key: one for item in items if isinstance(item, Mapping) for key, one in item.items()}


_OPTIONS = {"match", "ignore_missing", "order"}


def listed(items: Any) -> list[Any]:
    return items if isinstance(items, list) else [items]
