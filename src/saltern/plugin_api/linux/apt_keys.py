"""The keys that apt trusts: files in a directory of key rings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.plugin_api.whole_file import write_whole

DIRECTORY = "/etc/apt/keyrings"
SHOW = ("gpg", "--batch", "--no-default-keyring", "--with-colons", "--with-fingerprint", "--show-keys")

_VALIDITY = {"e": "expired", "r": "revoked", "i": "invalid", "d": "disabled"}
_CAPABILITIES = {"e": "encryption", "s": "signing", "c": "certification", "a": "authentication"}


def receive(target: str, keyserver: str, keyid: str) -> list[str]:
    """The command that fetches a key from a key server into a key ring."""
    ring = ("--no-default-keyring", "--keyring", target)
    return ["gpg", "--batch", *ring, "--keyserver", keyserver, "--recv-keys", keyid]


def apt_key(local: str | None, keyserver: str | None, keyid: str | None) -> list[str]:
    """The command by which the old apt-key adds a key: from a server, a file, or its standard input."""
    if keyserver and keyid:
        return ["apt-key", "adv", "--batch", "--keyserver", keyserver, "--recv", keyid]
    return ["apt-key", "add", local or "-"]


def store(target: str, local: str | None, text: str | None) -> None:
    """Put a key, a file or a text, where apt finds it; apt tells the two forms of keys apart by `.gpg` and `.asc`."""
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, Path(local).read_bytes() if local else str(text))


def parse_colons(text: str) -> dict[str, dict[str, Any]]:
    """The public keys in gpg's `--with-colons` output, by the last 8 digits of their ids."""
    found: dict[str, dict[str, Any]] = {}
    current: dict[str, Any] = {}
    for line in text.splitlines():
        fields = line.split(":")
        if fields[0] == "pub" and len(fields) > 11:
            current = {
                "keyid": fields[4],
                "keyid_type": "pub",
                "size": int(fields[2] or 0),
                "algorithm": fields[3],
                "date_creation": fields[5],
                "date_expiration": fields[6],
                "validity": _VALIDITY.get(fields[1], "valid"),
                "capability": ", ".join(_CAPABILITIES[one] for one in fields[11] if one in _CAPABILITIES),
            }
            found[fields[4][-8:]] = current
        elif fields[0] == "uid" and current and len(fields) > 9:
            current.setdefault("uid", fields[9])
        elif fields[0] == "fpr" and current and len(fields) > 9:
            current.setdefault("fingerprint", fields[9])
    return found
