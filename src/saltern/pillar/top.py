"""Top files of pillar: which SLS files they give a minion (behaviours PIL-02 and PIL-05)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from saltern.errors import NotFound, RenderError
from saltern.pillar.faults import Faults
from saltern.pillar.options import PillarOptions
from saltern.plugin_api.types import Rendered
from saltern.targeting.top_file import Given, Matcher, given_by, listed

Top = dict[str, dict[Any, Any]]
"""By environment and target what is given."""


class TopError(Exception):
    """A top file has not the form of one; the text says why. `way` are the keys of `top` that lead there."""

    def __init__(self, why: str, top: Any, *way: Any) -> None:
        super().__init__(why)
        self.top = top
        self.way = way


def environments(known: Sequence[str], options: PillarOptions) -> list[str]:
    """The environments whose top files count, in their order. `known` are those of the pillar roots."""
    if options.pillarenv:
        return [options.pillarenv]
    if options.source_merging_strategy == "none":
        return ["base"]
    return in_order(known, options.env_order)


def in_order(envs: Sequence[str], order: Sequence[str]) -> list[str]:
    """The environments that `order` names first, in that order, then the others as they stand."""
    return [*(env for env in order if env in envs), *(env for env in envs if env not in order)]


def read_tops(envs: Sequence[str], render: Callable[[str], Iterable[Rendered]], faults: Faults) -> list[Rendered]:
    """What the top files of environments give, and those that they include; an environment need not have one."""
    found: list[Rendered] = []
    for env in envs:
        try:
            found += render(env)
        except NotFound:
            continue
        except RenderError as error:
            faults.render_top(error)
            return []
    return found


def merged(tops: Sequence[Any]) -> Top:
    """All top files as one: what a later one gives a target of an environment replaces what an earlier one gave it.

    `TopError` for a file that gives nothing which can be read.
    """
    found: Top = {}
    for top in tops:
        if not isinstance(top, Mapping):
            raise TopError("It does not render to a dictionary.", top)
        for env, targets in top.items():
            if not isinstance(targets, Mapping):
                raise TopError(f"The environment '{env}' holds no dictionary of targets.", top, env)
            for target, items in targets.items():
                if not isinstance(items, list | str):
                    why = f"The target '{target}' of the environment '{env}' names no list of SLS files."
                    raise TopError(why, top, env, target)
                found.setdefault(str(env), {})[target] = items
    return found


def place_of(tops: Sequence[Rendered], saltenv: str, sls: str) -> str:
    """Where top files of the right form name an SLS file; empty where they do not."""
    for top in tops:
        for target, items in (top.data.get(saltenv) or {}).items():
            if sls in listed(items):
                at = (listed(items).index(sls),) if isinstance(items, list) else ()
                return str(top.place(saltenv, target, *at))
    return ""


def given(top: Top, options: PillarOptions, matches: Matcher) -> Iterator[Given]:
    """What a minion is given, environment by environment; names may be globs."""
    envs = [options.pillarenv] if options.pillarenv else in_order(list(top), options.env_order)
    for env in envs:
        yield from given_by({env: top.get(env, {})}, matches, elsewhere=False)
