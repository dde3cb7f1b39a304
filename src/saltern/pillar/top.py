"""Top files of pillar: which SLS files they give a minion (behaviours PIL-02 and PIL-05)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from saltern.errors import NotFound, RenderError
from saltern.pillar.faults import Faults
from saltern.pillar.options import PillarOptions
from saltern.targeting.top_file import Given, Matcher, given_by

Top = dict[str, dict[Any, Any]]
"""By environment and target what is given."""


class TopError(Exception):
    """A top file has not the form of one; the text says why."""


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


def read_tops(envs: Sequence[str], render: Callable[[str], Any], faults: Faults) -> list[Any]:
    """What the top files of environments render to; an environment need not have one."""
    found = []
    for env in envs:
        try:
            found.append(render(env))
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
            raise TopError("It does not render to a dictionary.")
        for env, targets in top.items():
            if not isinstance(targets, Mapping):
                raise TopError(f"The environment '{env}' holds no dictionary of targets.")
            for target, items in targets.items():
                if not isinstance(items, list | str):
                    raise TopError(f"The target '{target}' of the environment '{env}' names no list of SLS files.")
                found.setdefault(str(env), {})[target] = items
    return found


def given(top: Top, options: PillarOptions, matches: Matcher) -> Iterator[Given]:
    """What a minion is given, environment by environment; names may be globs."""
    envs = [options.pillarenv] if options.pillarenv else in_order(list(top), options.env_order)
    for env in envs:
        yield from given_by({env: top.get(env, {})}, matches, elsewhere=False)
