"""Top files: which of their targets mean a minion, and what they give it (behaviour TGT-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Matcher = Callable[[str, str], bool]
"""Whether the minion is meant: the expression and the kind of match."""


class Given(NamedTuple):
    """One SLS file that a top file gives; `ignore_missing` says that it need not be there."""

    saltenv: str
    sls: str
    ignore_missing: bool = False


def given_by(top: Mapping[str, Any], matches: Matcher, *, elsewhere: bool = True) -> Iterator[Given]:
    """What the targets that mean the minion give it, in the order of the file.

    With `elsewhere` an item `dev: tool` names an SLS file of another environment.
    """
    for env, targets in top.items():
        if not isinstance(targets, Mapping):
            continue
        for target, value in targets.items():
            items = listed(value)
            told = {key: one for item in items if isinstance(item, Mapping) for key, one in item.items()}
            if not matches(str(target), str(told.get("match", "compound"))):
                continue
            for item in items:
                if isinstance(item, str):
                    yield Given(env, item, bool(told.get("ignore_missing")))
                elif elsewhere and isinstance(item, Mapping) and len(item) == 1 and not set(item) & _OPTIONS:
                    other, name = next(iter(item.items()))
                    yield Given(str(other), str(name))


_OPTIONS = {"match", "ignore_missing"}


def listed(items: Any) -> list[Any]:
    return items if isinstance(items, list) else [items]
