"""Top files: which SLS files concern this minion, by environment (behaviours STA-11, TGT-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.targeting.top_file import Matcher, given_in, listed, meant

Matches = dict[str, list[str]]
"""SLS names by environment, in the order in which they were named."""


class TopOptions(NamedTuple):
    """The options of that name without `top_file_`; `saltenv` is the one environment that counts, if there is one."""

    merging_strategy: str = "merge"
    default_top: str = "base"
    env_order: tuple[str, ...] = ()
    saltenv: str | None = None
    state_top_saltenv: str | None = None


def joined_top(saltenv: str, parts: Sequence[Any]) -> Any:
    """A top file with those that it includes. As in Salt what they say of targets counts in `base` alone."""
    first, *more = parts
    if not isinstance(first, Mapping):
        return first
    found = dict(first)
    for part in more:
        for env, targets in part.items() if isinstance(part, Mapping) else ():
            known = found.get(env)
            if saltenv == "base" and isinstance(known, Mapping) and isinstance(targets, Mapping):
                found[env] = {**known, **targets}
            else:
                found.setdefault(env, targets)
    return found


def merged_tops(tops: Mapping[str, Any], options: TopOptions) -> tuple[Mapping[str, Any], list[str]]:
    """One top from the top files of all environments (environment to its rendered data); and what is wrong."""
    errors = [f"The top file of the environment {env} does not hold a dictionary" for env, top in tops.items()
              if not isinstance(top, Mapping)]  # fmt: skip
    good = {env: top for env, top in tops.items() if isinstance(top, Mapping)}
    if options.saltenv:
        chosen = good.get(options.saltenv, {})
        return {options.saltenv: chosen[options.saltenv]} if options.saltenv in chosen else {}, errors
    if options.state_top_saltenv:
        good = {env: top for env, top in good.items() if env == options.state_top_saltenv}
    order = [env for env in options.env_order if env in good] if options.env_order else list(good)
    if options.merging_strategy != "merge_all":
        order += sorted(env for env in good if env not in order)
    return _STRATEGIES.get(options.merging_strategy, _merge)(good, order, options.default_top), errors


def _merge(tops: Mapping[str, Any], order: Iterable[str], _: str) -> dict[str, Any]:
    """The top of `base` counts for every environment that it names, that of another environment only for its own."""
    found: dict[str, Any] = {}
    if "base" in tops:
        found.update(tops["base"])
    for env in order:
        if env != "base" and env in tops[env] and env not in found:
            found[env] = tops[env][env]
    return found


def _same(tops: Mapping[str, Any], order: Iterable[str], default: str) -> dict[str, Any]:
    """Each environment has its own top; one without has the section of the default one's."""
    found = {env: tops[env][env] for env in order if env in tops[env]}
    for env, section in tops.get(default, {}).items():
        if env not in tops:
            found.setdefault(env, section)
    return found


def _merge_all(tops: Mapping[str, Any], order: Iterable[str], _: str) -> dict[str, Any]:
    """What all tops say of an environment is joined."""
    found: dict[str, dict[Any, Any]] = {}
    for env in order:
        for section, targets in tops[env].items():
            known = found.setdefault(section, {})
            for target, items in (targets or {}).items():
                known[target] = [*known.get(target, ()), *listed(items)]
    return found


_STRATEGIES = {"merge": _merge, "same": _same, "merge_all": _merge_all}


def malformed(top: Mapping[str, Any]) -> list[str]:
    """The targets that give no list of SLS names."""
    return [
        f"Malformed topfile: state declarations for matcher '{target}' in saltenv '{env}' are not formed as a list"
        f" (got {'OrderedDict' if isinstance(items, Mapping) else type(items).__name__})"
        for env, targets in top.items()
        for target, items in (targets.items() if isinstance(targets, Mapping) else ())
        if items is not None and not isinstance(items, list)
    ]


def matches_of(top: Mapping[str, Any], matches: Matcher) -> Matches:
    """The SLS names of all targets that mean this minion; none for an environment whose targets give none."""
    found: Matches = {}
    for env, items in meant(top, matches):
        found.setdefault(env, [])
        for given in given_in(env, items):
            found.setdefault(given.saltenv, []).append(given.sls)
    return found
