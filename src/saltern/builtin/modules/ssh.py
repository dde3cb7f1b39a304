"""Keys of OpenSSH: those that let users log in, those of hosts that are known, those of this host and its users."""

from __future__ import annotations

import base64
import os
import pwd
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions
from saltern.plugin_api.ssh import authorized_keys, keys, known_hosts
from saltern.plugin_api.whole_file import read_whole, write_whole

__salt__: Functions

_AUTHORIZED = ".ssh/authorized_keys"
_ALL_KNOWN = "/etc/ssh/ssh_known_hosts"
_HOST_KEY = re.compile(r"ssh_host_(.+)_key(-cert)?(\.pub)?$")
_USER_KEYS = ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "identity")


# --- keys that let users log in -----------------------------------------------------------------------------------


def auth_keys(
    user: str | Sequence[str] | None = None, config: str = _AUTHORIZED, fingerprint_hash_type: str | None = None
) -> dict[str, Any]:
    """The keys that let a user log in: `enc`, `comment`, `options` and `fingerprint` by key.

    Of several users, or of all, the answer has them by user. In `config` `%h` is a user's home and `%u` the name.

    CLI Example::

        saltern run '*' ssh.auth_keys root
        saltern run '*' ssh.auth_keys '[root, deploy]'
    """
    if isinstance(user, str):
        return _auth_keys_of(user, config, fingerprint_hash_type)
    users = user or sorted(one.pw_name for one in pwd.getpwall())
    found = {one: _auth_keys_of(one, config, fingerprint_hash_type) for one in users}
    return {one: known for one, known in found.items() if known}


def _auth_keys_of(user: str, config: str, hash_type: str | None) -> dict[str, Any]:
    try:
        text = read_whole(_place(user, config))
    except CommandExecutionError:
        return {}
    return {
        line.key: {
            "enc": line.enc,
            "comment": line.comment,
            "options": list(line.options),
            "fingerprint": keys.fingerprint(line.key, hash_type),
        }
        for line in authorized_keys.lines(text)
    }


def check_key(
    user: str,
    key: str,
    enc: str,
    comment: str,
    options: Sequence[str],
    config: str = _AUTHORIZED,
    cache_keys: Sequence[str] | None = None,
    fingerprint_hash_type: str | None = None,
) -> str:
    """What `set_auth_key` would do: `add`, `update`, or nothing (`exists`).

    CLI Example::

        saltern run '*' ssh.check_key root AAAAB3NzaC1yc2E… ssh-rsa 'me@example' '[]'
    """
    wanted = authorized_keys.Line(keys.type_of_word(enc), key, comment, tuple(options or ()))
    known = {line.key: line for line in authorized_keys.lines(_read_or_empty(user, config))}
    if key not in known:
        return "add"
    return "exists" if known[key] == wanted else "update"


def check_key_file(
    user: str,
    source: str,
    config: str = _AUTHORIZED,
    saltenv: str = "base",
    fingerprint_hash_type: str | None = None,
) -> dict[str, str]:
    """What `set_auth_key_from_file` would do with each key of a file.

    CLI Example::

        saltern run '*' ssh.check_key_file root salt://ssh/keyfile
    """
    lines = _lines_of_source(source, saltenv) or []
    return {one.key: check_key(user, one.key, one.enc, one.comment, one.options, config) for one in lines}


def set_auth_key(
    user: str,
    key: str,
    enc: str = "ssh-rsa",
    comment: str = "",
    options: Sequence[str] | None = None,
    config: str = _AUTHORIZED,
    cache_keys: Sequence[str] | None = None,
    fingerprint_hash_type: str | None = None,
) -> str:
    """Let a user log in with a key: `new`, `replace`, `no change`, `fail`, or `Invalid public key`.

    CLI Example::

        saltern run '*' ssh.set_auth_key deploy AAAAB3NzaC1yc2E… enc=ssh-rsa comment='me@example'
    """
    enc = keys.type_of_word(enc)
    if len(key.split()) > 1 or keys.decoded(key) is None:
        return "Invalid public key" if _exists(user) else "fail"
    if not _exists(user):
        return "fail"
    status = check_key(user, key, enc, comment, options or [], config)
    if status == "exists":
        return "no change"
    line = authorized_keys.Line(enc, key, comment, tuple(options or ()))
    _write(user, config, authorized_keys.with_line(_read_or_empty(user, config), line))
    return "replace" if status == "update" else "new"


