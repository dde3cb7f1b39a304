"""Keys of GnuPG as states."""

from __future__ import annotations

import logging
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.gnupg import TRUST_LEVELS, TRUST_NAMES

__opts__: Opts
__salt__: Functions
__env__: str

_log = logging.getLogger(__name__)


def __virtual__() -> bool | tuple[bool, str]:
    if "gpg.list_keys" in __salt__:
        return True
    return False, "The program gpg is not installed"


def present(
    name: str,
    keys: Any = None,
    user: str | None = None,
    keyserver: str | None = None,
    gnupghome: str | None = None,
    trust: str | None = None,
    keyring: str | None = None,
    source: Any = None,
    skip_keyserver: bool = False,
    text: str | None = None,
    subkey_maxage: int = 100,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have public keys: `name`, or the ids and fingerprints of `keys`, trusted as `trust` says.

    They come from `text`, from a `source` (a path, a URL or several), or from a key server.
    """
    if trust and trust not in TRUST_LEVELS:
        return _result(name, False, f"Invalid trust level {trust}")
    sources = [source] if isinstance(source, str) else list(source or ())
    if skip_keyserver and not sources and not text:
        return _result(name, False, "When skipping keyservers, you must provide at least one source")
    where = {"user": user, "gnupghome": gnupghome, "keyring": keyring}
    changes: dict[str, Any] = {}
    said: list[str] = []
    result: bool | None = True
    for key in _list(keys, name):
        told, changed, good = _one(key, where, sources, text, None if skip_keyserver else keyserver or "", trust)
        if changed:
            changes[key] = changed
        said.append("\n".join([f"Key {key}:", *(f"  * {line}" for line in told)]) if told else "")
        result = result and good
    if result and changes and __opts__["test"]:
        result = None
    return _result(name, result, "\n".join(line for line in said if line), changes)


def absent(
    name: str,
    keys: Any = None,
    user: str | None = None,
    gnupghome: str | None = None,
    keyring: str | None = None,
    keyring_absent_if_empty: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Not have public keys: `name`, or the ids and fingerprints of `keys`. A key that has a secret part stays."""
    import os

    where = {"user": user, "gnupghome": gnupghome, "keyring": keyring}
    wanted = _list(keys, name)
    there = [key for key in wanted if _key(key, where)]
    said = [f"{key} not found in GPG keychain" for key in wanted if key not in there]
    if __opts__["test"]:
        said += [f"Would have deleted {key} from GPG keychain" for key in there]
        return _result(name, None if there else True, "\n".join(said), {"deleted": there} if there else {})
    deleted: list[str] = []
    for key in there:
        done = __salt__["gpg.delete_key"](key, **where)
        if not done["res"]:
            return _result(name, False, "\n".join([*said, done["message"]]), {"deleted": deleted} if deleted else {})
        deleted.append(key)
        said.append(f"Deleted {key} from GPG keychain")
    changes: dict[str, Any] = {"deleted": deleted} if deleted else {}
    if keyring and keyring_absent_if_empty and os.path.exists(keyring) and not __salt__["gpg.list_keys"](**where):
        os.unlink(keyring)
        changes["removed"] = keyring
        said.append(f"Removed keyring file {keyring}")
    return _result(name, True, "\n".join(said), changes)


def _one(
    key: str, where: dict[str, Any], sources: list[str], text: str | None, keyserver: str | None, trust: str | None
) -> tuple[list[str], dict[str, Any], bool]:
    """What is said of a key, what changed of it, and whether it is as it should be."""
    current = _key(key, where)
    trusted = current["ownerTrust"] if current else None
    distrusted = bool(trust) and trusted != TRUST_NAMES[str(trust)]
    changed: dict[str, Any] = {}
    told: list[str] = []
    if current is None:
        changed["added"] = True
    else:
        told.append(f"GPG Public Key {key} already in keychain")
    if distrusted:
        changed["trust"] = trust
    if __opts__["test"]:
        told += [f"Would have added {key} to GPG keychain"] if current is None else []
        told += [f"Would have set trust level for {key} to {trust}"] if distrusted else []
        return told, changed, True
    try:
        if current is None:
            _add(key, where, sources, text, keyserver)
            told.append(f"Added {key} to GPG keychain")
        elif not distrusted and trust:
            told.append(f"GPG Public Key {key} already in correct trust state")
        if distrusted:
            done = __salt__["gpg.trust_key"](keyid=key, trust_level=trust, **where)
            if not done["res"]:
                raise CommandExecutionError(f"Failed to set trust level for {key}: {done['message']}")
            told.append(f"Set trust level for {key} to {trust}")
    except (CommandExecutionError, SaltInvocationError) as error:
        added = current is None and _key(key, where) is not None
        return [*told, str(error)], {"added": True} if added else {}, False
    return told, changed, True


def _add(key: str, where: dict[str, Any], sources: list[str], text: str | None, keyserver: str | None) -> None:
    if text:
        if not _imported(key, where, text=text):
            raise CommandExecutionError(f"Passed text did not contain the requested key {key}")
        return
    for source in sources:
        path = __salt__["cp.cache_file"](source, __env__)
        if path and _imported(key, where, filename=str(path)):
            return
    if keyserver is None:
        raise CommandExecutionError(f"none of the specified sources were found or contained the (unexpired) key {key}.")
    done = __salt__["gpg.receive_keys"](keyserver or None, [key], **where)
    if not done["res"] or not _key(key, where):
        raise CommandExecutionError(f"Could not find the key {key} on a keyserver: {' '.join(done['message'])}")


def _imported(key: str, where: dict[str, Any], **given: str) -> bool:
    """Import this one key of a text or file; whether it was in it and has not expired."""
    directory = {name: where[name] for name in ("user", "gnupghome")}
    read = {"path": given["filename"]} if "filename" in given else given
    try:
        found = __salt__["gpg.read_key"](keyid=key, **read, **directory)
        if not found or all(one.get("expired") for one in found):
            return False
        return bool(__salt__["gpg.import_key"](select=[key], **given, **where)["res"])
    except CommandExecutionError as error:
        _log.warning("%s was not imported from %s: %s", key, given.get("filename", "the text"), error)
        return False


def _key(key: str, where: dict[str, Any]) -> dict[str, Any] | None:
    found = __salt__["gpg.get_key"](keyid=key, **where)
    return found if isinstance(found, dict) else None


def _list(keys: Any, name: str) -> list[str]:
    if not keys:
        return [name]
    return [keys] if isinstance(keys, str) else [str(one) for one in keys]


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
