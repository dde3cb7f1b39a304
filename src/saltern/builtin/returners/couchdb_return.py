"""Jobs and returns as documents of CouchDB.

Documents are `load:<jid>` and `return:<jid>:<minion>`; of one that is sent again the first stays. The value of a return
is kept as it is, and `full_ret` holds the whole of it.

Options: `couchdb.url` (http://salt:5984/), `couchdb.db` (salt), `couchdb.user`, `couchdb.passwd`, `couchdb.verify_ssl`
(True).
"""

from __future__ import annotations

import contextlib
import json
from urllib.parse import quote, urlencode

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts
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
__context__: Context

__virtualname__ = "couchdb"

_DEFAULTS = {"url": "http://salt:5984/", "db": "salt", "user": "", "passwd": "", "verify_ssl": True}
_LAST = "\ufff0"
"""Sorts behind everything that an id may hold."""


def __virtual__() -> bool:
    return True


class _Documents:
    """A `plugin_api.job_cache.JobCache` over one database."""

    def __init__(self, options: Mapping[str, Any], made: set[str]) -> None:
        login = (str(options["user"]), str(options["passwd"]))
        self._service = Service("CouchDB", login=login, verify=bool(options["verify_ssl"]))
        self._url = f"{str(options['url']).rstrip('/')}/{quote(str(options['db']), safe='')}"
        if self._url not in made:
            self._make()
            made.add(self._url)

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        self._write(
            {
                "_id": f"return:{ret['jid']}:{ret['id']}", "type": "return", "jid": str(ret["jid"]), "id": ret["id"],
                "fun": function_text(ret), "success": bool(ret.get("success")), "full_ret": json.loads(to_json(ret)),
            }
            for ret in rets
        )  # fmt: skip

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        self._write([{"_id": f"load:{jid}", "type": "load", "jid": jid, "load": json.loads(to_json(load))}])

    def load(self, jid: str) -> dict[str, Any]:
        found = [each for each in self._between(f"load:{jid}") if each["jid"] == jid]
        return dict(found[0]["load"]) if found else {}

    def returns(self, jid: str) -> dict[str, Any]:
        return {each["id"]: each["full_ret"] for each in self._between(f"return:{jid}:")}

    def last_of(self, fun: str) -> dict[str, Any]:
        return {each["id"]: each["full_ret"] for each in self._between("return:") if each["fun"] == fun}

    def instances(self) -> dict[str, dict[str, Any]]:
        return {each["jid"]: instance_of(each["jid"], each["load"]) for each in self._between("load:")}

    def minions(self) -> list[str]:
        return sorted({each["id"] for each in self._between("return:")})

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        """Documents stay: dropping them is the database's compaction and replication policy to decide."""

    def _make(self) -> None:
        try:
            self._service.send(self._url, b"", "application/json", "PUT")
        except CommandExecutionError as error:
            if "answers 412" not in str(error):  # it is there
                raise

    def _write(self, documents: Any) -> None:
        answer = self._service.send_json(f"{self._url}/_bulk_docs", {"docs": list(documents)})
        for result in answer:
            if result.get("error") not in (None, "conflict"):
                raise CommandExecutionError(f"CouchDB does not take {result.get('id')}: {result.get('reason')}")

    def _between(self, prefix: str) -> list[dict[str, Any]]:
        """The documents whose ids begin like this, in their order."""
        bounds = {"startkey": json.dumps(prefix), "endkey": json.dumps(prefix + _LAST), "include_docs": "true"}
        answer = self._service.send(f"{self._url}/_all_docs?{urlencode(bounds)}", b"", "application/json", "GET")
        return [row["doc"] for row in json.loads(answer)["rows"]]


@contextlib.contextmanager
def _opened(ret: Mapping[str, Any] | None) -> Iterator[_Documents]:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    yield _Documents(options, __context__.setdefault("couchdb.databases", set()))


globals().update(job_cache_functions(__name__, _opened, lambda: __opts__))
