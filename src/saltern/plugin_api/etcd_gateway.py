"""The JSON gateway of etcd, version 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.json_service import Service


def ask(options: Mapping[str, Any], verb: str, body: Mapping[str, str]) -> dict[str, Any]:
    """The answer to a request about keys: `put`, `range`, `deleterange`; keys and values in it are in base64.

    `options` are `host`, `port`, `username`, `password`, and `ca` for TLS.
    """
    scheme = "https" if options.get("ca") else "http"
    url = f"{scheme}://{options.get('host', '127.0.0.1')}:{options.get('port', 2379)}"
    service = Service(url, verify=options.get("ca") or True)
    if options.get("username"):
        login = {"name": options["username"], "password": options.get("password", "")}
        token = service.ask("POST", "v3/auth/authenticate", login)
        if not token.good:
            raise CommandExecutionError(f"etcd refused the login: {token.status}")
        service = service._replace(headers={"Authorization": str(token.data["token"])})
    answer = service.ask("POST", f"v3/kv/{verb}", dict(body))
    if not answer.good or not isinstance(answer.data, dict):
        raise CommandExecutionError(f"etcd did not do {verb}: {answer.status} {answer.data}")
    return answer.data
