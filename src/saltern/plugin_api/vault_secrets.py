"""Secrets of HashiCorp Vault: where it is, how to log in, and which version of the key-value engine holds a path.

The options say where it is (`url`) and how to log in: `auth` with a `token`, or with `method: approle`, `role_id` and
`secret_id`. The second version of the engine is found out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.json_service import Service


def service_of(options: Mapping[str, Any]) -> Service:
    """The service, logged in."""
    server = options.get("server") or {}
    url = options.get("url") or server.get("url") or "http://127.0.0.1:8200"
    headers = {}
    if options.get("namespace") or server.get("namespace"):
        headers["X-Vault-Namespace"] = str(options.get("namespace") or server.get("namespace"))
    service = Service(str(url), headers, verify=options.get("verify", server.get("verify", True)))
    return service._replace(headers={**headers, "X-Vault-Token": _token(service, options.get("auth") or {})})


def _token(service: Service, auth: Mapping[str, Any]) -> str:
    if auth.get("method", "token") == "token":
        if not auth.get("token"):
            raise CommandExecutionError("Vault needs a token: auth: {token: …}")
        return str(auth["token"])
    login = {"role_id": auth.get("role_id"), "secret_id": auth.get("secret_id")}
    answer = service.ask("POST", f"v1/auth/{auth.get('approle_mount', 'approle')}/login", login)
    if not answer.good:
        raise CommandExecutionError(f"Vault refused the login: {reason_of(answer.data)}")
    return str(answer.data["auth"]["client_token"])


def place_of(service: Service, path: str) -> tuple[str, bool]:
    """Where the API has a secret, and whether its engine is of the second version."""
    from urllib.parse import quote

    answer = service.ask("GET", f"v1/sys/internal/ui/mounts/{quote(path)}")
    mount = answer.data.get("data", {}) if answer.good else {}
    if (mount.get("options") or {}).get("version") != "2":
        return f"v1/{quote(path)}", False
    root = str(mount["path"]).strip("/")
    rest = path.removeprefix(root).strip("/").removeprefix("data/")
    return f"v1/{root}/data/{quote(rest)}", True


def secret_at(service: Service, where: str, *, second: bool) -> dict[str, Any] | None:
    """The secret at a place of the API; None where there is none."""
    answer = service.ask("GET", where)
    if answer.status == 404:
        return None
    if not answer.good:
        raise CommandExecutionError(f"Vault did not tell the secret: {reason_of(answer.data)}")
    held = answer.data["data"]
    return dict(held["data"] if second else held)


def reason_of(data: Any) -> str:
    """Why Vault did not do something."""
    return "; ".join(map(str, data.get("errors", ()))) if isinstance(data, dict) else str(data)
