"""GnuPG: the program is called, and what it says for machines (`--with-colons`, `--status-fd`) is read."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api import process
from saltern.plugin_api.errors import CommandExecutionError, CommandNotFoundError, SaltInvocationError

_TRUST = {
    "e": "Expired",
    "q": "Unknown",
    "n": "Not Trusted",
    "m": "Marginally",
    "f": "Fully Trusted",
    "u": "Ultimately Trusted",
    "-": "Unknown",
    "": "Unknown",
    "r": "Revoked",
    "i": "Invalid",
}
TRUST_LEVELS = {"expired": "1", "unknown": "2", "not_trusted": "3", "marginally": "4", "fully": "5", "ultimately": "6"}
TRUST_NAMES = {
    "expired": "Expired",
    "unknown": "Unknown",
    "not_trusted": "Not Trusted",
    "marginally": "Marginally",
    "fully": "Fully Trusted",
    "ultimately": "Ultimately Trusted",
}
VALIDITY = {
    "UNDEFINED": "Undefined",
    "NEVER": "Never",
    "MARGINAL": "Marginal",
    "FULLY": "Fully",
    "ULTIMATE": "Ultimate",
}


class Said(NamedTuple):
    """What gpg answered: its output, its status lines as keyword and words, and what it said to people."""

    retcode: int
    output: bytes
    status: list[tuple[str, list[str]]]
    error: str

    def has(self, keyword: str) -> bool:
        return any(word == keyword for word, _ in self.status)

    def words(self, keyword: str) -> list[list[str]]:
        return [words for word, words in self.status if word == keyword]


class Gpg(NamedTuple):
    """Whose keys: of a directory, and of one file of public keys in the place of the usual one (`keyring`)."""

    home: str
    keyring: str | None = None
    identity: process.Identity | None = None

    def run(self, *words: str, stdin: bytes = b"", passphrase: str | None = None) -> Said:
        """Call gpg. A passphrase goes by a pipe, and is seen by nobody."""
        program = process.find_program("gpg")
        if program is None:
            raise CommandNotFoundError("The program gpg is not installed")
        argv = [program, "--homedir", self.home, "--batch", "--no-tty", "--yes", "--fixed-list-mode"]
        if self.keyring:
            argv += ["--no-default-keyring", "--keyring", self.keyring]
        argv += ["--status-fd", "2"]
        if passphrase is not None:
            argv += ["--pinentry-mode", "loopback", "--passphrase-fd", "0"]
            stdin = passphrase.encode() + b"\n" + stdin
        around = process.Surroundings(env={**os.environ, "LC_ALL": "C.UTF-8"}, identity=self.identity)
        done = process.run([*argv, *words], around, stdin=stdin, timeout=600)
        return _said(done)

    def keys(self, *which: str, secret: bool = False) -> list[dict[str, Any]]:
        """The keys of the ring (with `which` those that are named) in Salt's shape."""
        done = self.run("--list-secret-keys" if secret else "--list-keys", "--with-colons", *which)
        return keys_of(done.output)


def home_of(user: str | None, gnupghome: str | None, config_dir: str) -> str:
    """The directory of the keys: as given, of the user, or for `salt` the one beside the configuration."""
    if gnupghome:
        return gnupghome
    if user == "salt":
        return os.path.join(config_dir, "gpgkeys")  # noqa: PTH118
    identity = process.identity_of(user)
    home = identity.home if identity else os.path.expanduser("~")  # noqa: PTH111
    return os.path.join(home, ".gnupg")  # noqa: PTH118


def opened(user: str | None, gnupghome: str | None, keyring: str | None, config_dir: str) -> Gpg:
    """The keys of a user; their directory is made where it lacks, for its owner alone."""
    home = home_of(user, gnupghome, config_dir)
    identity = process.identity_of(user) if user and user != "salt" and os.geteuid() == 0 else None
    if not os.path.isdir(home):  # noqa: PTH112
        Path(home).mkdir(mode=0o700, parents=True)
        if identity:
            os.chown(home, identity.uid, identity.gid)
    return Gpg(home, keyring, identity)


def content(text: Any, filename: str | None) -> bytes:
    """What is to be worked on. `SaltInvocationError` where neither was given, or the file is not there."""
    if text is not None:
        return text if isinstance(text, bytes) else str(text).encode()
    if filename is None:
        raise SaltInvocationError("filename or text must be passed.")
    if not os.path.isfile(filename):  # noqa: PTH113
        raise SaltInvocationError("filename does not exist.")
    return Path(filename).read_bytes()


def _said(done: process.Finished) -> Said:
    status, told = [], []
    for line in done.stderr.decode("utf-8", "replace").splitlines():
        if line.startswith("[GNUPG:] "):
            keyword, *words = line.removeprefix("[GNUPG:] ").split(" ")
            status.append((keyword, words))
        else:
            told.append(line)
    if done.timed_out:
        raise CommandExecutionError("gpg did not end within ten minutes")
    return Said(done.retcode, bytes(done.stdout), status, "\n".join(told))


def keys_of(output: bytes) -> list[dict[str, Any]]:
    """The keys of a listing `--with-colons`."""
    found: list[dict[str, Any]] = []
    place = ""
    for line in output.decode("utf-8", "replace").splitlines():
        fields = [*line.split(":"), *[""] * 12]
        kind = fields[0]
        if kind in ("pub", "sec"):
            found.append(_key(fields))
            place = "key"
        elif kind in ("sub", "ssb"):
            place = "subkey"
        elif found and kind == "fpr" and place == "key":
            found[-1]["fingerprint"] = fields[9]
            place = "named"
        elif found and kind == "uid":
            found[-1].setdefault("uids", []).append(_unescaped(fields[9]))
    return [_ordered(one) for one in found]


def _key(fields: list[str]) -> dict[str, Any]:
    key: dict[str, Any] = {"keyid": fields[4], "uids": []}
    if fields[6]:
        until = int(fields[6])
        key["expires"] = _day(until)
        key["expired"] = datetime.datetime.now(datetime.UTC).timestamp() >= until
    if fields[5]:
        key["created"] = _day(int(fields[5]))
    if fields[2]:
        key["keyLength"] = fields[2]
    key["ownerTrust"] = _TRUST.get(fields[8], "Unknown")
    key["trust"] = _TRUST.get(fields[1], "Unknown")
    return key


def _ordered(key: dict[str, Any]) -> dict[str, Any]:
    order = ("keyid", "uids", "fingerprint", "expires", "expired", "created", "keyLength", "ownerTrust", "trust")
    return {name: key[name] for name in order if name in key}


def _day(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%d")


def _unescaped(text: str) -> str:
    """A name as it is: gpg writes a colon as `\\x3a`."""
    return text.encode().decode("unicode_escape").encode("latin-1", "replace").decode("utf-8", "replace")
