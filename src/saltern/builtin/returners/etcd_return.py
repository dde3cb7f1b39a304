"""Jobs and returns under keys of etcd, version 3.

Below the root there are `jobs/<jid>/.load.p` with the load, `jobs/<jid>/<minion>/<field>` with each field of a return,
both JSON, `minions/<minion>` with the last jid, and `functions/<fun>/<minion>` with the last jid of a function.

Options: `etcd.host` (127.0.0.1), `etcd.port` (2379), `etcd.username`, `etcd.password`, `etcd.protocol` (http),
`etcd.verify_ssl` (True), `etcd.returner_root` (/salt/return), `etcd.ttl` (seconds that what is written is kept; 0: as
long as `keep_jobs_seconds` says).
"""

from __future__ import annotations

import contextlib
import json
from base64 import b64decode, b64encode

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.http_delivery import Service
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, instance_of, to_json
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "etcd"

_DEFAULTS = {
    "host": "127.0.0.1",
    "port": 2379,
    "username": "",
    "password": "",
    "protocol": "http",
    "verify_ssl": True,
    "returner_root": "/salt/return",
    "ttl": 0,
}
_LOAD = ".load.p"
_OPERATIONS = 100
"""How many operations a transaction of etcd may have, 128 by default, with room for what goes with a return."""


def __virtual__() -> bool:
    return True


class _Keys:
    """A `plugin_api.job_cache.JobCache` over the JSON gateway of etcd."""

    def __init__(self, options: Mapping[str, Any], seconds: int) -> None:
        self._options = options
        self._root = str(options["returner_root"]).rstrip("/")
        self._seconds = seconds
        self._url = f"{options['protocol']}://{options['host']}:{int(options['port'])}"
        self._service = Service("etcd", verify=bool(options["verify_ssl"]))
        if options["username"]:
            who = {"name": str(options["username"]), "password": str(options["password"])}
            token = self._ask("auth/authenticate", who)["token"]
            self._service = self._service._replace(headers={"Authorization": token})

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        lease = self._lease()
        for ret in rets:
            place = f"jobs/{ret['jid']}/{ret['id']}"
            pairs = [(f"{place}/{field}", to_json(value)) for field, value in ret.items()]
            pairs += [
                (f"minions/{ret['id']}", str(ret["jid"])),
                (f"functions/{function_text(ret)}/{ret['id']}", str(ret["jid"])),
            ]
            # The first return stays: it is there if its field `id` is.
            self._put_unless(f"{place}/id", pairs, lease)

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        key = f"jobs/{jid}/{_LOAD}"
        self._put_unless(key, [(key, to_json(load))], self._lease())

    def load(self, jid: str) -> dict[str, Any]:
        found = self._range(f"jobs/{jid}/{_LOAD}", exact=True)
        return dict(json.loads(next(iter(found.values())))) if found else {}

    def returns(self, jid: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, text in self._range(f"jobs/{jid}/").items():
            minion, _, field = key.partition("/")
            if field:
                found.setdefault(minion, {})[field] = json.loads(text)
        return found

    def last_of(self, fun: str) -> dict[str, Any]:
        last = self._range(f"functions/{fun}/")
        return {minion: ret for minion, jid in last.items() if (ret := self.returns(jid).get(minion)) is not None}

    def instances(self) -> dict[str, dict[str, Any]]:
        loads = {
            key.partition("/")[0]: json.loads(text)
            for key, text in self._range("jobs/").items()
            if key.endswith(f"/{_LOAD}")
        }
        return {jid: instance_of(jid, load) for jid, load in sorted(loads.items())}

    def minions(self) -> list[str]:
        return sorted(self._range("minions/"))

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        """Keys end by themselves, with their lease."""

    def _lease(self) -> str:
        """What is written under it ends with it; an empty text: nothing ends."""
        return str(self._ask("lease/grant", {"TTL": self._seconds})["ID"]) if self._seconds else ""

    def _put_unless(self, there: str, pairs: Sequence[tuple[str, str]], lease: str) -> None:
        """Write all of the pairs, unless a key is there already."""
        puts = [
            {"requestPut": {"key": self._key(key), "value": _encoded(text), **({"lease": lease} if lease else {})}}
            for key, text in pairs[:_OPERATIONS]
        ]
        absent = {"key": self._key(there), "target": "CREATE", "result": "EQUAL", "create_revision": "0"}
        self._ask("kv/txn", {"compare": [absent], "success": puts})

    def _range(self, prefix: str, *, exact: bool = False) -> dict[str, str]:
        """Keys below a prefix, without it, with their values."""
        start = f"{self._root}/{prefix}"
        asked = {"key": _encoded(start)}
        if not exact:
            asked["range_end"] = _encoded(start[:-1] + chr(ord(start[-1]) + 1))
        found = self._ask("kv/range", asked).get("kvs", [])
        return {_decoded(each["key"])[len(start) :]: _decoded(each.get("value", "")) for each in found}

    def _key(self, key: str) -> str:
        return _encoded(f"{self._root}/{key}")

    def _ask(self, call: str, value: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self._service.send_json(f"{self._url}/v3/{call}", value))


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    return b64decode(text).decode()


@contextlib.contextmanager
def _opened(ret: Mapping[str, Any] | None) -> Iterator[_Keys]:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    yield _Keys(options, int(options["ttl"] or __opts__.get("keep_jobs_seconds", 86_400)))


globals().update(job_cache_functions(__name__, _opened, lambda: __opts__))
