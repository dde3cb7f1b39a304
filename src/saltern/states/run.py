"""Running chunks in their order (behaviours STA-03, REQ-01 to REQ-09). What a chunk does is behind `Calls`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from saltern.states.chunks import Chunk, tag_of
from saltern.states.graph import Links, arranged, before
from saltern.states.results import Result, changed, failed, not_run
from saltern.states.verdicts import Verdict, failure_text, judge


class Handle(Protocol):
    """A chunk that runs in a process of its own."""

    def result(self) -> Result:
        """Wait for its end."""


class Calls(Protocol):
    """The functions behind chunks. Nothing that a state function does is raised: it becomes a result."""

    def call(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        """Run the state function, its conditions (`unless`, ...) and retries included."""

    def watch(self, chunk: Chunk, results: Mapping[str, Result], watched: Mapping[str, list[Any]]) -> Result | None:
        """Run what the module does when something that is watched has changed; None when it has nothing for that."""

    def start(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Handle:
        """Run it beside the others."""

    def done(self, chunk: Chunk, result: Result) -> None:
        """A result is there: events, reloads."""


class RunOptions(NamedTuple):
    """`stopped` is asked before each chunk for the reason to stop, an empty text to go on."""

    test: bool = False
    failhard: bool = False
    stopped: Callable[[Chunk], str] = lambda _: ""


class Run:
    """One run over chunks in high data's order; `results` by tag, in the order in which they came."""

    def __init__(self, chunks: Sequence[Chunk], links: Links, calls: Calls, options: RunOptions) -> None:
        self._chunks = chunks
        self._links = links
        self._calls = calls
        self._options = options
        self._by_place: dict[int, Result] = {}
        self._beside: dict[int, tuple[Handle, datetime, float]] = {}
        self._needs = before(links)
        self.results: dict[str, Result] = {}

    def run(self) -> dict[str, Result]:
        order, _ = arranged(self._needs)
        for place in order:
            if self._options.stopped(self._chunks[place]):
                break
            self._wait_for(self._needs[place])
            self._one(place)
            if self._must_stop(place):
                return self.results
        self._wait_for(list(self._beside))
        self._listen()
        return self.results

    def _one(self, place: int) -> None:
        chunk = self._chunks[place]
        began, clock = datetime.now().astimezone(), time.perf_counter()
        verdict = self._judged(place)
        if verdict.failed:
            result = not_run(chunk["name"], failure_text(self._chunks, verdict.failed), result=False)
        elif verdict.skip:
            result = not_run(chunk["name"], verdict.skip)
        elif chunk.get("parallel") is True:
            self._beside[place] = (self._calls.start(chunk, self.results, test=self._options.test), began, clock)
            return
        else:
            result = self._called(chunk, verdict)
        self._take(place, result, began, clock)

    def _judged(self, place: int) -> Verdict:
        """Before a state that is to run before another one if that would change something, that one is tried."""
        links = self._links[place]
        verdict = judge(links, self._by_place)
        prerequired = [one for one, other in enumerate(self._links) if place in other.get("prereq", ())]
        broken = [one for one in prerequired if self._by_place.get(one, {}).get("result") is False]
        if verdict.failed or broken:
            return verdict._replace(failed=(*verdict.failed, *broken))
        if "prereq" in links and not verdict.skip:
            tried = [self._calls.call(self._chunks[one], self.results, test=True) for one in links["prereq"]]
            if any(one.get("result") is False for one in tried):
                bad = [one for one, result in zip(links["prereq"], tried, strict=True) if result["result"] is False]
                return Verdict(failed=tuple(bad))
            if not any(changed(one) or one.get("result") is None for one in tried):
                return verdict._replace(skip="No changes detected")
        return verdict

    def _called(self, chunk: Chunk, verdict: Verdict) -> Result:
        result = self._calls.call(chunk, self.results, test=self._options.test)
        if not verdict.watched or result.get("skip_watch") or result["result"] is False or changed(result):
            return result
        watched: dict[str, list[Any]] = {}
        for word, place in verdict.watched:
            other = self._chunks[place]
            watched.setdefault(word, []).append({other["state"]: other["name"]})
        answer = self._calls.watch(chunk, self.results, watched)
        return result if answer is None else answer

    def _take(self, place: int, result: Result, began: datetime, clock: float) -> None:
        chunk = self._chunks[place]
        result = self._finished(chunk, result, began, clock)
        self._by_place[place] = result
        self.results[tag_of(chunk)] = result
        self._calls.done(chunk, result)

    def _finished(self, chunk: Chunk, result: Result, began: datetime, clock: float) -> Result:
        return {
            **result,
            "__sls__": chunk["__sls__"],
            "__run_num__": len(self.results),
            "__id__": chunk["__id__"],
            "start_time": began.strftime("%H:%M:%S.%f"),
            "duration": round((time.perf_counter() - clock) * 1000, 3),
        }

    def _wait_for(self, places: Sequence[int] | set[int]) -> None:
        for place in sorted(places):
            if place in self._beside:
                handle, began, clock = self._beside.pop(place)
                self._take(place, {**handle.result(), "__parallel__": True}, began, clock)

    def _must_stop(self, place: int) -> bool:
        """Whether this failure ends the run: `failhard`, which test mode does not obey."""
        result = self._by_place.get(place)
        if result is None or result["result"] is not False or self._options.test:
            return False
        hard = self._chunks[place].get("failhard")
        return bool(self._options.failhard if hard is None else hard)

    # --- listen -------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """At the end, once for each state that listens to one that changed."""
        for place, links in enumerate(self._links):
            changes = [one for one in links.get("listen", ()) if changed(self._by_place.get(one, {}))]
            if changes:
                self._listened(self._chunks[place], changes)

    def _listened(self, chunk: Chunk, changes: Sequence[int]) -> None:
        began, clock = datetime.now().astimezone(), time.perf_counter()
        reqs = {"listen": [{self._chunks[one]["state"]: self._chunks[one]["name"]} for one in changes]}
        listener = {**chunk, "__id__": f"listener_{chunk['__id__']}"}
        result = self._calls.watch(listener, self.results, reqs)
        if result is None:
            result = failed(
                chunk["name"], f"State '{chunk['state']}.mod_watch' was not found in SLS '{chunk['__sls__']}'"
            )
        tag = tag_of({**listener, "fun": "mod_watch"})
        self.results[tag] = self._finished(listener, result, began, clock)
        self._calls.done(listener, self.results[tag])
