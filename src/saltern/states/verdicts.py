"""What the requisites of a chunk say to its run (behaviours REQ-01 to REQ-04)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from saltern.states.chunks import Chunk
from saltern.states.results import changed

ONCHANGES_NOT_MET = "State was not run because none of the onchanges reqs changed"
ONFAIL_NOT_MET = "State was not run because onfail req did not change"


class Verdict(NamedTuple):
    """Whether a chunk may run. `failed` are the places of the requisites that failed, `skip` says why it need not run,
    `watched` are the words and places of the watched states that changed."""

    failed: tuple[int, ...] = ()
    skip: str = ""
    watched: tuple[tuple[str, int], ...] = ()


def judge(links: Mapping[str, Sequence[int]], results: Mapping[int, Mapping[str, Any]]) -> Verdict:
    """The verdict from the results of the requisites, which have all run. `prereq` is not looked at here."""
    failures: list[int] = []
    for word in ("require", "watch", "onchanges"):
        failures += [place for place in links.get(word, ()) if _is_bad(results[place])]
    for word in ("require_any", "watch_any"):
        places = links.get(word, ())
        if places and all(_is_bad(results[place]) for place in places):
            failures += places
    either = links.get("onchanges_any", ())
    if not any(changed(results[place]) and not _is_bad(results[place]) for place in either):
        failures += [place for place in either if _is_bad(results[place])]
    if failures:
        return Verdict(failed=_all_failed(links, results))
    skip = _why_not(links, results)
    watched = tuple(
        (word, place)
        for word in ("watch", "watch_any")
        for place in links.get(word, ())
        if changed(results[place]) and not _is_bad(results[place])
    )
    return Verdict(skip=skip, watched=watched)


def _all_failed(links: Mapping[str, Sequence[int]], results: Mapping[int, Mapping[str, Any]]) -> tuple[int, ...]:
    """All requisites that failed. As in Salt those are named too that were not what kept the state from running."""
    named = (place for word, places in links.items() if word not in ("listen", "use") for place in places)
    return tuple(dict.fromkeys(place for place in named if _is_bad(results.get(place, {}))))


def _why_not(links: Mapping[str, Sequence[int]], results: Mapping[int, Mapping[str, Any]]) -> str:
    for word in ("onfail", "onfail_any"):
        places = links.get(word, ())
        if places and not any(_answers_to(results[place]) for place in places):
            return ONFAIL_NOT_MET
    if not all(_answers_to(results[place]) for place in links.get("onfail_all", ())):
        return ONFAIL_NOT_MET
    onchanges = [*links.get("onchanges", ()), *links.get("onchanges_any", ())]
    if onchanges and not any(changed(results[place]) for place in onchanges):
        return ONCHANGES_NOT_MET
    return ""


def _answers_to(result: Mapping[str, Any]) -> bool:
    """Whether a result is one for `onfail`: in test mode also that something would change."""
    return result.get("result") is not True


def _is_bad(result: Mapping[str, Any]) -> bool:
    return result.get("result") is False


def failure_text(chunks: Sequence[Chunk], places: Sequence[int]) -> str:
    names = dict.fromkeys(f"{chunks[place]['__sls__']}.{chunks[place]['__id__']}" for place in places)
    return "One or more requisite failed: " + ", ".join(names)
