"""What web servers answer, as states that change nothing."""

from __future__ import annotations

import re
import time
from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def query(
    name: str,
    match: str | None = None,
    match_type: str = "string",
    status: Any = None,
    status_type: str = "string",
    wait_for: float | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """The answer of a web server has a text or a status: as it is (`string`), by a pattern (`pcre`), one of a `list`.

    With `wait_for` it is asked for so many seconds until it answers without an error. Other arguments are those of the
    function `http.query`; in test mode only `test_url` is asked.
    """
    if match is None and status is None:
        told = " Either match text (match) or a status code (status) is required."
        return {**result_of(name, False, told), "data": {}}
    asked = {**kwargs, "text": match is not None or kwargs.get("text", False), "status": True}
    if __opts__["test"]:
        asked["test"] = True
    data = _asked(name, wait_for, asked)
    verdicts = []
    if match is not None:
        verdicts.append(_matched(str(data.get("text", data.get("body", ""))), match, match_type))
    if status is not None:
        verdicts.append(_has_status(str(data.get("status", "")), status, status_type))
    good = all(one for one, _ in verdicts)
    said = " ".join(text for _, text in verdicts)
    if __opts__["test"]:
        where = f", TEST URL WAS: {kwargs['test_url']}" if "test_url" in kwargs else ""
        return {**result_of(name, None, f"{said} (TEST MODE{where})"), "data": data}
    return {**result_of(name, good, said), "data": data}


def wait_for_successful_query(name: str, wait_for: float = 300, **kwargs: Any) -> dict[str, Any]:
    """As `query`, but it is asked again until the answer is as it should be, at most for `wait_for` seconds.

    `request_interval` is the pause between two requests in seconds.
    """
    until = time.monotonic() + float(wait_for)
    pause = float(kwargs.pop("request_interval", 1) or 0)
    while True:
        result = query(name, **kwargs)
        if result["result"] is not False or time.monotonic() + pause > until:
            return result
        time.sleep(pause)


def _asked(name: str, wait_for: float | None, asked: dict[str, Any]) -> dict[str, Any]:
    if wait_for:
        found: dict[str, Any] = __salt__["http.wait_for_successful_query"](name, wait_for=wait_for, **asked)
    else:
        asked.pop("request_interval", None)
        found = __salt__["http.query"](name, **asked)
    return found


def _matched(text: str, match: str, kind: str) -> tuple[bool, str]:
    if kind == "string":
        found = str(match) in text
        return found, f'Match text "{match}" was {_word(found)}.'
    if kind == "pcre":
        found = re.search(str(match), text) is not None
        return found, f'Match pattern "{match}" was {_word(found)}.'
    return False, f'match_type must be "string" or "pcre", not "{kind}".'


def _has_status(status: str, wanted: Any, kind: str) -> tuple[bool, str]:
    if kind == "string":
        found = status == str(wanted)
        return found, f"Status {wanted} was {_word(found)}."
    if kind == "list":
        found = status in map(str, wanted)
        return found, f"Status {status} was found." if found else f"Statuses {wanted} were not found."
    if kind == "pcre":
        found = re.search(str(wanted), status) is not None
        return found, f'Status pattern "{wanted}" was {_word(found)}.'
    return False, f'status_type must be "string", "list" or "pcre", not "{kind}".'


def _word(found: bool) -> str:
    return "found" if found else "not found"
