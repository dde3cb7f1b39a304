"""State functions of a plugin space as the calls of a run: the boundary to plugins."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from saltern.plugins.space import PluginSpace
from saltern.states import slots
from saltern.states.chunks import Chunk
from saltern.states.conditions import checks_hold, reason_to_skip
from saltern.states.requisites import INTERNAL, ORDERING, REQUISITES
from saltern.states.results import Result, checked, failed, hidden, not_found
from saltern.states.retry import repeated, retry_of, tried_only
from saltern.states.workers import Alongside, Beside

Done = Callable[[Chunk, Result], None]


_NOT_HERE = "Failed to meet global state conditions. State not called."


class SpaceCalls:
    """A `run.Calls` over the state and execution functions of a space."""

    def __init__(self, space: PluginSpace, lowstate: Sequence[Chunk], done: Done, *, mock: bool = False) -> None:
        self._space = space
        self._mock = mock
        self._states = space.table("states")
        self._modules = space.table("modules")
        self._lowstate = lowstate
        self._initialised: set[str] = set()
        self._known_parameters: dict[Callable[..., Any], Mapping[str, inspect.Parameter]] = {}
        self.done = done

    def skipped(self, chunk: Chunk) -> Result | None:
        try:
            skip = "" if self._checks_itself(chunk) else reason_to_skip(chunk, self._modules)
        except Exception:  # a fault in the conditions, such as one that is no text: boundary to a plugin
            return failed(chunk["name"], f"An exception occurred in this state: {traceback.format_exc()}")
        if skip:
            told = {"name": chunk["name"], "result": True, "changes": {}, "comment": skip, "skip_watch": True}
            told = self._checked(chunk, told)
            return hidden(told) if chunk.get("no_log") else told
        if not self._is_wanted_here(chunk):
            return {"name": chunk["name"], "result": None, "changes": {}, "comment": _NOT_HERE}
        return None

    def _is_wanted_here(self, chunk: Chunk) -> bool:
        """Whether this minion matches one of the targets that `global_state_conditions` has for the state's module."""
        conditions = self._space.scope.opts.get("global_state_conditions")
        if not isinstance(conditions, Mapping):
            return True
        wanted = [one for kind in ("*", chunk["state"]) for one in _listed(conditions.get(kind))]
        matcher = self._space.service("__target_matcher__")
        return not wanted or any(matcher.matches(str(one), "compound") for one in wanted)

    def call(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        self._space.set_option("test", test)
        skipped = self.skipped(chunk)
        return self.run(chunk, results, test=test) if skipped is None else skipped

    def run(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        """As `call`, for a chunk whose conditions have been looked at."""
        self._space.set_option("test", test)
        try:
            if self._mock:
                return {"name": chunk["name"], "comment": "Not called, mocked", "changes": {}, "result": True}
            chunk = slots.filled(self._aggregated(chunk, results), self._modules)
            result = self._tried(chunk, results, test=test)
        except Exception:  # a fault in the arguments of the state itself, such as an unknown slot
            result = failed(chunk["name"], f"An exception occurred in this state: {traceback.format_exc()}")
        return hidden(result) if chunk.get("no_log") else result

    def start(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Beside | Alongside:
        if self._space.scope.forks:
            return Beside(lambda: self.run(chunk, results, test=test), chunk["name"])
        return Alongside(lambda: self._called_elsewhere(chunk, dict(results), test=test), chunk["name"])

    def _called_elsewhere(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        """The call in a space of its own, for a space serves one call at a time."""
        with self._space.sibling() as space:
            return SpaceCalls(space, self._lowstate, self.done, mock=self._mock).run(chunk, results, test=test)

    def watch(self, chunk: Chunk, results: Mapping[str, Result], watched: Mapping[str, list[Any]]) -> Result | None:
        key = f"{chunk['state']}.mod_watch"
        if key not in self._states:
            return None
        keywords = {"sfun": chunk["fun"], "__reqs__": dict(watched)}
        return self._invoked(self._states[key], {**chunk, "fun": "mod_watch"}, results, keywords)

    def listen(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        self._space.set_option("test", test)  # what was called before may have been a trial
        found = self.watch(chunk, results, {})
        return self._not_there({**chunk, "fun": "mod_watch"}) if found is None else found

    def beacon(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        return self.run({**chunk, "fun": "mod_beacon", "sfun": chunk["fun"]}, results, test=test)

    def _tried(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        if "retry" not in chunk:
            return self._once(chunk, results)
        retry = retry_of(chunk["retry"])
        if test:
            return tried_only(self._once(chunk, results), retry)
        return repeated(lambda: self._once(chunk, results), retry)

    def _once(self, chunk: Chunk, results: Mapping[str, Result]) -> Result:
        key = f"{chunk['state']}.{chunk['fun']}"
        if key not in self._states:
            return self._not_there(chunk)
        self._initialise(chunk)
        return self._checked(chunk, self._invoked(self._states[key], chunk, results, {}))

    def _checked(self, chunk: Chunk, result: Result) -> Result:
        """The result as `check_cmd` decides it, for a state that need not run as well."""
        if "check_cmd" not in chunk:
            return result
        function = self._states.get(f"{chunk['state']}.{chunk['fun']}")
        if function is None or "check_cmd" in self._parameters(function):
            return result
        good = checks_hold(chunk, self._modules)
        told = f"check_cmd determined the state {'succeeded' if good else 'failed'}"
        return {**result, "result": good, "comment": told}

    def _checks_itself(self, chunk: Chunk) -> bool:
        """Whether the state's module looks at `onlyif`, `unless` and `creates` itself, which `mod_run_check` tells."""
        return f"{chunk['state']}.mod_run_check" in self._states

    def _not_there(self, chunk: Chunk) -> Result:
        key = f"{chunk['state']}.{chunk['fun']}"
        reason = self._states.why_missing(key)
        return not_found(chunk["name"], f"State '{key}' was not found in SLS '{chunk['__sls__']}'\nReason: {reason}\n")

    def _aggregated(self, chunk: Chunk, results: Mapping[str, Result]) -> Chunk:
        """The chunk with what later ones can give it, as its module does it (`mod_aggregate`), where that is wished."""
        key = f"{chunk['state']}.mod_aggregate"
        if key not in self._states or not self._aggregates(chunk) or any(word in chunk for word in ORDERING):
            return chunk
        others = [one for one in self._lowstate if self._aggregates(one) and not any(word in one for word in ORDERING)]
        aggregated: Chunk = self._states[key](dict(chunk), others, results)
        return aggregated

    def _aggregates(self, chunk: Chunk) -> bool:
        wished = chunk.get("aggregate", self._space.scope.opts.get("state_aggregate") or False)
        return wished is True or (isinstance(wished, list) and chunk["state"] in wished)

    def _initialise(self, chunk: Chunk) -> None:
        """`mod_init` runs once for each state module, before its first state."""
        key = f"{chunk['state']}.mod_init"
        if chunk["state"] not in self._initialised and key in self._states and self._states[key](chunk):
            self._initialised.add(chunk["state"])

    def _invoked(
        self, function: Callable[..., Any], chunk: Chunk, results: Mapping[str, Result], more: dict[str, Any]
    ) -> Result:
        keywords, missing, surplus = _arguments(self._parameters(function), {**chunk, **more})
        if missing:
            told = "".join(f"Missing parameter {name} for state {chunk['state']}.{chunk['fun']}\n" for name in missing)
            return not_found(chunk["name"], told)
        # A state may call another one by `__states__`, which looks for its files in the same environment.
        saltenv = chunk.get("saltenv") or chunk["__env__"]
        self._space.set_name("states", "__env__", saltenv)
        names = {"__low__": chunk, "__running__": results, "__lowstate__": self._lowstate, "__env__": saltenv,
                 "__instance_id__": str(id(self))}  # fmt: skip
        try:
            with self._space.injected_into(function, **names):
                result = checked(function(**keywords), chunk)
        except Exception:  # a plugin's fault is its own: boundary of the call
            return failed(chunk["name"], f"An exception occurred in this state: {traceback.format_exc()}")
        if surplus:
            result["warnings"] = [*result.get("warnings", ()), _surplus_text(surplus, chunk)]
        return result

    def _parameters(self, function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
        """What a function takes; finding that out takes a tenth of the time of a state that does nothing."""
        found = self._known_parameters.get(function)
        if found is None:
            found = self._known_parameters[function] = inspect.signature(function).parameters
        return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _arguments(
    parameters: Mapping[str, inspect.Parameter], chunk: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str], list[str]]:
    """The keywords of a call, those that it lacks, and those that it cannot take."""
    takes_all = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    named = [one for one in parameters.values() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    keywords = {one.name: chunk[one.name] for one in named if one.name in chunk}
    missing = [one.name for one in named if one.default is one.empty and one.name not in chunk]
    passed_on = {key: value for key, value in chunk.items() if key not in _KEPT_BACK}
    others = {key: value for key, value in passed_on.items() if key not in keywords}
    if takes_all:
        return {**keywords, **others}, missing, []
    surplus = [key for key in others if not key.startswith("__") and key not in ("name", "sfun")]
    return keywords, missing, surplus


_KEPT_BACK = (REQUISITES | INTERNAL | {"state", "fun"}) - {"sfun", "__reqs__"}


def _surplus_text(surplus: Sequence[str], chunk: Chunk) -> str:
    names = [f"'{name}'" for name in surplus]
    one = len(names) == 1
    named = names[0] if one else f"{', '.join(names[:-1])} and {names[-1]}"
    what = "is an invalid keyword argument" if one else "are invalid keyword arguments"
    return (
        f"{named} {what} for '{chunk['state']}.{chunk['fun']}'. If you were trying to pass additional data to be used"
        " in a template context, please populate 'context' with 'key: value' pairs."
    )
