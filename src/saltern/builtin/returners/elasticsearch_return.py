"""Returns, loads and events as documents of Elasticsearch or OpenSearch.

A document has the same fields whatever the function gave back: the value is a text of JSON that is kept and not taken
apart, so that no function's return can be refused for the sake of another's, and the number of fields stays what it is.
Documents have ids made from job and minion: of one that is sent again the first stays.

Options: `elasticsearch.hosts` (a URL, or host and port; a list has the first that answers), `elasticsearch.user`,
`elasticsearch.password`, `elasticsearch.verify_certs` (True), `elasticsearch.index` (`salt`: the indexes are
`salt-returns`, `salt-jobs` and `salt-events`), `elasticsearch.index_date` (False: an index for each day),
`elasticsearch.number_of_shards` (1), `elasticsearch.number_of_replicas` (0), `elasticsearch.functions_blacklist`.
"""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts, ReturnRefusedError
from saltern.plugin_api.http_delivery import Service, UnreachableError, from_json
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, instance_of, to_json
from saltern.plugin_api.return_text import is_highstate, states_of, succeeded
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "elasticsearch"

_DEFAULTS = {
    "hosts": "localhost:9200",
    "user": "",
    "password": "",
    "verify_certs": True,
    "index": "salt",
    "index_date": False,
    "number_of_shards": 1,
    "number_of_replicas": 0,
    "functions_blacklist": [],
}
_KEYWORD: dict[str, Any] = {"type": "keyword", "ignore_above": 1024}
_KEPT: dict[str, Any] = {"type": "keyword", "index": False, "doc_values": False}
_FIELDS: dict[str, dict[str, Any]] = {
    "returns": {
        "@timestamp": {"type": "date"}, "jid": _KEYWORD, "minion": _KEYWORD, "fun": _KEYWORD,
        "success": {"type": "boolean"}, "retcode": {"type": "long"}, "states": {"type": "integer"},
        "failed": {"type": "integer"}, "changed": {"type": "integer"}, "size": {"type": "long"}, "full_ret": _KEPT,
    },
    "jobs": {"@timestamp": {"type": "date"}, "jid": _KEYWORD, "fun": _KEYWORD, "user": _KEYWORD, "load": _KEPT},
    "events": {"@timestamp": {"type": "date"}, "tag": _KEYWORD, "master": _KEYWORD, "data": _KEPT},
}  # fmt: skip
_MOST = 10_000
_CONFLICT = 409
"""The status of a document that is there already: it stays as it is."""


def __virtual__() -> bool:
    return True