def set_auth_key_from_file(
    user: str,
    source: str,
    config: str = _AUTHORIZED,
    saltenv: str = "base",
    fingerprint_hash_type: str | None = None,
    **kwargs: Any,
) -> str:
    """Let a user log in with the keys of a file: `new`, `replace`, `no change` or `fail`.

    CLI Example::

        saltern run '*' ssh.set_auth_key_from_file deploy salt://ssh_keys/deploy.pub
    """
    lines = _lines_of_source(source, saltenv, **kwargs)
    if lines is None:
        raise CommandExecutionError("Failed to pull key file from salt file server")
    done = [set_auth_key(user, one.key, one.enc, one.comment, list(one.options), config) for one in lines]
    for status in ("fail", "Invalid public key", "replace", "new"):
        if status in done:
            return "fail" if status == "Invalid public key" else status
    return "no change"


def rm_auth_key(user: str, key: str, config: str = _AUTHORIZED, fingerprint_hash_type: str | None = None) -> str:
    """Let a user log in with a key no longer: `Key removed` or `Key not present`.

    CLI Example::

        saltern run '*' ssh.rm_auth_key deploy AAAAB3NzaC1yc2E…
    """
    text = _read_or_empty(user, config)
    if all(line.key != key for line in authorized_keys.lines(text)):
        return "Key not present"
    _write(user, config, authorized_keys.without(text, key))
    return "Key removed"


def rm_auth_key_from_file(
    user: str,
    source: str,
    config: str = _AUTHORIZED,
    saltenv: str = "base",
    fingerprint_hash_type: str | None = None,
) -> str:
    """Let a user log in with the keys of a file no longer.

    CLI Example::

        saltern run '*' ssh.rm_auth_key_from_file deploy salt://ssh_keys/deploy.pub
    """
    lines = _lines_of_source(source, saltenv)
    if lines is None:
        raise CommandExecutionError("Failed to pull key file from salt file server")
    done = [rm_auth_key(user, one.key, config) for one in lines]
    return "Key removed" if "Key removed" in done else "Key not present"


def _lines_of_source(source: str, saltenv: str, **kwargs: Any) -> list[authorized_keys.Line] | None:
    """The keys of a file of the tree; None where there is no such file."""
    path = __salt__["cp.cache_file"](source, saltenv)
    if not path:
        return None
    template = kwargs.get("template")
    if template:
        text = str(__salt__["slsutil.renderer"](source, default_renderer=template, saltenv=saltenv))
    else:
        text = Path(path).read_text(errors="replace")
    return list(authorized_keys.lines(text))


# --- hosts that are known -----------------------------------------------------------------------------------------


def get_known_host_entries(
    user: str | None,
    hostname: str,
    config: str | None = None,
    port: int | None = None,
    fingerprint_hash_type: str | None = None,
) -> list[dict[str, Any]] | None:
    """The keys by which a host is known to a user: `hostname`, `enc`, `key` and `fingerprint`; None for none.

    CLI Example::

        saltern run '*' ssh.get_known_host_entries root example.com
    """
    text = read_whole(_known_place(user, config))
    found = known_hosts.of_host(text, known_hosts.name_of(hostname, port))
    return [_shown(one, fingerprint_hash_type) for one in found] or None


def recv_known_host_entries(
    hostname: str,
    enc: str | None = None,
    port: int | None = None,
    hash_known_hosts: bool = True,
    timeout: int = 5,
    fingerprint_hash_type: str | None = None,
) -> list[dict[str, Any]] | None:
    """The keys that a host shows now, asked within `timeout` seconds; None where it shows none.

    CLI Example::

        saltern run '*' ssh.recv_known_host_entries example.com enc=ed25519
    """
    argv = ["ssh-keyscan", "-T", str(timeout), *(["-p", str(port)] if port else [])]
    argv += ["-t", enc.removeprefix("ssh-")] if enc else []
    argv += ["-H"] if hash_known_hosts else []
    done = __salt__["cmd.run_all"]([*argv, hostname], python_shell=False, ignore_retcode=True)
    found = known_hosts.entries(str(done["stdout"]))
    return [_shown(one, fingerprint_hash_type) for one in found] or None


def check_known_host(
    user: str | None = None,
    hostname: str | None = None,
    key: str | None = None,
    fingerprint: str | None = None,
    config: str | None = None,
    port: int | None = None,
    fingerprint_hash_type: str | None = None,
) -> str | dict[str, str]:
    """What `set_known_host` would do: `add`, `update`, or nothing (`exists`).

    CLI Example::

        saltern run '*' ssh.check_known_host root example.com fingerprint='xx:xx:…'
    """
    if not hostname:
        return {"status": "error", "error": "hostname argument required"}
    known = get_known_host_entries(user, hostname, config, port, fingerprint_hash_type)
    if not known:
        return "add"
    if key:
        return "exists" if key in (one["key"] for one in known) else "update"
    if fingerprint:
        return "exists" if fingerprint in (one["fingerprint"] for one in known) else "update"
    return "exists"


