"""A plugin with Salt's returner functions as the target of an export.

The body of an item is a map: `call` names what is to be done, `load` is what it is done with, `value` the value of a
return (which may lie in the item's file instead).

============== ===================================================== ==================================================
call           load                                                  functions of the plugin
============== ===================================================== ==================================================
`save_load`    `jid`, `load`, `minions`                              `prep_jid`, `save_load`
`returner`     the return without `return`                           `returner_many` where there is one, else `returner`
`event_return` `tag`, `data`                                         `event_return`, once for all that follow each other
============== ===================================================== ==================================================

Some more functions are Saltern's. `returner_many(rets)` stores several returns, all or none, and none that is there
already. `store_many(loads, rets)` does so with loads (each a map as above) and returns of any jobs: a batch is then one
transaction, where else each job has two. `clean_some_old_jobs()` is `clean_old_jobs` for a short time, and true when
there is more to do: deliveries go between two of its calls.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from saltern.export.contract import Delivered, Item, Tidied
from saltern.plugin_api.errors import ReturnRefusedError, StoreUnwellError

log = logging.getLogger(__name__)

JOB_CACHE_FUNCTIONS = ("prep_jid", "save_load", "returner", "get_load")
"""What a master job cache needs at least (behaviours RET-06, MJC-12)."""

Call = Callable[..., Any]


class ReturnerCalls:
    """The functions of the returner `name` in a table of all returners. One call at a time."""

    def __init__(self, returners: Mapping[str, Call], name: str, *, end_times: Callable[[], str] | None = None) -> None:
        self._returners = returners
        self._name = name
        self._end_times = end_times

    def lacking(self, functions: Sequence[str]) -> str:
        """Why the plugin cannot do what is wanted of it; an empty text when it can."""
        missing = []
        for function in functions:
            try:
                self._function(function)
            except KeyError as error:
                missing.append((function, error))
        if not missing:
            return ""
        if len(missing) == len(functions):
            reason = str(missing[0][1])
            return reason if "__virtual__" in reason else f"there is no returner '{self._name}'"
        return f"the returner '{self._name}' has no function {', '.join(function for function, _ in missing)}"

    def deliver(self, items: Sequence[Item]) -> Delivered:
        """In this order, until one fails."""
        forms, unreadable = _forms_of(items)
        together = self._end_times is None and all(form["call"] in ("save_load", "returner") for form in forms)
        many = self._optional("store_many") if together else None
        done = self._in_runs(forms) if many is None else self._in_halves(many, forms)
        return done if done.error else Delivered(count=done.count, error=unreadable, refused=bool(unreadable))

    def tidy(self) -> Tidied:
        """Let the plugin drop what is too old, if it can (behaviour MJC-09)."""
        some, everything = self._optional("clean_some_old_jobs"), self._optional("clean_old_jobs")
        try:
            if some is not None:
                return Tidied(more=some())
            if everything is not None:
                everything()
            return Tidied()
        except Exception as error:  # the boundary to a plugin
            log.debug("clean_old_jobs failed", exc_info=True)
            return Tidied(error=_said(error))

    def _in_runs(self, forms: Sequence[dict[str, Any]]) -> Delivered:
        """What follows each other and is alike goes together, where the plugin can take several."""
        count = 0
        for call, run in itertools.groupby(forms, key=lambda form: form["call"]):
            done = _DOINGS[call](self, list(run))
            count += done.count
            if done.error:
                return msgspec.structs.replace(done, count=count)
        return Delivered(count=count)

    def _in_halves(self, many: Call, forms: Sequence[dict[str, Any]]) -> Delivered:
        """All at once; when that fails the first alone, which tells a store that is away from an item that is refused,
        and then each half of the others, until it is found."""
        if len(forms) > 1 and self._stored(many, forms):
            return Delivered(count=len(forms))
        first = self._in_runs(forms[:1])
        if first.error or len(forms) < 2:
            return first
        count, half = 1, (len(forms) + 1) // 2
        for part in (forms[1:half], forms[half:]):
            done = self._in_halves(many, part)
            count += done.count
            if done.error:
                return msgspec.structs.replace(done, count=count)
        return Delivered(count=count)

    def _stored(self, many: Call, forms: Sequence[Mapping[str, Any]]) -> bool:
        loads = [form["load"] for form in forms if form["call"] == "save_load"]
        rets = [_return_of(form) for form in forms if form["call"] == "returner"]
        try:
            many(loads, rets)
        except Exception:  # one of them alone will say why
            log.debug("%s.store_many failed", self._name, exc_info=True)
            return False
        return True

    def _save_loads(self, forms: list[dict[str, Any]]) -> Delivered:
        return _one_by_one(forms, self._save_load)

    def _save_load(self, form: Mapping[str, Any]) -> None:
        load = form["load"]
        self._function("prep_jid")(nocache=False, passed_jid=load["jid"])
        self._function("save_load")(load["jid"], load["load"], minions=load["minions"])

    def _return_all(self, forms: list[dict[str, Any]]) -> Delivered:
        many = self._optional("returner_many") if len(forms) > 1 and self._end_times is None else None
        if many is not None:
            try:
                many([_return_of(form) for form in forms])
            except Exception:  # one by one it shows which of them it is
                log.debug("%s.returner_many failed", self._name, exc_info=True)
            else:
                return Delivered(count=len(forms))
        return _one_by_one(forms, self._return)

    def _return(self, form: Mapping[str, Any]) -> None:
        ret = _return_of(form)
        self._function("returner")(ret)
        if self._end_times is not None and (update := self._optional("update_endtime")):
            update(ret["jid"], self._end_times())

    def _events(self, forms: list[dict[str, Any]]) -> Delivered:
        """All in one call, as Salt's queue of events does it."""
        done = _one_by_one([{"load": [form["load"] for form in forms]}], self._event_return)
        return msgspec.structs.replace(done, count=len(forms) if done.count else 0)

    def _event_return(self, form: Mapping[str, Any]) -> None:
        self._function("event_return")(form["load"])

    def _function(self, function: str) -> Call:
        return self._returners[f"{self._name}.{function}"]

    def _optional(self, function: str) -> Call | None:
        try:
            return self._function(function)
        except KeyError:
            return None