class _Indexes:
    """A `plugin_api.job_cache.JobCache` over the three indexes."""

    def __init__(self, options: Mapping[str, Any], made: set[str]) -> None:
        self._options = options
        self._made = made
        self._service = Service(
            "Elasticsearch",
            login=(str(options["user"]), str(options["password"])),
            verify=bool(options["verify_certs"]),
        )

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        shut = self._options["functions_blacklist"]
        chosen = [ret for ret in rets if function_text(ret) not in shut]
        self._write("returns", [(f"{ret['jid']}:{ret['id']}", _envelope(ret)) for ret in chosen])

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        fun, user = function_text({"fun": load.get("fun", "")}), str(load.get("user", ""))
        document = {"@timestamp": _now(), "jid": jid, "fun": fun, "user": user, "load": to_json(load)}
        self._write("jobs", [(jid, document)])

    def add_events(self, events: Sequence[Mapping[str, Any]], master: str) -> None:
        documents = []
        for event in events:
            tag, data = str(event.get("tag", "")), to_json(event.get("data", {}))
            key = sha256(f"{master}\0{tag}\0{data}".encode()).hexdigest()
            documents.append((key, {"@timestamp": _now(), "tag": tag, "master": master, "data": data}))
        self._write("events", documents)

    def load(self, jid: str) -> dict[str, Any]:
        found = self._search("jobs", {"term": {"jid": jid}})
        return dict(json.loads(found[0]["load"])) if found else {}

    def returns(self, jid: str) -> dict[str, Any]:
        return {
            each["minion"]: json.loads(each["full_ret"]) for each in self._search("returns", {"term": {"jid": jid}})
        }

    def last_of(self, fun: str) -> dict[str, Any]:
        found = self._search("returns", {"term": {"fun": fun}})
        return {each["minion"]: json.loads(each["full_ret"]) for each in found}

    def instances(self) -> dict[str, dict[str, Any]]:
        found = self._search("jobs", {"match_all": {}})
        return {each["jid"]: instance_of(each["jid"], json.loads(each["load"])) for each in found}

    def minions(self) -> list[str]:
        return sorted({each["minion"] for each in self._search("returns", {"match_all": {}})})

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        if not keep_seconds:
            return
        query = {"query": {"range": {"@timestamp": {"lt": f"now-{int(keep_seconds)}s"}}}}
        for kind in _FIELDS:
            self._ask("POST", f"/{self._all(kind)}/_delete_by_query?conflicts=proceed&ignore_unavailable=true", query)

    def _write(self, kind: str, documents: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        if not documents:
            return
        index = self._index(kind)
        lines = []
        for key, document in documents:
            lines += [json.dumps({"create": {"_index": index, "_id": key}}), json.dumps(document)]
        answer = self._bulk("\n".join([*lines, ""]).encode())
        for item in answer.get("items", []) if answer.get("errors") else []:
            result = item["create"]
            if "error" in result and result.get("status") != _CONFLICT:
                kind_of = ReturnRefusedError if result.get("status") == 400 else CommandExecutionError
                raise kind_of(f"Elasticsearch does not take {result.get('_id')}: {result['error'].get('reason')}")

    def _index(self, kind: str) -> str:
        day = f"-{datetime.now(UTC):%Y.%m.%d}" if self._options["index_date"] else ""
        name = f"{self._options['index']}-{kind}{day}"
        if name not in self._made:
            self._make(name, kind)
            self._made.add(name)
        return name

    def _make(self, name: str, kind: str) -> None:
        settings = {key: self._options[key] for key in ("number_of_shards", "number_of_replicas")}
        wanted = {"settings": settings, "mappings": {"dynamic": False, "properties": _FIELDS[kind]}}
        try:
            self._ask("PUT", f"/{quote(name)}", wanted)
        except ReturnRefusedError as error:
            if "resource_already_exists" not in str(error):
                raise

    def _all(self, kind: str) -> str:
        return quote(f"{self._options['index']}-{kind}*", safe="*")

    def _search(self, kind: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Documents, the newest job last."""
        self._ask("POST", f"/{self._all(kind)}/_refresh?ignore_unavailable=true", {})
        asked = {"query": query, "size": _MOST, "sort": [{"@timestamp" if kind == "events" else "jid": "asc"}]}
        answer = self._ask("POST", f"/{self._all(kind)}/_search?ignore_unavailable=true", asked)
        return [hit["_source"] for hit in answer["hits"]["hits"]]

    def _bulk(self, body: bytes) -> dict[str, Any]:
        return dict(from_json(self._send("/_bulk", body, "application/x-ndjson", "POST")))

    def _ask(self, method: str, path: str, value: Any) -> Any:
        return from_json(self._send(path, json.dumps(value).encode(), "application/json", method))

    def _send(self, path: str, body: bytes, content_type: str, method: str) -> bytes:
        """Ask the first host that answers."""
        hosts = self._options["hosts"]
        names = [str(name) for name in (hosts if isinstance(hosts, list) else [hosts])]
        for place, name in enumerate(names, start=1):
            server = (name if "://" in name else f"http://{name}").rstrip("/")
            try:
                return self._service.send(f"{server}{path}", body, content_type, method)
            except UnreachableError:
                if place == len(names):
                    raise
        raise CommandExecutionError("The returner elasticsearch has no hosts: set elasticsearch.hosts.")


def _envelope(ret: Mapping[str, Any]) -> dict[str, Any]:
    """The fixed fields of a return."""
    value, full = ret.get("return"), to_json(ret)
    states: dict[str, Any] = value if is_highstate(value) else {}
    retcode = ret.get("retcode")
    return {
        "@timestamp": _now(),
        "jid": str(ret["jid"]),
        "minion": str(ret["id"]),
        "fun": function_text(ret),
        "success": succeeded(ret),
        "retcode": retcode if isinstance(retcode, int) and not isinstance(retcode, bool) else 0,
        "states": len(states),
        "failed": len(states_of(states, failed=True)),
        "changed": len(states_of(states, changed=True)),
        "size": len(full),
        "full_ret": full,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@contextlib.contextmanager
def _opened(ret: Mapping[str, Any] | None) -> Iterator[_Indexes]:
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    yield _Indexes(options, __context__.setdefault("elasticsearch.indexes", set()))


globals().update(job_cache_functions(__name__, _opened, lambda: __opts__, events=True))