def set_known_host(
    user: str | None = None,
    hostname: str | None = None,
    fingerprint: str | None = None,
    key: str | None = None,
    port: int | None = None,
    enc: str | None = None,
    config: str | None = None,
    hash_known_hosts: bool = True,
    timeout: int = 5,
    fingerprint_hash_type: str | None = None,
) -> dict[str, Any]:
    """Know a host by a key, or by that of its keys with this fingerprint, or by all that it shows.

    CLI Example::

        saltern run '*' ssh.set_known_host root example.com fingerprint='xx:xx:…' enc=ssh-ed25519
    """
    if not hostname:
        return _error("hostname argument required")
    if port is not None and int(port) != 22 and hash_known_hosts:
        return _error("argument port can not be used in conjunction with argument hash_known_hosts")
    stored = get_known_host_entries(user, hostname, config, port, fingerprint_hash_type)
    wanted = [{"key": key}] if key else [{"fingerprint": fingerprint}] if fingerprint else []
    if wanted and all(any(one.items() <= old.items() for old in stored or []) for one in wanted):
        return {"status": "exists", "keys": [one["key"] for one in stored or []]}
    new = (
        _given_key(hostname, key, enc, port)
        if key
        else _shown_keys(hostname, fingerprint, enc, port, timeout, fingerprint_hash_type)
    )
    if isinstance(new, str):
        return _error(new)
    if {one["key"] for one in new} == {one["key"] for one in stored or []}:
        return {"status": "exists", "keys": [one["key"] for one in new]}
    place = _known_place(user, config)
    name = known_hosts.name_of(hostname, port)
    text = known_hosts.without(read_whole(place), name)
    text += "".join(f"{name} {one['enc']} {one['key']}\n" for one in new)
    _write_known(user, place, known_hosts.hashed(text) if hash_known_hosts else text)
    return {"status": "updated", "old": stored, "new": new}


def _given_key(hostname: str, key: str, enc: str | None, port: int | None) -> list[dict[str, Any]] | str:
    kind = enc or keys.type_of_key(key)
    if kind is None:
        return "argument key is no public key: its type cannot be told"
    found: dict[str, Any] = {"hostname": hostname, "enc": keys.type_of_word(kind), "key": key}
    return [{**found, "port": port} if port is not None and int(port) != 22 else found]


def _shown_keys(
    hostname: str, fingerprint: str | None, enc: str | None, port: int | None, timeout: int, hash_type: str | None
) -> list[dict[str, Any]] | str:
    """The keys that the host shows, or what is wrong."""
    found = recv_known_host_entries(hostname, enc, port, False, timeout, hash_type)
    if not found:
        return "Unable to receive remote host keys"
    if fingerprint and all(one["fingerprint"] != fingerprint for one in found):
        return "Remote host public keys found but none of their fingerprints match the one you have provided"
    return [one for one in found if one["fingerprint"] == fingerprint] if fingerprint else found


def rm_known_host(
    user: str | None = None, hostname: str | None = None, config: str | None = None, port: int | None = None
) -> dict[str, str]:
    """Forget the keys of a host.

    CLI Example::

        saltern run '*' ssh.rm_known_host root example.com
    """
    if not hostname:
        return _error("hostname argument required")
    place = _known_place(user, config)
    if not place.is_file():
        return _error(f"Known hosts file {place} does not exist")
    text, name = read_whole(place), known_hosts.name_of(hostname, port)
    found = known_hosts.of_host(text, name)
    if not found:
        return {"status": "removed", "comment": f"Host {name} not found in {place}"}
    old = place.with_name(f"{place.name}.old")
    write_whole(old, text, mode=0o600)
    _write_known(user, place, known_hosts.without(text, name))
    lines = [f"# Host {name} found: line {one.number}" for one in found]
    return {
        "status": "removed",
        "comment": "\n".join([*lines, f"{place} updated.", f"Original contents retained as {old}"]),
    }


def hash_known_hosts(user: str | None = None, config: str | None = None) -> dict[str, str]:
    """Hash the names of all hosts that are known.

    CLI Example::

        saltern run '*' ssh.hash_known_hosts root
    """
    if user and not _exists(user):
        return _error(f"User {user} does not exist")
    place = _known_place(user, config)
    if not place.is_file():
        return _error(f"Known hosts file {place} does not exist")
    _write_known(user, place, known_hosts.hashed(read_whole(place)))
    return {"status": "updated", "comment": f"{place} updated."}


def _shown(one: known_hosts.Entry, hash_type: str | None) -> dict[str, Any]:
    shown = keys.fingerprint(one.key, hash_type)
    return {"hostname": one.names, "key": one.key, "enc": one.enc, "fingerprint": shown}


def _error(text: str) -> dict[str, str]:
    return {"status": "error", "error": text}


# --- keys of this host and its users ------------------------------------------------------------------------------


