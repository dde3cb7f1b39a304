"""Pillar from the keys of etcd (its version 3) below a root: `etcd.host`, `port`, `username`, `password`, `ca`."""

from __future__ import annotations

from saltern.plugin_api import Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts

__virtualname__ = "etcd"


def __virtual__() -> str:
    return __virtualname__


def ext_pillar(minion_id: str, pillar: dict[str, Any], conf: str) -> dict[str, Any]:
    """The tree of texts below `root`: `- etcd: PROFILE root=/salt/%(minion_id)s`."""
    import base64

    from saltern.plugin_api.etcd_gateway import ask
    from saltern.plugin_api.named_words import options_of, put, words_of

    profile, words = words_of(conf, minion_id)
    root = "/" + words.get("root", "").strip("/")
    start = (root.rstrip("/") + "/").encode()
    end = start[:-1] + bytes([start[-1] + 1])  # the first key that does not begin with it
    body = {"key": base64.b64encode(start).decode(), "range_end": base64.b64encode(end).decode()}
    found: dict[str, Any] = {}
    for entry in ask(options_of(__opts__, profile, "etcd"), "range", body).get("kvs") or ():
        path = base64.b64decode(entry["key"]).decode().removeprefix(start.decode())
        if path.strip("/"):
            put(found, path, base64.b64decode(entry.get("value", "")).decode())
    return found
