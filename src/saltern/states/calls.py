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
from saltern.states.requisites import INTERNAL, REQUISITES
from saltern.states.results import Result, checked, failed, hidden, not_run
from saltern.states.retry import repeated, retry_of
from saltern.states.workers import Beside

Done = Callable[[Chunk, Result], None]


class SpaceCalls:
    """A `run.Calls` over the state and execution functions of a space."""

    def __init__(self, space: PluginSpace, lowstate: Sequence[Chunk], done: Done) -> None:
        self._space = space
        self._states = space.table("states")
        self._modules = space.table("modules")
        self._lowstate = lowstate
        self._initialised: set[str] = set()
        self.done = done

    def call(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        self._space.set_option("test", test)
        try:
            skip = reason_to_skip(chunk, self._modules)
            if skip:
                return {**not_run(chunk["name"], skip), "skip_watch": True}
            chunk = slots.filled(chunk, self._modules)
            result = self._tried(chunk, results, test=test)
        except Exception:  # a fault in the arguments of the state itself, such as an unknown slot
            result = failed(chunk["name"], f"An exception occurred in this state: {traceback.format_exc()}")
        return hidden(result) if chunk.get("no_log") else result

    def start(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Beside:
        return Beside(lambda: self.call(chunk, results, test=test), chunk["name"])

    def watch(self, chunk: Chunk, results: Mapping[str, Result], watched: Mapping[str, list[Any]]) -> Result | None:
        key = f"{chunk['state']}.mod_watch"
        if key not in self._states:
            return None
        keywords = {"sfun": chunk["fun"], "__reqs__": dict(watched)}
        return self._invoked(self._states[key], {**chunk, "fun": "mod_watch"}, results, keywords)

    def _tried(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        retry = retry_of(chunk.get("retry"))
        if retry is None:
            return self._once(chunk, results, test=test)
        if test:
            result = self._once(chunk, results, test=test)
            note = "If we weren't testing, this would be retried."
            return {**result, "comment": f"{result['comment']}\n{note}".strip()}
        return repeated(lambda: self._once(chunk, results, test=test), retry)

    def _once(self, chunk: Chunk, results: Mapping[str, Result], *, test: bool) -> Result:
        key = f"{chunk['state']}.{chunk['fun']}"
        if key not in self._states:
            reason = self._states.why_missing(key)
            return failed(chunk["name"], f"State '{key}' was not found in SLS '{chunk['__sls__']}'\nReason: {reason}\n")
        self._initialise(chunk)
        result = self._invoked(self._states[key], chunk, results, {})
        if "check_cmd" in chunk and not test and "check_cmd" not in _parameters(self._states[key]):
            good = checks_hold(chunk, self._modules)
            told = f"check_cmd determined the state {'succeeded' if good else 'failed'}"
            result = {**result, "result": good, "comment": told}
        return result

    def _initialise(self, chunk: Chunk) -> None:
        """`mod_init` runs once for each state module, before its first state."""
        key = f"{chunk['state']}.mod_init"
        if chunk["state"] not in self._initialised and key in self._states and self._states[key](chunk):
            self._initialised.add(chunk["state"])

    def _invoked(
        self, function: Callable[..., Any], chunk: Chunk, results: Mapping[str, Result], more: dict[str, Any]
    ) -> Result:
        keywords, missing, surplus = _arguments(function, {**chunk, **more})
        if missing:
            told = "".join(f"Missing parameter {name} for state {chunk['state']}.{chunk['fun']}\n" for name in missing)
            return failed(chunk["name"], told)
        names = {"__low__": chunk, "__running__": results, "__lowstate__": self._lowstate, "__env__": chunk["__env__"],
                 "__instance_id__": str(id(self))}  # fmt: skip
        try:
            with self._space.injected_into(function, **names):
                result = checked(function(**keywords), chunk)
        except Exception:  # a plugin's fault is its own: boundary of the call
            return failed(chunk["name"], f"An exception occurred in this state: {traceback.format_exc()}")
        if surplus:
            result["warnings"] = [*result.get("warnings", ()), _surplus_text(surplus, chunk)]
        return result


def _arguments(function: Callable[..., Any], chunk: Mapping[str, Any]) -> tuple[dict[str, Any], list[str], list[str]]:
    """The keywords of a call, those that it lacks, and those that it cannot take."""
    parameters = inspect.signature(function).parameters
    takes_all = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    named = [one for one in parameters.values() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    keywords = {one.name: chunk[one.name] for one in named if one.name in chunk}
    missing = [one.name for one in named if one.default is one.empty and one.name not in chunk]
    kept_back = REQUISITES | INTERNAL | {"state", "fun"}
    about = ("__id__", "__sls__", "__env__", "sfun", "__reqs__")
    passed_on = {key: value for key, value in chunk.items() if key not in kept_back or key in about}
    others = {key: value for key, value in passed_on.items() if key not in keywords}
    if takes_all:
        return {**keywords, **others}, missing, []
    surplus = [key for key in others if not key.startswith("__") and key not in ("name", "sfun")]
    return keywords, missing, surplus


def _parameters(function: Callable[..., Any]) -> Mapping[str, Any]:
    return inspect.signature(function).parameters


def _surplus_text(surplus: Sequence[str], chunk: Chunk) -> str:
    names = [f"'{name}'" for name in surplus]
    one = len(names) == 1
    named = names[0] if one else f"{', '.join(names[:-1])} and {names[-1]}"
    what = "is an invalid keyword argument" if one else "are invalid keyword arguments"
    return (
        f"{named} {what} for '{chunk['state']}.{chunk['fun']}'. If you were trying to pass additional data to be used"
        " in a template context, please populate 'context' with 'key: value' pairs."
    )
