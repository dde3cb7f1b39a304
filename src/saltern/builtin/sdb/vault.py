"""HashiCorp Vault as a store: `sdb://PROFILE/PATH/KEY` is a key of a secret, `sdb://PROFILE/PATH?KEY` too.

The profile, or else the option `vault`, says where it is (`url`) and how to log in: `auth` with a `token`, or with
`method: approle`, `role_id` and `secret_id`. The second version of the key-value engine is found out.
"""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, Opts
from saltern.plugin_api.json_service import Service
from saltern.plugin_api.vault_secrets import place_of, reason_of, secret_at, service_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__func_alias__ = {"set_": "set"}

__opts__: Opts


def set_(key: str, value: Any, profile: Mapping[str, Any] | None = None) -> bool:
    """Keep a value; the other keys of the secret stay."""
    path, name = _split(key)
    service = _service(profile)
    where, second = place_of(service, path)
    held = {**(secret_at(service, where, second=second) or {}), name: value}
    answer = service.ask("POST", where, {"data": held} if second else held)
    if not answer.good:
        raise CommandExecutionError(f"Vault did not keep {path}: {reason_of(answer.data)}")
    return True


def get(key: str, profile: Mapping[str, Any] | None = None) -> Any:
    """The value of a key of a secret; None when there is none."""
    path, name = _split(key)
    service = _service(profile)
    where, second = place_of(service, path)
    return (secret_at(service, where, second=second) or {}).get(name)


def delete(key: str, profile: Mapping[str, Any] | None = None) -> bool:
    """Take a key of a secret away, and with its last key the secret; whether it was there."""
    path, name = _split(key)
    service = _service(profile)
    where, second = place_of(service, path)
    held = secret_at(service, where, second=second)
    if not held or name not in held:
        return False
    rest = {one: value for one, value in held.items() if one != name}
    if rest:
        return service.ask("POST", where, {"data": rest} if second else rest).good
    return service.ask("DELETE", where).good


def _split(key: str) -> tuple[str, str]:
    path, mark, name = key.partition("?") if "?" in key else key.rpartition("/")
    if not mark or not path or not name:
        raise CommandExecutionError(f"{key} names no key of a secret: PATH/KEY")
    return path, name


def _service(profile: Mapping[str, Any] | None) -> Service:
    return service_of({**(__opts__.get("vault") or {}), **(profile or {})})
