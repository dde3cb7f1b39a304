"""A job cache elsewhere as runners see it: `history.JobHistory` over a plugin with Salt's returner functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from saltern.model.jid import jid_to_time, time_of
from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.job_loads import instance_of

_UNKNOWN = "Cannot contact returner or no job with this jid"


class ReturnerHistory:
    """`returners` is the table of all returner functions, `name` the plugin's."""

    def __init__(self, returners: Mapping[str, Callable[..., Any]], name: str) -> None:
        self._returners = returners
        self._name = name

    def can_be_read(self) -> bool:
        return all(self._optional(function) is not None for function in ("get_load", "get_jid"))

    def load(self, jid: str) -> dict[str, Any]:
        return dict(self._function("get_load")(jid) or {})

    def instance(self, jid: str) -> dict[str, Any]:
        load = self.load(jid)
        if not load:
            return {"Error": _UNKNOWN, "StartTime": jid_to_time(jid)}
        instance = instance_of(jid, load)
        return {**instance, "Minions": sorted(load["Minions"])} if load.get("Minions") else instance

    def returns(self, jid: str) -> dict[str, dict[str, Any]]:
        found = self._function("get_jid")(jid) or {}
        return {minion: _as_return(value) for minion, value in sorted(found.items())}

    def instances(
        self,
        *,
        functions: Sequence[str] = (),
        not_functions: Sequence[str] = (),
        targets: Sequence[str] = (),
        metadata: dict[str, Any] | None = None,
        since: float | None = None,
        until: float | None = None,
        limit: int = 0,
    ) -> dict[str, dict[str, Any]]:
        chosen = {
            jid: instance
            for jid, instance in sorted(
                self._all(limit, plain=not (functions or targets or metadata or since or until))
            )
            if (not functions or _fits(instance["Function"], functions))
            and not _fits(instance["Function"], not_functions)
            and (not targets or _fits(instance["Target"], targets))
            and (metadata is None or _shares_pair(instance.get("Metadata"), metadata))
            and _is_between(jid, since, until)
        }
        return dict(list(chosen.items())[-limit:]) if limit else chosen

    def end_time(self, jid: str) -> str:
        ended = self._optional("get_endtime")
        return str((ended(jid) if ended else "") or "")

    def _all(self, limit: int, *, plain: bool) -> list[tuple[str, dict[str, Any]]]:
        """What the cache lists. Where the newest are enough and it can give them alone, only they are asked for."""
        newest = self._optional("get_jids_filter") if limit and plain else None
        if newest:
            return [(row["JID"], {k: v for k, v in row.items() if k != "JID"}) for row in newest(limit, True)]
        found = self._function("get_jids")()
        if isinstance(found, Mapping):
            return [(str(jid), dict(instance)) for jid, instance in found.items()]
        return [(str(jid), instance_of(str(jid), self.load(str(jid)))) for jid in found]

    def _function(self, function: str) -> Callable[..., Any]:
        try:
            return self._returners[f"{self._name}.{function}"]
        except KeyError as error:
            raise CommandExecutionError(
                f"The job cache '{self._name}' cannot be read: {error.args[0] if error.args else error}"
            ) from error

    def _optional(self, function: str) -> Callable[..., Any] | None:
        try:
            return self._returners[f"{self._name}.{function}"]
        except KeyError:
            return None


def _as_return(value: Any) -> dict[str, Any]:
    """Some caches keep the whole return, some only its value."""
    return dict(value) if isinstance(value, Mapping) and "return" in value else {"return": value}


def _fits(given: Any, patterns: Sequence[str]) -> bool:
    texts = [str(item) for item in given] if isinstance(given, list | tuple) else [str(given)]
    parts = [",".join(texts), *(part for text in texts for part in text.split(","))]
    return any(fnmatchcase(part, pattern) for part in parts for pattern in patterns)


def _shares_pair(have: Any, wanted: Mapping[str, Any]) -> bool:
    return isinstance(have, Mapping) and any(key in have and have[key] == value for key, value in wanted.items())


def _is_between(jid: str, since: float | None, until: float | None) -> bool:
    if since is None and until is None:
        return True
    moment = time_of(jid)
    return (since is None or moment >= since) and (until is None or moment <= until)
