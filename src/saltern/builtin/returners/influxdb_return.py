"""Returns, loads and events as points of InfluxDB, by its line protocol.

A point of `returns` has the tags `fun` and `id` (and `jid`, as Salt's has) and the fields `return`, `full_ret`,
`retcode`, `success`, and for states their numbers: `states`, `failed`, `changed`, and `duration` in milliseconds. Its
time is made from the jid, so that one that is sent again is the same point; the first stays.

Options: `influxdb.host`, `influxdb.port` (8086), `influxdb.db` (salt), `influxdb.user`, `influxdb.password`,
`influxdb.ssl` (False), `influxdb.verify_ssl` (True); for version 2 and later `influxdb.token`, `influxdb.org` and
`influxdb.bucket`.
"""

from __future__ import annotations

import contextlib
import json
from urllib.parse import urlencode

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.http_delivery import Service, from_json
from saltern.plugin_api.job_cache import job_cache_functions
from saltern.plugin_api.job_loads import function_text, instance_of, jid_nanoseconds, to_json
from saltern.plugin_api.return_text import is_highstate, states_of, succeeded
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "influxdb"

_DEFAULTS = {
    "host": "localhost",
    "port": 8086,
    "db": "salt",
    "user": "",
    "password": "",
    "ssl": False,
    "verify_ssl": True,
    "token": "",
    "org": "",
    "bucket": "",
}


def __virtual__() -> bool:
    return True


class _Points:
    """A `plugin_api.job_cache.JobCache` over one database."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        token = {"Authorization": f"Token {options['token']}"} if options["token"] else {}
        login = None if token else (str(options["user"]), str(options["password"]))
        self._service = Service("InfluxDB", login=login, headers=token, verify=bool(options["verify_ssl"]))

    def add_returns(self, rets: Sequence[Mapping[str, Any]]) -> None:
        fresh = [ret for ret in _first_of_each(rets) if not self._has(str(ret["jid"]), str(ret["id"]))]
        self._write(
            _line(
                "returns",
                {"fun": function_text(ret), "id": ret["id"], "jid": ret["jid"]},
                {"return": to_json(ret.get("return")), "full_ret": to_json(ret), **_numbers(ret)},
                jid_nanoseconds(str(ret["jid"])),
            )
            for ret in fresh
        )

    def save_load(self, jid: str, load: Mapping[str, Any]) -> None:
        if self.load(jid):
            return
        self._write([_line("jids", {"jid": jid}, {"load": to_json(load)}, jid_nanoseconds(jid))])

    def add_events(self, events: Sequence[Mapping[str, Any]], master: str) -> None:
        self._write(
            _line(
                "events",
                {"tag": event.get("tag", ""), "master_id": master},
                {"data": to_json(event.get("data", {}))},
                jid_nanoseconds("".join(filter(str.isdigit, str(event.get("data", {}).get("_stamp", ""))))),
            )
            for event in events
        )

    def load(self, jid: str) -> dict[str, Any]:
        found = self._select("load", "jids", f"jid = {_quoted(jid)}")
        return dict(json.loads(found[0]["load"])) if found else {}

    def returns(self, jid: str) -> dict[str, Any]:
        found = self._select("id, full_ret", "returns", f"jid = {_quoted(jid)}")
        return {row["id"]: json.loads(row["full_ret"]) for row in found}

    def last_of(self, fun: str) -> dict[str, Any]:
        found = self._select("id, full_ret", "returns", f"fun = {_quoted(fun)}")
        return {row["id"]: json.loads(row["full_ret"]) for row in found}

    def instances(self) -> dict[str, dict[str, Any]]:
        found = self._select("jid, load", "jids")
        return {row["jid"]: instance_of(row["jid"], json.loads(row["load"])) for row in found}

    def minions(self) -> list[str]:
        return sorted({row["id"] for row in self._select("id, retcode", "returns")})

    def expire(self, keep_seconds: float, now: datetime, *, archive: bool = False) -> None:
        """A database of InfluxDB has a retention policy of its own."""

    def _has(self, jid: str, minion: str) -> bool:
        return bool(self._select("retcode", "returns", f"jid = {_quoted(jid)} AND id = {_quoted(minion)}"))

    def _write(self, lines: Any) -> None:
        body = "\n".join(lines).encode()
        if not body:  # all of it is there already, and a request without points is refused
            return
        if self._options["token"]:
            where = {"org": self._options["org"], "bucket": self._options["bucket"] or self._options["db"]}
            path = f"/api/v2/write?{urlencode({**where, 'precision': 'ns'})}"
        else:
            path = f"/write?{urlencode({'db': self._options['db'], 'precision': 'ns'})}"
        self._service.send(self._server() + path, body, "text/plain; charset=utf-8")

    def _select(self, fields: str, measurement: str, condition: str = "") -> list[dict[str, Any]]:
        """Rows, the oldest first, by the query language of version 1, which later ones answer too."""
        where = f" WHERE {condition}" if condition else ""
        question = f"SELECT {fields} FROM {measurement}{where} ORDER BY time"
        path = f"/query?{urlencode({'db': self._options['db'], 'q': question})}"
        answer = from_json(self._service.send(self._server() + path, b"", "text/plain", "GET"))
        series = [one for result in answer["results"] for one in result.get("series", [])]
        return [dict(zip(one["columns"], row, strict=True)) for one in series for row in one["values"]]

    def _server(self) -> str:
        scheme = "https" if self._options["ssl"] else "http"
        return f"{scheme}://{self._options['host']}:{int(self._options['port'])}"


def _first_of_each(rets: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of several returns of one job and minion the first."""
    return list({(ret["jid"], ret["id"]): ret for ret in reversed(rets)}.values())[::-1]


def _numbers(ret: Mapping[str, Any]) -> dict[str, Any]:
    retcode, value = ret.get("retcode"), ret.get("return")
    found: dict[str, Any] = {
        "success": succeeded(ret),
        "retcode": retcode if isinstance(retcode, int) and not isinstance(retcode, bool) else 0,
    }
    if is_highstate(value):
        durations = [state.get("duration") for state in value.values()]
        found |= {
            "states": len(value),
            "failed": len(states_of(value, failed=True)),
            "changed": len(states_of(value, changed=True)),
            "duration": float(sum(each for each in durations if isinstance(each, int | float))),
        }
    return found


def _line(measurement: str, tags: Mapping[str, Any], fields: Mapping[str, Any], moment: int) -> str:
    named = "".join(f",{name}={_tag(str(value))}" for name, value in sorted(tags.items()) if str(value))
    valued = ",".join(f"{name}={_field(value)}" for name, value in fields.items())
    return f"{measurement}{named} {valued} {moment}" if moment else f"{measurement}{named} {valued}"


def _tag(text: str) -> str:
    for sign in ("\\", ",", "=", " "):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _field(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value}i"
    if isinstance(value, float):
        return repr(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@contextlib.contextmanager
def _opened(ret: Mapping[str, Any] | None) -> Iterator[_Points]:
    yield _Points(returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__))


globals().update(job_cache_functions(__name__, _opened, lambda: __opts__, events=True))
