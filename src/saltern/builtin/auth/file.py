"""Passwords in a file, by the options of `external_auth: file`:

`^filename` (the file), `^filetype` (`text`, `htpasswd` or `htdigest`; `text` if left out), `^hashtype` (of a text file:
`plaintext` or an algorithm of hashlib), `^field_separator` (`:`), `^username_field` (1), `^password_field` (2), and
`^realm` (of an htdigest file). A htpasswd file is read by the program htpasswd of Apache's tools.
"""

from __future__ import annotations

import hashlib
from hmac import compare_digest
from typing import Any

from saltern.plugin_api import CommandExecutionError, Opts, process

__opts__: Opts


def auth(username: str, password: str) -> bool:
    """Whether the file has this user with this password. Faults of the configuration are errors, and let nobody in."""
    options = {key[1:]: value for key, value in _configured().items() if str(key).startswith("^")}
    if not options.get("filename"):
        raise CommandExecutionError("external_auth: file: ^filename is missing")
    kind = str(options.get("filetype") or "text")
    if kind not in _KINDS:
        raise CommandExecutionError(f"external_auth: file: ^filetype {kind!r} is none of {', '.join(_KINDS)}")
    return _KINDS[kind](username, password, options)


def _configured() -> dict[str, Any]:
    return (__opts__.get("external_auth") or {}).get("file") or {}


def _text(username: str, password: str, options: dict[str, Any]) -> bool:
    separator = str(options.get("field_separator") or ":")
    name_at, secret_at = (int(options.get(key) or usual) - 1 for key, usual in _FIELDS)
    algorithm = str(options.get("hashtype") or "plaintext")
    for line in _lines(options):
        fields = line.split(separator)
        if len(fields) > max(name_at, secret_at) and fields[name_at] == username:
            return _same(_digest(password, algorithm), fields[secret_at])
    return False


_FIELDS = (("username_field", 1), ("password_field", 2))


def _htdigest(username: str, password: str, options: dict[str, Any]) -> bool:
    realm = options.get("realm")
    for line in _lines(options):
        name, found_realm, digest = (*line.split(":"), "", "", "")[:3]
        if name == username and (realm is None or found_realm == realm):
            algorithm = str(options.get("hashtype") or "md5")
            return _same(_digest(f"{username}:{found_realm}:{password}", algorithm), digest)
    return False


def _htpasswd(username: str, password: str, options: dict[str, Any]) -> bool:
    # The password goes by the standard input: arguments are seen by all users.
    found = process.run(
        ["htpasswd", "-vi", str(options["filename"]), username],
        stdin=f"{password}\n".encode(),
    )
    return found.retcode == 0


_KINDS = {"text": _text, "htdigest": _htdigest, "htpasswd": _htpasswd}


def _lines(options: dict[str, Any]) -> list[str]:
    with open(str(options["filename"]), encoding="utf-8") as file:
        return file.read().splitlines()


def _digest(text: str, algorithm: str) -> str:
    if algorithm == "plaintext":
        return text
    try:
        return hashlib.new(algorithm, text.encode()).hexdigest()
    except ValueError as error:
        raise CommandExecutionError(
            f"external_auth: file: ^hashtype {algorithm!r} is no algorithm of hashlib"
        ) from error


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.strip().encode())
