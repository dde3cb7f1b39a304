"""Returns, loads and events as objects of a store that speaks S3.

Objects are `<prefix>/jobs/<jid>/load.json`, `<prefix>/jobs/<jid>/<minion>.json` and
`<prefix>/events/<day>/<digest>.json`; of one that is sent again the first stays.

Options: `returner.s3.endpoint` (a URL), `returner.s3.bucket`, `returner.s3.access_key`, `returner.s3.secret_key`,
`returner.s3.session_token`, `returner.s3.region` (us-east-1), `returner.s3.prefix` (salt), `returner.s3.verify_ssl`
(True). The bucket is part of the path, as every store of this kind takes it.
"""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, instance_of, to_json
from saltern.plugin_api.object_store import ObjectStore
from saltern.plugin_api.returner_options import require, returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "s3"

_DEFAULTS = {
    "endpoint": "",
    "bucket": "",
    "access_key": "",
    "secret_key": "",
    "session_token": "",
    "region": "us-east-1",
    "prefix": "salt",
    "verify_ssl": True,
}
_LOAD = "load.json"


def __virtual__() -> bool:
    return True


class _Objects:
    """A `plugin_api.job_cache.JobCache` over a bucket."""

    def __init__(self, store: ObjectStore, prefix: str) -> None:
        self._store = store
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        for ret in rets:
            if self._store.get(f"{self._prefix}jobs/{ret['jid']}/{_name(ret['id'])}.json") is not None:
                continue
            self._put(f"jobs/{ret['jid']}/{_name(ret['id'])}.json", ret)
            self._put(f"functions/{_name(function_text(ret))}/{_name(ret['id'])}.json", ret)

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        if not self.load(jid):
            self._put(f"jobs/{jid}/{_LOAD}", load)

    def add_events(self, events: Sequence[Mapping[str, Any]], master: str) -> None:
        for event in events:
            text = to_json({"tag": event.get("tag", ""), "data": event.get("data", {}), "master_id": master})
            day = str(event.get("data", {}).get("_stamp", ""))[:10] or f"{datetime.now(UTC):%Y-%m-%d}"
            self._store.put(f"{self._prefix}events/{day}/{sha256(text.encode()).hexdigest()}.json", text.encode())

    def load(self, jid: str) -> dict[str, Any]:
        data = self._store.get(f"{self._prefix}jobs/{jid}/{_LOAD}")
        return dict(json.loads(data)) if data else {}

    def returns(self, jid: str) -> dict[str, Any]:
        return self._below(f"jobs/{jid}/")

    def last_of(self, fun: str) -> dict[str, Any]:
        return self._below(f"functions/{_name(fun)}/")

    def instances(self) -> dict[str, dict[str, Any]]:
        keys = [key for key in self._store.keys(f"{self._prefix}jobs/") if key.endswith(f"/{_LOAD}")]
        jids = [key.split("/")[-2] for key in keys]
        return {jid: instance_of(jid, self.load(jid)) for jid in sorted(jids)}

    def minions(self) -> list[str]:
        return sorted({ret["id"] for ret in self._below("functions/").values()})

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        """A bucket has rules for the life of its objects of its own."""

    def _below(self, prefix: str) -> dict[str, Any]:
        found = {}
        for key in self._store.keys(f"{self._prefix}{prefix}"):
            data = None if key.endswith(f"/{_LOAD}") else self._store.get(key)
            if data:
                ret = json.loads(data)
                found[str(ret["id"])] = ret
        return found

    def _put(self, key: str, value: Mapping[str, Any]) -> None:
        self._store.put(f"{self._prefix}{key}", to_json(value).encode())


def _name(text: str) -> str:
    return quote(str(text), safe="")


@contextlib.contextmanager
def _opened(ret: Mapping[str, Any] | None) -> Iterator[_Objects]:
    options = returner_options("returner.s3", _DEFAULTS, ret, __salt__, __opts__)
    require("s3", options, ("endpoint", "bucket"), "returner.s3")
    store = ObjectStore(
        endpoint=str(options["endpoint"]),
        bucket=str(options["bucket"]),
        access_key=str(options["access_key"]),
        secret_key=str(options["secret_key"]),
        session_token=str(options["session_token"]),
        region=str(options["region"]),
        verify=bool(options["verify_ssl"]),
    )
    yield _Objects(store, str(options["prefix"]))


globals().update(job_cache_functions(__name__, _opened, lambda: __opts__, events=True))
