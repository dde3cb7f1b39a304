"""Running chunks in their order (behaviours STA-03, REQ-01 to REQ-09). What a chunk does is behind `Calls`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from saltern.states.chunks import Chunk, tag_of
from saltern.states.graph import Links, Lookup
from saltern.states.plan import Plan
from saltern.states.requisites import references
from saltern.states.results import ATTEMPTS, NOWHERE, WITHIN, Result, changed, failed, not_run
from saltern.states.verdicts import Verdict, failure_text, judge

_CLOCK = "%H:%M:%S.%f"
_LOOK_AGAIN = 0.01
"""Seconds between looks whether one that runs beside the others is over."""


class Handle(Protocol):
    """A chunk that runs beside the others."""

    def is_over(self) -> bool:
        """Whether `result` gives it at once."""

    def result(self) -> Result:
        """Wait for its end."""


class Calls(Protocol):
    """The functions behind chunks. Nothing that a state function does is raised: it becomes a result."""

    def call(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        """Run the state function, its conditions (`unless`, ...) and retries included."""

    def listen(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        """Run the `mod_watch` of a state that listens, at the end of the run; a failed result where there is none."""

    def beacon(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        """Have the module make a beacon of a state (`mod_beacon`), at the end of the run."""

    def skipped(self, chunk: Chunk) -> Result | None:
        """The result of a chunk that need not run by its conditions; None for one that has to."""

    def watch(self, chunk: Chunk, results: Mapping[str, Result], watched: Mapping[str, list[Any]]) -> Result | None:
        """Run what the module does when something that is watched has changed; None when it has nothing for that."""

    def start(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Handle:
        """Run it beside the others; its conditions have been looked at."""

    def done(self, chunk: Chunk, result: Result) -> None:
        """A result is there: events, reloads."""


class RunOptions(NamedTuple):
    """`stopped` is asked before each chunk for the reason to stop, an empty text to go on.

    `most_beside` is how many chunks run beside the others at once (`parallel`); 0: no bound.
    """

    test: bool = False
    failhard: bool = False
    most_beside: int = 0
    stopped: Callable[[Chunk], str] = lambda _: ""


class Run:
    """One run over chunks in the order of `Plan.arranged`; `results` by tag, in the order in which they came."""

    def __init__(self, chunks: Sequence[Chunk], links: Links, calls: Calls, options: RunOptions) -> None:
        self._chunks = chunks
        self._links = links
        self._calls = calls
        self._options = options
        self._by_place: dict[int, Result] = {}
        self._beside: dict[int, tuple[Handle, int, datetime, float]] = {}
        self._plan = Plan(links)
        self._trials: dict[int, Result] = {}
        self._calls_made = 0
        """How many calls there were. As in Salt, each takes a number, also the answer to a change and each attempt."""
        self.results: dict[str, Result] = {}

    def run(self) -> dict[str, Result]:
        self._take_steps()
        self._wait_for(list(self._beside))
        self._listen()
        self._make_beacons()
        return self.results

    def _take_steps(self) -> None:
        """One step after the other. Those that need what runs beside them come when that is over, before the others."""
        later: list[int] = []
        for step in self._plan.as_they_stand():
            for one in [*later, step]:
                if not self._is_ready(one):
                    later += [one] if one == step else []
                elif not self._step(one):
                    return
                elif one != step:
                    later.remove(one)
        for one in later:
            self._wait_for(self._plan.needs[one])
            if not self._step(one):
                return

    def _is_ready(self, step: int) -> bool:
        """Whether all is over that a step needs."""
        if not self._beside:
            return True
        for place in self._plan.needs[step]:
            if place in self._beside and self._beside[place][0].is_over():
                self._wait_for([place])
        return all(self._plan.is_trial(one) or one in self._by_place for one in self._plan.needs[step])

    def _step(self, step: int) -> bool:
        """Take a step; whether the run goes on after it."""
        place = self._plan.place_of(step)
        if self._options.stopped(self._chunks[place]):
            return False
        if self._plan.is_trial(step):
            self._try(place)
        elif place not in self._by_place:
            self._one(place)
        return not self._must_stop(place)

    def _try(self, place: int) -> None:
        """What a state would change that others name in `prereq`. Where it cannot run at all it is over already."""
        chunk = self._chunks[place]
        began, clock = datetime.now().astimezone(), time.perf_counter()
        verdict = self._judged(place)
        if verdict.failed or verdict.skip:
            self._take(place, self._not_called(chunk, verdict), began, clock)
        else:
            self._trials[place] = self._calls.call(chunk, self.results, test=True)

    def _one(self, place: int) -> None:
        chunk = self._chunks[place]
        began, clock = datetime.now().astimezone(), time.perf_counter()
        tried = self._stopped_by_trial(place)
        if tried is not None:
            self._take(place, tried, began, clock)
            return
        verdict = self._judged(place)
        if verdict.failed or verdict.skip:
            result = self._not_called(chunk, verdict)
        elif chunk.get("parallel") and (skipped := self._calls.skipped(chunk)) is not None:
            result = skipped
        elif chunk.get("parallel"):
            self._wait_for_room()
            handle = self._calls.start(chunk, self.results, test=self._options.test)
            self._beside[place] = (handle, self._number(), began, clock)
            return
        else:
            result = self._called(chunk, verdict)
        self._take(place, result, began, clock)

    def _stopped_by_trial(self, place: int) -> Result | None:
        """The result of a trial that failed, or behind which a state that had to run before this one failed."""
        tried = self._trials.get(place)
        if tried is not None and tried["result"] is False:
            return {**tried, "__state_ran__": False}
        before = [self._by_place.get(one, {}) for one in self._plan.prerequiring.get(place, ())]
        if tried is not None and any(one.get("result") is False for one in before):
            return {**tried, "changes": {}, "__state_ran__": False}
        return None

    def _not_called(self, chunk: Chunk, verdict: Verdict) -> Result:
        if verdict.failed:
            return not_run(chunk["name"], failure_text(self._chunks, sorted(verdict.failed)), result=False)
        return not_run(chunk["name"], verdict.skip)

    def _judged(self, place: int) -> Verdict:
        """As in Salt a requisite that failed is told first, then that what is tried would change nothing."""
        links = self._links[place]
        verdict = judge(links, self._by_place)
        if verdict.failed or "prereq" not in links:
            return verdict
        tried = {one: self._trials.get(one) or self._by_place[one] for one in links["prereq"]}
        bad = tuple(one for one, result in tried.items() if result["result"] is False)
        if bad:
            return Verdict(failed=bad)
        if not any(one.get("result") is None for one in tried.values()):
            return verdict._replace(skip="No changes detected")
        return verdict

    def _called(self, chunk: Chunk, verdict: Verdict) -> Result:
        result = self._calls.call(chunk, self.results, test=self._options.test)
        if not verdict.watched or result.get("skip_watch") or changed(result):
            return result
        watched: dict[str, list[Any]] = {}
        for word, place in verdict.watched:
            other = self._chunks[place]
            watched.setdefault(word, []).append({other["state"]: other["__id__"]})
        answer = self._calls.watch(chunk, self.results, watched)
        if answer is None:
            return result
        self._number(result.get(ATTEMPTS, 1))
        return answer

    def _take(self, place: int, result: Result, began: datetime, clock: float, number: int | None = None) -> None:
        chunk = self._chunks[place]
        result = self._finished(chunk, result, began, clock, number)
        self._by_place[place] = result
        self.results[tag_of(chunk)] = result
        self._calls.done(chunk, result)
        if chunk["__sls__"] is not None:  # as in Salt `state.single` shows them in the state's own result
            for one in result.pop(WITHIN, ()):
                self._take_within(chunk, one)

    def _take_within(self, chunk: Chunk, result: Result) -> None:
        """The result of a state that this one ran itself: a row of its own, behind it."""
        self.results[tag_of(result["low"])] = {
            "changes": result["changes"],
            "result": result["result"],
            "comment": result.get("comment", ""),
            "start_time": result.get("start_time", datetime.now().astimezone().strftime(_CLOCK)),
            "duration": result.get("duration", 0.0),
            "__run_num__": self._number(),
            **{key: chunk[key] for key in ("__sls__", "__id__", "name")},
        }

    def _number(self, calls: int = 1) -> int:
        """The number of the last of so many calls that have been made now."""
        self._calls_made += calls
        return self._calls_made - 1

    def _finished(
        self, chunk: Chunk, result: Result, began: datetime, clock: float, number: int | None = None
    ) -> Result:
        attempts = result.get(ATTEMPTS, 1)
        told = {key: one for key, one in result.items() if key not in (NOWHERE, ATTEMPTS)}
        if number is None:
            number = self._number(attempts)
        if NOWHERE in result:
            return {**told, "__run_num__": number}
        return {
            **told,
            "__sls__": chunk["__sls__"],
            "__run_num__": number,
            "__id__": chunk["__id__"],
            "start_time": began.strftime(_CLOCK),
            "duration": round((time.perf_counter() - clock) * 1000, 3),
        }

    def _wait_for(self, places: Sequence[int] | set[int]) -> None:
        for place in sorted(places):
            if place in self._beside:
                handle, number, began, clock = self._beside.pop(place)
                self._take(place, {**handle.result(), "__parallel__": True}, began, clock, number)

    def _wait_for_room(self) -> None:
        """Until fewer chunks run beside the others than may."""
        while 0 < self._options.most_beside <= len(self._beside):
            over = [place for place, (handle, *_) in self._beside.items() if handle.is_over()]
            self._wait_for(over)
            if not over:
                time.sleep(_LOOK_AGAIN)

    def _must_stop(self, place: int) -> bool:
        """Whether this failure ends the run: `failhard`, which test mode does not obey."""
        result = self._by_place.get(place)
        if result is None or result["result"] is not False or self._options.test:
            return False
        hard = self._chunks[place].get("failhard")
        return bool(self._options.failhard if hard is None else hard)

    # --- listen -------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """At the end, once for each state that listens to one that changed; who listens to nothing is told."""
        lookup = Lookup(self._chunks)
        for place in self._answering(lookup):
            self._listened(self._chunks[place])
        for place, chunk in enumerate(self._chunks):
            wanted = [*references(chunk.get("listen") or ())]
            if changed(self._by_place.get(place, {})):
                wanted += references(chunk.get("listen_in") or ())
            for module, name in wanted:
                if module and not _heard(lookup, module, name):
                    self._cannot_listen(module, name)

    def _answering(self, lookup: Lookup) -> list[int]:
        """The places of those that listen to a change: where they say so themselves, or where the changed one does."""
        found: dict[int, None] = {}
        for place, chunk in enumerate(self._chunks):
            heard = (one for ref in references(chunk.get("listen") or ()) for one in _heard(lookup, *ref))
            if any(changed(self._by_place.get(one, {})) for one in heard):
                found[place] = None
            if changed(self._by_place.get(place, {})):
                for ref in references(chunk.get("listen_in") or ()):
                    found.update(dict.fromkeys(_heard(lookup, *ref)))
        return [*found]

    def _cannot_listen(self, module: str, name: Any) -> None:
        result = failed(f"listen_{module}:{name}", f"Referenced state {module}: {name} does not exist")
        self.results[f"Listen_Error_|-listen_{name}_|-listen_{module}_|-Listen_Error"] = {
            **result,
            "__run_num__": self._number(),
        }

    def _listened(self, chunk: Chunk) -> None:
        listener = {**chunk, "__id__": f"listener_{chunk['__id__']}"}
        self._follow(listener, "mod_watch", self._calls.listen)

    def _make_beacons(self) -> None:
        """Last of all, for each state that has the argument `beacon`, however that state ended (behaviour REQ-12)."""
        for chunk in self._chunks:
            if "beacon" in chunk:
                self._follow({**chunk, "__id__": f"beacon_{chunk['__id__']}"}, "mod_beacon", self._calls.beacon)

    def _follow(self, chunk: Chunk, fun: str, call: Callable[..., Result]) -> None:
        """What a module does at the end of the run for one of its states: a result beside that of the state."""
        began, clock = datetime.now().astimezone(), time.perf_counter()
        result = self._calls.skipped(chunk) or call(chunk, self.results, test=self._options.test)
        tag = tag_of({**chunk, "fun": fun})
        self.results[tag] = self._finished(chunk, result, began, clock)
        self._calls.done(chunk, self.results[tag])


def _heard(lookup: Lookup, module: str, name: Any) -> list[int]:
    """The places that `listen` means; as in Salt it does not know ids of any module."""
    return [] if module == "id" else lookup.find(module, name)