_DOINGS: dict[str, Callable[[ReturnerCalls, list[dict[str, Any]]], Delivered]] = {
    "save_load": ReturnerCalls._save_loads,
    "returner": ReturnerCalls._return_all,
    "event_return": ReturnerCalls._events,
}


def _one_by_one(forms: list[dict[str, Any]], do: Callable[[Mapping[str, Any]], None]) -> Delivered:
    for count, form in enumerate(forms):
        try:
            do(form)
        except Exception as error:  # the boundary to a plugin: what it raises is what it says
            log.debug("a returner failed", exc_info=True)
            refused, unwell = isinstance(error, ReturnRefusedError), isinstance(error, StoreUnwellError)
            return Delivered(count=count, error=_said(error), refused=refused, unwell=unwell)
    return Delivered(count=len(forms))


def _said(error: Exception) -> str:
    """An error as a line: its class says something where it is not one of ours."""
    text = " ".join(str(error).split())
    return text if type(error).__module__.startswith("saltern.") else f"{type(error).__name__}: {text}"


def _forms_of(items: Sequence[Item]) -> tuple[list[dict[str, Any]], str]:
    """What the items say, up to the first that cannot be read; why not. A value may have expired meanwhile."""
    forms = []
    for item in items:
        try:
            forms.append(_form_of(item))
        except (OSError, msgspec.DecodeError, TypeError) as error:
            return forms, f"its value cannot be read: {error}"
    return forms, ""


def _form_of(item: Item) -> dict[str, Any]:
    form: dict[str, Any] = msgspec.msgpack.decode(item.body)
    if item.path:
        form["value"] = msgspec.msgpack.decode(Path(item.path).read_bytes())
    return form


def _return_of(form: Mapping[str, Any]) -> dict[str, Any]:
    return {**form["load"], "return": form.get("value")}
