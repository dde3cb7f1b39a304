"""Returns, loads and events as messages of a stream of NATS JetStream, which keeps them.

Subjects are `<subject>.return.<fun>.<minion>`, `<subject>.load` and `<subject>.event`; the value is JSON. A message has
an id made from job and minion: the server drops one that is sent again within the stream's window of duplicates.

Options: `nats.servers` (a URL or a list, `nats://localhost:4222`), `nats.user`, `nats.password`, `nats.token`,
`nats.creds` (a file), `nats.stream` (SALT), `nats.subject` (salt), `nats.max_age` (seconds that a stream keeps which is
made here; 604800), `nats.replicas` (1).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
from hashlib import sha256

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts, ReturnRefusedError
from saltern.plugin_api.job_loads import function_text, new_jid, to_json, without_secrets
from saltern.plugin_api.kept_connections import kept_connection
from saltern.plugin_api.returner_options import returner_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__salt__: Functions
__opts__: Opts
__context__: Context

__virtualname__ = "nats"

_DEFAULTS = {
    "servers": "nats://localhost:4222",
    "user": "",
    "password": "",
    "token": "",
    "creds": "",
    "stream": "SALT",
    "subject": "salt",
    "max_age": 604_800,
    "replicas": 1,
}
_SECONDS = 10.0


def __virtual__() -> bool | tuple[bool, str]:
    if importlib.util.find_spec("nats") is None:
        return False, "The returner nats needs the library nats-py (pip install 'saltern[nats]')."
    return True


def returner(ret: dict[str, Any]) -> None:
    """Publish one return."""
    returner_many([ret])


def returner_many(rets: list[dict[str, Any]]) -> None:
    """Publish several returns; it is done when the stream has all of them."""
    with _stream(rets[0]) as stream:
        stream.publish(
            (
                f"return.{_token(function_text(ret))}.{_token(ret['id'])}",
                without_secrets(ret),
                f"{ret['jid']}:{ret['id']}",
            )
            for ret in rets
        )


def save_load(jid: str, load: dict[str, Any], minions: list[str] | None = None) -> None:
    """Publish the load of a job."""
    with _stream(None) as stream:
        stream.publish([("load", {"jid": jid, "load": load, "minions": minions or []}, f"load:{jid}")])


def event_return(events: list[dict[str, Any]]) -> None:
    """Publish events, each a tag with its data."""
    master = str(__opts__.get("id", ""))
    with _stream(None) as stream:
        stream.publish(
            ("event", event, sha256(f"{master}\0{to_json(event)}".encode()).hexdigest())
            for event in ({"tag": each.get("tag", ""), "data": each.get("data", {})} for each in events)
        )


def prep_jid(nocache: bool = False, passed_jid: str | None = None) -> str:
    """The jid of a new job."""
    return new_jid(passed_jid)


def get_load(jid: str) -> dict[str, Any]:
    """A stream is read by its consumers: nothing is looked up in it."""
    return {}


class _Stream:
    """A connection with a loop of its own; blocking from the outside."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._loop = asyncio.new_event_loop()
        try:
            self._client, self._stream = self._loop.run_until_complete(asyncio.wait_for(self._connect(), _SECONDS))
        except BaseException:
            self._loop.close()
            raise

    def publish(self, messages: Any) -> None:
        self._loop.run_until_complete(asyncio.wait_for(self._publish(list(messages)), _SECONDS))

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self._loop.run_until_complete(asyncio.wait_for(self._client.close(), 1.0))
        self._loop.close()

    async def _connect(self) -> tuple[Any, Any]:
        import nats
        from nats.js.api import StreamConfig
        from nats.js.errors import NotFoundError

        options = self._options
        login = {
            name: str(options[option])
            for name, option in (("user", "user"), ("password", "password"), ("token", "token"))
            if options[option]
        }
        if options["creds"]:
            login["user_credentials"] = str(options["creds"])
        servers: Any = options["servers"]
        client = await nats.connect(
            servers, allow_reconnect=False, connect_timeout=int(_SECONDS), error_cb=_ignored, **login
        )
        stream = client.jetstream(timeout=_SECONDS)
        name, subject = str(options["stream"]), str(options["subject"])
        try:
            await stream.stream_info(name)
        except NotFoundError:
            await stream.add_stream(
                StreamConfig(
                    name=name,
                    subjects=[f"{subject}.>"],
                    max_age=float(options["max_age"]),
                    num_replicas=int(options["replicas"]),
                )
            )
        return client, stream

    async def _publish(self, messages: list[tuple[str, Any, str]]) -> None:
        # One by one: they stand in the stream in the order of the jobs.
        for subject, value, key in messages:
            await self._stream.publish(
                f"{self._options['subject']}.{subject}", to_json(value).encode(), headers={"Nats-Msg-Id": key}
            )


async def _ignored(_: Exception) -> None:
    """What happens to the connection between two calls is told by the next one."""


def _token(text: str) -> str:
    """A text as one part of a subject, where dots and blanks mean something."""
    return "".join("_" if sign in ".*> \t\r\n" else sign for sign in str(text)) or "_"


@contextlib.contextmanager
def _stream(ret: dict[str, Any] | None) -> Iterator[_Stream]:
    from nats.errors import Error, MaxPayloadError

    options = returner_options(__virtualname__, _DEFAULTS, ret, __salt__, __opts__)
    try:
        with kept_connection(__context__, __virtualname__, options, lambda: _Stream(options)) as stream:
            yield stream
    except MaxPayloadError as error:
        raise ReturnRefusedError(f"NATS does not take a message of this size: {error}") from error
    except (Error, OSError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise CommandExecutionError(f"The returner nats cannot use its server: {reason}") from error
