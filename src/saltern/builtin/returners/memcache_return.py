"""Jobs and returns under keys of memcached.

`<jid>` has the load, `<jid>:<minion>` and `<fun>:<minion>` a return, all JSON; `minions` and `jids` are lists joined by
commas. Memcached forgets what it has no room for: it is a cache, and no record.

Options: `memcache.host` (localhost), `memcache.port` (11211).
"""

from __future__ import annotations

import contextlib
import importlib.util
import json

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts, ReturnRefusedError
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, instance_of, to_json
from saltern.plugin_api.kept_connections import kept_connection
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "memcache"

_DEFAULTS = {"host": "localhost", "port": 11211}
_SECONDS = 10.0
_MONTH = 2_592_000
"""A longer time memcached would take for a date."""


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("pymemcache") is None:
        return False, "The returner memcache needs the library pymemcache (pip install 'saltern[memcache]')."
    return True


class _Keys:
    """A `plugin_api.job_cache.JobCache` over a client; `seconds` is how long keys last, 0: for ever."""

    def __init__(self, client: Any, seconds: int) -> None:
        self._client = client
        self._seconds = min(seconds, _MONTH)

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        for ret in rets:
            text = to_json(ret)
            self._client.add(f"{ret['jid']}:{ret['id']}", text, expire=self._seconds, noreply=False)
            self._client.set(f"{function_text(ret)}:{ret['id']}", text, expire=self._seconds, noreply=False)
        self._list("minions", [str(ret["id"]) for ret in rets])

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        self._client.add(jid, to_json(load), expire=self._seconds, noreply=False)
        self._list("jids", [jid])

    def load(self, jid: str) -> dict[str, Any]:
        text = self._client.get(jid)
        return json.loads(text) if text else {}

    def returns(self, jid: str) -> dict[str, Any]:
        return self._returns({minion: f"{jid}:{minion}" for minion in self.minions()})

    def last_of(self, fun: str) -> dict[str, Any]:
        return self._returns({minion: f"{fun}:{minion}" for minion in self.minions()})

    def instances(self) -> dict[str, dict[str, Any]]:
        loads = {jid: self.load(jid) for jid in sorted(self._names("jids"))}
        return {jid: instance_of(jid, load) for jid, load in loads.items() if load}

    def minions(self) -> list[str]:
        return sorted(self._names("minions"))

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        """Keys end by themselves; the list of jobs forgets those that have."""
        known = self._names("jids")
        left = [jid for jid in known if self._client.get(jid)]
        if len(left) < len(known):
            self._client.set("jids", ",".join(left), noreply=False)

    def _returns(self, keys: Mapping[str, str]) -> dict[str, Any]:
        found = self._client.get_many(list(keys.values()))
        return {minion: json.loads(found[key]) for minion, key in keys.items() if key in found}

    def _names(self, key: str) -> list[str]:
        text = self._client.get(key)
        return [name for name in text.decode().split(",") if name] if text else []

    def _list(self, key: str, names: Sequence[str]) -> None:
        """Put names on a list that others write to as well."""
        while True:
            text, token = self._client.gets(key)
            known = text.decode().split(",") if text else []
            wanted = list(dict.fromkeys([*filter(None, known), *names]))
            if wanted == known:
                return
            value = ",".join(wanted)
            written = (
                self._client.add(key, value, noreply=False)
                if token is None
                else self._client.cas(key, value, token, noreply=False)
            )
            if written:
                return


@contextlib.contextmanager
def _opened(ret: Mapping[str, Any] | None) -> Iterator[_Keys]:
    from pymemcache.exceptions import MemcacheError, MemcacheIllegalInputError, MemcacheServerError

    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    try:
        with kept_connection(__context__, __virtualname__, options, lambda: _client(options)) as client:
            yield _Keys(client, int(__opts__.get("keep_jobs_seconds", 86_400)))
    except MemcacheIllegalInputError as error:
        raise ReturnRefusedError(f"memcached cannot have such a key: {error}") from error
    except MemcacheServerError as error:
        kind = ReturnRefusedError if "too large" in str(error) else CommandExecutionError
        raise kind(f"memcached does not take it: {error}") from error
    except (MemcacheError, OSError) as error:
        raise CommandExecutionError(f"The returner memcache cannot use its server: {error}") from error


def _client(options: Mapping[str, Any]) -> Any:
    from pymemcache.client.base import Client

    return Client(
        (str(options["host"]), int(options["port"])), connect_timeout=_SECONDS, timeout=_SECONDS, encoding="utf-8"
    )


globals().update(job_cache_functions(__name__, _opened, lambda: __opts__))
