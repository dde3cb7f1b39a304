"""Keys with which users may log in by ssh."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.ssh import authorized_keys
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts
__env__: str

_AUTHORIZED = ".ssh/authorized_keys"


def present(
    name: str,
    user: str,
    enc: str = "ssh-rsa",
    comment: str = "",
    source: str = "",
    options: Sequence[str] | None = None,
    config: str = _AUTHORIZED,
    fingerprint_hash_type: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """A user may log in with a key: the name alone, a whole line of `authorized_keys`, or the keys of `source`."""
    if source:
        return _present_from_file(name, user, source, config, kwargs)
    line = _line(name, enc, comment, options)
    if __opts__["test"]:
        status = __salt__["ssh.check_key"](user, line.key, line.enc, line.comment, line.options, config)
        if status == "exists":
            return _already(name, line.key, user)
        what = "updated" if status == "update" else "added"
        return result_of(name, None, f"Key {line.key} for user {user} is set to be {what}")
    try:
        status = __salt__["ssh.set_auth_key"](user, line.key, line.enc, line.comment, list(line.options), config)
    except CommandExecutionError as error:
        return result_of(name, False, str(error))
    return _outcome(name, line.key, user, status)


def _line(name: str, enc: str, comment: str, options: Sequence[str] | None) -> authorized_keys.Line:
    given = authorized_keys.parse_line(name)
    if given is not None:
        return given._replace(comment=given.comment or comment, options=given.options or tuple(options or ()))
    return authorized_keys.Line(enc, name, comment, tuple(options or ()))


def _outcome(name: str, key: str, user: str, status: str) -> dict[str, Any]:
    if status == "replace":
        said = f"The authorized host key {key} for user {user} was updated"
        return result_of(name, True, said, {key: "Updated"})
    if status == "new":
        return result_of(name, True, f"The authorized host key {key} for user {user} was added", {key: "New"})
    if status == "no change":
        return _already(name, key, user)
    if status == "Invalid public key":
        return result_of(name, False, "Invalid public ssh key, most likely has spaces or invalid syntax")
    said = "Failed to add the ssh key. Is the home directory available, and/or does the key file exist?"
    return result_of(name, False, said)


def _already(name: str, key: str, user: str) -> dict[str, Any]:
    return result_of(name, True, f"The authorized host key {key} is already present for user {user}")


def _present_from_file(name: str, user: str, source: str, config: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    if not _is_there(source):
        return result_of(name, False, f"Failed to add the ssh key. Source file {source} is missing")
    if __opts__["test"]:
        found = __salt__["ssh.check_key_file"](user, source, config, saltenv=__env__)
        said = "".join(f"Set to {status}: {key}\n" for key, status in found.items() if status != "exists")
        if said:
            return result_of(name, None, said)
        return result_of(name, True, f"All host keys in file {source} are already present")
    more = {key: kwargs[key] for key in ("template",) if key in kwargs}
    status = __salt__["ssh.set_auth_key_from_file"](user, source, config, saltenv=__env__, **more)
    return _outcome(name, name, user, status)


def absent(
    name: str,
    user: str,
    enc: str = "ssh-rsa",
    comment: str = "",
    source: str = "",
    options: Sequence[str] | None = None,
    config: str = _AUTHORIZED,
    fingerprint_hash_type: str | None = None,
) -> dict[str, Any]:
    """A user may not log in with a key, or with none of the keys of `source`."""
    if source and not _is_there(source):
        return result_of(name, False, f"Failed to remove the ssh key. Source file {source} is missing")
    given = authorized_keys.parse_line(name)
    key = given.key if given else name
    if __opts__["test"]:
        return _absence_foreseen(name, key, user, source, config)
    if source:
        said = __salt__["ssh.rm_auth_key_from_file"](user, source, config, saltenv=__env__)
        key = name
    else:
        said = __salt__["ssh.rm_auth_key"](user, key, config)
    return result_of(name, True, said, {key: "Removed"} if said == "Key removed" else {})


def _absence_foreseen(name: str, key: str, user: str, source: str, config: str) -> dict[str, Any]:
    if source:
        found = __salt__["ssh.check_key_file"](user, source, config, saltenv=__env__)
        said = "".join(f"Set to remove: {one}\n" for one, status in found.items() if status != "add")
        if said:
            return result_of(name, None, said)
        return result_of(name, True, f"All host keys in file {source} are already absent")
    if key in __salt__["ssh.auth_keys"](user, config):
        return result_of(name, None, f"Key {key} for user {user} is set for removal")
    return result_of(name, True, "Key is already absent")


def manage(
    name: str,
    ssh_keys: Sequence[str],
    user: str,
    enc: str = "ssh-rsa",
    comment: str = "",
    source: str = "",
    options: Sequence[str] | None = None,
    config: str = _AUTHORIZED,
    fingerprint_hash_type: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """A user may log in with these keys and no others."""
    wanted = {_line(one, enc, comment, options).key for one in ssh_keys}
    strange = [one for one in __salt__["ssh.auth_keys"](user, config) if one not in wanted]
    changes: dict[str, Any] = {}
    said: list[str] = []
    result: bool | None = True
    for one in strange:
        if __opts__["test"]:
            said.append(f"{one} Key set for removal")
            result = None
        else:
            changes[one] = __salt__["ssh.rm_auth_key"](user, one, config)
    for one in ssh_keys:
        done = present(one, user, enc, comment, source, options, config, **kwargs)
        changes.update(done["changes"])
        said.append(done["comment"])
        result = _worse(result, done["result"])
    return result_of(name, result, "" if changes and result else "\n".join(said), changes)


def _worse(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _is_there(source: str) -> bool:
    return bool(__salt__["cp.cache_file"](source, __env__))
