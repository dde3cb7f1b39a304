"""Tells Zabbix of states, by items of the type trapper of the minion's host.

A run that could not begin goes to `salt.trap.disaster`, a state that failed to `salt.trap.high`, one that changed
something to `salt.trap.info`; of other functions those that failed go to `salt.trap.average`.

Options: `zabbix.server` (localhost), `zabbix.port` (10051), `zabbix.host` (the name of the host in Zabbix, `{id}`).
"""

from __future__ import annotations

import json
import socket

from saltern.plugin_api import CommandExecutionError, Functions, Opts, ReturnRefusedError
from saltern.plugin_api.job_loads import function_text, new_jid
from saltern.plugin_api.return_text import is_highstate, succeeded
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__salt__: Functions
__opts__: Opts

__virtualname__ = "zabbix"

_DEFAULTS = {"server": "localhost", "port": 10051, "host": "{id}"}
_HEAD = b"ZBXD\x01"
_SECONDS = 10.0
_LONGEST = 16_000


def __virtual__() -> bool:
    return True


def returner(ret: dict[str, Any]) -> None:
    """Tell of one return, if there is something to tell."""
    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    host = str(options["host"]).format(id=ret["id"])
    values = [{"host": host, "key": f"salt.trap.{kind}", "value": text[:_LONGEST]} for kind, text in _told(ret)]
    if not values:
        return
    answer = _asked(str(options["server"]), int(options["port"]), {"request": "sender data", "data": values})
    if answer.get("response") != "success" or "failed: 0" not in str(answer.get("info")):
        raise ReturnRefusedError(f"Zabbix does not take all items of {host}: {answer.get('info')}")


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def _told(ret: dict[str, Any]) -> Iterator[tuple[str, str]]:
    value, fun = ret.get("return"), function_text(ret)
    if is_highstate(value):
        for state in sorted(value.values(), key=lambda each: each["__run_num__"]):
            text = f"{state.get('__sls__')} {state.get('__id__')}: {state.get('comment')}"
            if state["result"] is False:
                yield "high", text
            elif state.get("changes"):
                yield "info", text
    elif not succeeded(ret):
        yield ("disaster" if fun.startswith("state.") else "average"), f"{fun}: {value}"


def _asked(server: str, port: int, value: dict[str, Any]) -> dict[str, Any]:
    data = json.dumps(value).encode()
    try:
        with socket.create_connection((server, port), _SECONDS) as stream:
            stream.sendall(_HEAD + len(data).to_bytes(8, "little") + data)
            head = _read(stream, len(_HEAD) + 8)
            answer = json.loads(_read(stream, int.from_bytes(head[len(_HEAD) :], "little")))
    except (OSError, EOFError, ValueError) as error:
        raise CommandExecutionError(f"The returner zabbix cannot use {server}:{port}: {error}") from error
    return dict(answer)


def _read(stream: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = stream.recv(length - len(data))
        if not piece:
            raise EOFError("the connection ended")
        data += piece
    return bytes(data)
