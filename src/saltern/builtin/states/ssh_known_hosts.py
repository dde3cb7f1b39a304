"""Hosts whose keys are known to ssh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def present(
    name: str,
    user: str | None = None,
    fingerprint: str | None = None,
    key: str | None = None,
    port: int | None = None,
    enc: str | None = None,
    config: str | None = None,
    hash_known_hosts: bool = True,
    timeout: int = 5,
    fingerprint_hash_type: str | None = None,
) -> dict[str, Any]:
    """A host is known by a key, by the key of it that has this fingerprint, or by those that it shows.

    Without a user it is known to all. `timeout` is in seconds.
    """
    place, wrong = _place(user, config)
    if key and fingerprint:
        wrong = wrong or 'Specify either "key" or "fingerprint", not both.'
    if wrong:
        return result_of(name, False, wrong)
    if __opts__["test"]:
        return _foreseen(name, user, place, key, fingerprint, port, fingerprint_hash_type)
    try:
        done = __salt__["ssh.set_known_host"](
            user=user,
            hostname=name,
            fingerprint=fingerprint,
            key=key,
            port=port,
            enc=enc,
            config=place,
            hash_known_hosts=hash_known_hosts,
            timeout=timeout,
            fingerprint_hash_type=fingerprint_hash_type,
        )
    except CommandExecutionError as error:
        return result_of(name, False, str(error))
    if done["status"] == "exists":
        return result_of(name, True, f"{name} already exists in {place}")
    if done["status"] == "error":
        return result_of(name, False, done["error"])
    first = done["new"][0]
    shown = f"key: {first['key']}" if key else f"fingerprint: {first['fingerprint']}"
    changes = {"old": done["old"], "new": done["new"]}
    return result_of(name, True, f"{name}'s key saved to {place} ({shown})", changes)


def _foreseen(
    name: str,
    user: str | None,
    place: str,
    key: str | None,
    fingerprint: str | None,
    port: int | None,
    hash_type: str | None,
) -> dict[str, Any]:
    status = __salt__["ssh.check_known_host"](user, name, key, fingerprint, place, port, hash_type)
    if status == "exists":
        return result_of(name, True, f"Host {name} is already in {place}")
    if status == "add":
        return result_of(name, None, f"Key for {name} is set to be added to {place}")
    if status == "update":
        return result_of(name, None, f"Key for {name} is set to be updated in {place}")
    return result_of(name, False, status["error"])


def absent(name: str, user: str | None = None, config: str | None = None) -> dict[str, Any]:
    """A host is not known."""
    place, wrong = _place(user, config)
    if wrong:
        return result_of(name, False, wrong)
    known = __salt__["ssh.get_known_host_entries"](user, name, config=place)
    if not known:
        return result_of(name, True, "Host is already absent")
    if __opts__["test"]:
        return result_of(name, None, f"Key for {name} is set to be removed from {place}")
    done = __salt__["ssh.rm_known_host"](user=user, hostname=name, config=place)
    if done["status"] == "error":
        return result_of(name, False, done["error"])
    return result_of(name, True, done["comment"], {"old": known, "new": None})


def _place(user: str | None, config: str | None) -> tuple[str, str]:
    """The file, and what is wrong with who and where."""
    if user and not __salt__["user.info"](user):
        return "", f"User {user} does not exist"
    if not user and config and not Path(config).is_absolute():
        return "", 'If not specifying a "user", specify an absolute "config".'
    return config or (".ssh/known_hosts" if user else "/etc/ssh/ssh_known_hosts"), ""
