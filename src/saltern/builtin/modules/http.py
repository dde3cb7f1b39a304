"""Requests to web servers."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.web_query import Reply, Request, decoded, send
from saltern.plugin_api.whole_file import write_whole

__salt__: Functions
__opts__: Opts

_KNOWN = (
    "method params data data_file header_dict header_list header_file username password auth decode decode_type status"
    " headers text cookies cookie_jar cookie_format persist_session session_cookie_jar data_render data_renderer"
    " header_render header_renderer template_dict test test_url node port opts backend requests_lib ca_bundle"
    " verify_ssl cert text_out headers_out decode_out stream streaming_callback header_callback handle agent"
    " hide_fields raise_error formdata formdata_fieldname formdata_filename decode_body request_interval timeout"
)
_BUNDLE = "https://curl.se/ca/cacert.pem"


def query(url: str, **kwargs: Any) -> dict[str, Any]:
    """Ask a web server: `body`, and what else is wanted: `status`, `headers`, `text`, and with `decode` `dict`.

    `method`, `params`, `data` (a text, or a dictionary that becomes a form, or JSON where a header says so) or
    `data_file`, `header_dict`, `header_list` or `header_file`, `username` and `password`, `cookies` with `cookie_jar`,
    `verify_ssl`, `ca_bundle`, `cert` and `timeout` (seconds) say what is asked. `data_render` and `header_render` send
    a file through the renderers with `template_dict`. `decode_type` is `json`, `xml`, `yaml`, `plain` or `auto`.
    `text_out`, `headers_out` and `decode_out` are files that get the answer. A status of 400 or more is an `error`,
    unless `raise_error` is off. With `test` only `test_url` is asked.

    CLI Example::

        saltern run '*' http.query http://example.com/
        saltern run '*' http.query http://example.com/ method=POST params='{"key1": "val1"}'
        saltern run '*' http.query http://example.com/ method=POST data='<xml>somecontent</xml>'
    """
    given = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    strange = sorted(set(given) - set(_KNOWN.split()))
    if strange:
        raise SaltInvocationError(f"http.query does not know {', '.join(strange)}")
    if given.get("test") and not given.get("test_url"):
        return {}
    return _answer(send(_request(given["test_url"] if given.get("test") else url, given)), given)


def wait_for_successful_query(url: str, wait_for: float = 300, **kwargs: Any) -> dict[str, Any]:
    """Ask a web server until it gives an answer that is no error, at most for `wait_for` seconds; the last answer.

    `request_interval` is the pause between two requests in seconds.

    CLI Example::

        saltern run '*' http.wait_for_successful_query http://somewebsite.com/ wait_for=160
    """
    until = time.monotonic() + float(wait_for)
    pause = float(kwargs.pop("request_interval", 1) or 0)
    while True:
        found = query(url, **kwargs)
        if "error" not in found or time.monotonic() + pause > until:
            return found
        time.sleep(pause)


def update_ca_bundle(
    target: str | None = None, source: str | None = None, merge_files: str | list[str] | None = None
) -> bool:
    """Renew the file of certificate authorities from a URL, and add those of further files to it.

    CLI Example::

        saltern run '*' http.update_ca_bundle /path/to/cacerts.pem
    """
    place = target or __opts__.get("ca_bundle") or "/etc/ssl/certs/ca-certificates.crt"
    path = __salt__["cp.cache_file"](source or __opts__.get("ca_bundle_url") or _BUNDLE)
    if not path:
        raise CommandExecutionError(f"There is no file {source}")
    names = [merge_files] if isinstance(merge_files, str) else merge_files or []
    texts = [Path(one).read_text() for one in (path, *names)]
    write_whole(place, "\n".join(texts))
    return True


def _request(url: str, given: dict[str, Any]) -> Request:
    verify = given.get("verify_ssl")
    jar = given.get("cookie_jar") or str(Path(__opts__["cachedir"], "cookies.txt"))
    auth = given.get("auth") or (None, None)
    return Request(
        url,
        str(given.get("method") or "GET"),
        given.get("params"),
        _body(given),
        _headers(given),
        given.get("username") or auth[0],
        given.get("password") or auth[1],
        bool(__opts__.get("verify_ssl", True) if verify is None else verify),
        given.get("ca_bundle") or __opts__.get("ca_bundle"),
        given.get("cert"),
        str(given.get("agent") or ""),
        float(given.get("timeout") or __opts__.get("http_request_timeout") or 3600),
        jar if given.get("cookies") or given.get("persist_session") else None,
    )


def _body(given: dict[str, Any]) -> Any:
    if not given.get("data_file"):
        return given.get("data")
    return _file(given, "data_file", "data_render", "data_renderer")


def _headers(given: dict[str, Any]) -> dict[str, str]:
    lines: list[str] = list(given.get("header_list") or [])
    if given.get("header_file"):
        lines += _file(given, "header_file", "header_render", "header_renderer").splitlines()
    pairs = (line.partition(":") for line in lines)
    found = {key.strip(): value.strip() for key, colon, value in pairs if colon}
    return {**found, **(given.get("header_dict") or {})}


def _file(given: dict[str, Any], name: str, render: str, renderer: str) -> str:
    """The text of a file of this host, rendered where that is wanted."""
    text = Path(given[name]).read_text()
    if not given.get(render):
        return text
    kind = given.get(renderer) or "jinja"
    variables = given.get("template_dict") or {}
    return str(__salt__["slsutil.renderer"](string=text, default_renderer=kind, **variables))


def _answer(reply: Reply, given: dict[str, Any]) -> dict[str, Any]:
    """The answer in the shape that is wanted, and in the files that are wanted."""
    if reply.fault:
        return {**({"status": 0} if given.get("status") else {}), "error": reply.fault}
    if reply.status >= 400 and given.get("raise_error", True):
        return {"status": reply.status, "error": f"HTTP {reply.status}: {reply.reason}", "body": reply.text}
    found: dict[str, Any] = {"test": True} if given.get("test") else {}
    found["body"] = reply.text if given.get("decode_body", True) else reply.body
    if given.get("status"):
        found["status"] = reply.status
    if given.get("headers"):
        found["headers"] = dict(reply.headers or {})
    if given.get("text"):
        found["text"] = reply.text
    if given.get("decode"):
        found.update(decoded(reply, str(given.get("decode_type") or "auto")))
    _to_files(reply, found, given)
    return found


def _to_files(reply: Reply, found: dict[str, Any], given: dict[str, Any]) -> None:
    # An answer may hold secrets.
    if given.get("text_out"):
        write_whole(given["text_out"], reply.body, mode=0o600)
    if given.get("headers_out"):
        write_whole(given["headers_out"], json.dumps(dict(reply.headers or {})), mode=0o600)
    if given.get("decode_out"):
        write_whole(given["decode_out"], json.dumps(found.get("dict", found.get("text"))), mode=0o600)