def host_keys(keydir: str | None = None, private: bool = True, certs: bool = True) -> dict[str, str]:
    """The keys of this host by type (`ed25519`, `ed25519.pub`); private ones and certificates unless unwanted.

    CLI Example::

        saltern run '*' ssh.host_keys private=False
    """
    found = {}
    for path in sorted(Path(keydir or "/etc/ssh").iterdir()):
        name = _HOST_KEY.match(path.name)
        if name and (name[3] or private) and (not name[2] or certs):
            found[f"{name[1]}{name[2] or ''}{name[3] or ''}"] = path.read_text().strip()
    return found


def user_keys(
    user: str | Sequence[str] | None = None, pubfile: str | bool | None = None, prvfile: str | bool | None = None
) -> dict[str, dict[str, str]]:
    """The keys that users have in their homes; `False` for a kind that is unwanted.

    CLI Example::

        saltern run '*' ssh.user_keys user1 prvfile=False
    """
    users = [user] if isinstance(user, str) else user or sorted(one.pw_name for one in pwd.getpwall())
    found: dict[str, dict[str, str]] = {}
    for one in users:
        home = _home(one)
        if home is None:
            continue
        private = [f".ssh/{name}" for name in _USER_KEYS] if prvfile is None else [prvfile]
        public = [f".ssh/{name}.pub" for name in _USER_KEYS] if pubfile is None else [pubfile]
        paths = [Path(home, _tokens(str(name), one, home)) for name in (*public, *private) if name]
        kept = {path.name: path.read_text().strip() for path in paths if path.is_file()}
        if kept:
            found[one] = kept
    return found


def key_is_encrypted(key: str) -> bool:
    """Whether a private key in a file, or given as text, has a passphrase.

    CLI Example::

        saltern run '*' ssh.key_is_encrypted /root/.ssh/id_ed25519
    """
    text = _key_text(key)
    if "ENCRYPTED" in text:
        return True
    body = "".join(line for line in text.splitlines() if not line.startswith("-----"))
    try:
        blob = base64.b64decode(body)
    except ValueError:
        return False
    magic = b"openssh-key-v1\0"
    if not blob.startswith(magic):
        return False
    length = int.from_bytes(blob[len(magic) : len(magic) + 4], "big")
    return blob[len(magic) + 4 : len(magic) + 4 + length] != b"none"


def _key_text(key: str) -> str:
    """The text of a private key, which may be given as the path of its file."""
    if "\n" in key:
        return key
    try:
        text = Path(key).read_text()
    except FileNotFoundError as error:
        raise CommandExecutionError(f"{key} does not exist") from error
    if "PRIVATE KEY-----" not in text:
        raise CommandExecutionError(f"{key} is not a private key")
    return text


# --- files --------------------------------------------------------------------------------------------------------


def _home(user: str) -> str | None:
    try:
        return pwd.getpwnam(user).pw_dir
    except KeyError:
        return None


def _exists(user: str) -> bool:
    return _home(user) is not None


def _tokens(config: str, user: str, home: str) -> str:
    values = {"%h": home, "%u": user, "%%": "%"}
    return re.sub("%[hu%]", lambda found: values[found[0]], config)


def _place(user: str, config: str) -> Path:
    home = _home(user)
    if home is None:
        raise CommandExecutionError(f"User '{user}' does not exist")
    return Path(home, _tokens(config, user, home))


def _known_place(user: str | None, config: str | None) -> Path:
    if user:
        return _place(user, config or ".ssh/known_hosts")
    return Path(config or _ALL_KNOWN)


def _read_or_empty(user: str, config: str) -> str:
    return read_whole(_place(user, config)) if _exists(user) else ""


def _write(user: str, config: str, text: str) -> None:
    _write_for(user, _place(user, config), text, 0o600)


def _write_known(user: str | None, place: Path, text: str) -> None:
    _write_for(user, place, text, 0o600 if user else 0o644)


def _write_for(user: str | None, place: Path, text: str, mode: int) -> None:
    """Write a file that belongs to a user, and make the directory that it lies in."""
    owner = pwd.getpwnam(user) if user else None
    is_new = not place.exists()
    if not place.parent.is_dir():
        _make_folder(place.parent, owner)
    write_whole(place, text, mode=mode)
    if is_new and owner and os.geteuid() == 0:
        _give(place, owner)


def _make_folder(folder: Path, owner: pwd.struct_passwd | None) -> None:
    if owner and not Path(owner.pw_dir).is_dir() and folder.is_relative_to(owner.pw_dir):
        raise CommandExecutionError(f"The home directory {owner.pw_dir} of {owner.pw_name} does not exist")
    folder.mkdir(mode=0o700, parents=True)
    if owner and os.geteuid() == 0:
        _give(folder, owner)


def _give(place: Path, owner: pwd.struct_passwd) -> None:
    # It lies where the user may put a link in its place meanwhile.
    os.chown(place, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
