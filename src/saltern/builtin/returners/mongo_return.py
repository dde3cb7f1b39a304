"""Jobs, returns and events as documents of MongoDB, in the collections `jobs`, `saltReturns` and `events`.

Dots and dollar signs in keys, which mean something to MongoDB, are written `%2e` and `%24`. `full_ret` is the whole
return. Unique indexes keep the first return of a job and minion and the first load of a job.

Options: `mongo.uri`, or `mongo.host` (salt), `mongo.port` (27017), `mongo.user`, `mongo.password`; `mongo.db` (salt),
`mongo.indexes` (True).
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts, ReturnRefusedError
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, instance_of, to_json
from saltern.plugin_api.kept_connections import kept_connection
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "mongo"

_DEFAULTS = {
    "uri": "",
    "host": "salt",
    "port": 27017,
    "user": "",
    "password": "",
    "db": "salt",
    "indexes": True,
}
_MILLISECONDS = 10_000
_DUPLICATE = 11000


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("pymongo") is None:
        return False, "The returner mongo needs the library pymongo (pip install 'saltern[mongo]')."
    return True


class _Collections:
    """A `plugin_api.job_cache.JobCache` over one database."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        now = datetime.now(UTC)
        documents = [
            {
                "jid": str(ret["jid"]), "minion": str(ret["id"]), "fun": function_text(ret), "time": now,
                "return": _written(ret.get("return")), "full_ret": _written(ret),
            }
            for ret in rets
        ]  # fmt: skip
        self._insert("saltReturns", documents)

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        self._insert("jobs", [{"jid": jid, "time": datetime.now(UTC), "load": _written(load)}])

    def add_events(self, events: Sequence[Mapping[str, Any]], master: str) -> None:
        documents = []
        for event in events:
            tag, data = str(event.get("tag", "")), event.get("data", {})
            # Made from what it is: one that is sent again is the same document.
            key = sha256(f"{master}\0{tag}\0{to_json(data)}".encode()).hexdigest()
            documents.append(
                {"_id": key, "tag": tag, "data": _written(data), "master_id": master, "time": datetime.now(UTC)}
            )
        self._insert("events", documents)

    def load(self, jid: str) -> dict[str, Any]:
        found = self._database["jobs"].find_one({"jid": jid})
        return dict(_read(found["load"])) if found else {}

    def returns(self, jid: str) -> dict[str, Any]:
        return {each["minion"]: _read(each["full_ret"]) for each in self._database["saltReturns"].find({"jid": jid})}

    def last_of(self, fun: str) -> dict[str, Any]:
        found = self._database["saltReturns"].find({"fun": fun}).sort("jid", 1)
        return {each["minion"]: _read(each["full_ret"]) for each in found}

    def instances(self) -> dict[str, dict[str, Any]]:
        found = self._database["jobs"].find({}).sort("jid", 1)
        return {each["jid"]: instance_of(each["jid"], _read(each["load"])) for each in found}

    def minions(self) -> list[str]:
        return sorted(self._database["saltReturns"].distinct("minion"))

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        if keep_seconds:
            for name in ("jobs", "saltReturns", "events"):
                self._database[name].delete_many({"time": {"$lt": now - timedelta(seconds=keep_seconds)}})

    def _insert(self, collection: str, documents: list[dict[str, Any]]) -> None:
        from pymongo.errors import BulkWriteError, DocumentTooLarge

        if not documents:
            return
        try:
            self._database[collection].insert_many(documents, ordered=False)
        except DocumentTooLarge as error:
            raise ReturnRefusedError(f"MongoDB does not take a document of this size: {error}") from error
        except BulkWriteError as error:
            others = [each for each in (error.details or {}).get("writeErrors", []) if each["code"] != _DUPLICATE]
            if others:
                raise CommandExecutionError(f"MongoDB does not take a document: {others[0]['errmsg']}") from error


def _written(value: Any) -> Any:
    """A value as documents can hold it: plain, and with keys that mean nothing to the database."""
    return _renamed(json.loads(to_json(value)), ((".", "%2e"), ("$", "%24")))


def _read(value: Any) -> Any:
    return _renamed(value, (("%2e", "."), ("%24", "$")))


def _renamed(value: Any, changes: tuple[tuple[str, str], ...]) -> Any:
    if isinstance(value, list):
        return [_renamed(each, changes) for each in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, each in value.items():
        name = key
        for old, new in changes:
            name = name.replace(old, new)
        found[name] = _renamed(each, changes)
    return found


@contextlib.contextmanager
def _opened(ret: Mapping[str, Any] | None) -> Iterator[_Collections]:
    from pymongo.errors import PyMongoError

    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    try:
        with kept_connection(__context__, __virtualname__, options, lambda: _client(options)) as client:
            yield _Collections(client[str(options["db"])])
    except PyMongoError as error:
        raise CommandExecutionError(f"The returner mongo cannot use its server: {error}") from error


def _client(options: Mapping[str, Any]) -> Any:
    from pymongo import MongoClient

    settings: dict[str, Any] = {"serverSelectionTimeoutMS": _MILLISECONDS, "socketTimeoutMS": 2 * _MILLISECONDS}
    if options["uri"]:
        settings["host"] = str(options["uri"])
    else:
        settings |= {"host": str(options["host"]), "port": int(options["port"])}
        if options["user"]:
            settings |= {"username": str(options["user"]), "password": str(options["password"])}
    client: Any = MongoClient(**settings)
    if options["indexes"]:
        database = client[str(options["db"])]
        database["saltReturns"].create_index([("jid", 1), ("minion", 1)], unique=True)
        database["saltReturns"].create_index("fun")
        database["jobs"].create_index("jid", unique=True)
        database["events"].create_index("tag")
    return client


globals().update(job_cache_functions(__name__, _opened, lambda: __opts__, events=True))
