"""Files of names and password hashes for web servers (`.htpasswd`), and the hashes themselves."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from pathlib import Path

from saltern.plugin_api.errors import CommandExecutionError

_ITOA = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ROUNDS = 1000
_PLACES = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))


def entries(path: str | Path) -> dict[str, str]:
    """The names of a file with their hashes; none where there is no file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    lines = (line.partition(":") for line in text.splitlines() if ":" in line and not line.startswith("#"))
    return {name: rest.partition(":")[0] for name, _, rest in lines}


def hashed(password: str, form: str) -> str:
    """A password by the form that htpasswd's option names: `m` (Apache's MD5), `s` (SHA-1), `p` (as it is)."""
    if form == "m":
        return apache_md5(password, "".join(secrets.choice(_ITOA) for _ in range(8)))
    if form == "s":
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
        return "{SHA}" + base64.b64encode(digest).decode()
    if form == "p":
        return password
    raise CommandExecutionError(f"There is no form of password hash '{form}': m, s or p, and d or B by htpasswd itself")


def is_password(hash_: str, password: str) -> bool | None:
    """Whether a hash is that of a password; None for a form that is not known here."""
    if hash_.startswith("$apr1$"):
        found = apache_md5(password, hash_.split("$")[2])
    elif hash_.startswith("{SHA}"):
        found = hashed(password, "s")
    elif hash_.startswith("$") or len(hash_) == 13:  # bcrypt, crypt(3)
        return None
    else:
        found = password
    return hmac.compare_digest(hash_.encode(), found.encode())


def apache_md5(password: str, salt: str) -> str:
    """Apache's own form of MD5 (`$apr1$`), a thousand rounds."""
    secret, seed = password.encode(), salt[:8].encode()
    inner = _md5(secret + seed + secret)
    text = secret + b"$apr1$" + seed
    text += b"".join(inner[: min(16, len(secret) - start)] for start in range(0, len(secret), 16))
    bits = len(secret)
    while bits:
        text += b"\0" if bits & 1 else secret[:1]
        bits >>= 1
    final = _md5(text)
    for number in range(_ROUNDS):
        mixed = secret if number & 1 else final
        mixed += seed if number % 3 else b""
        mixed += secret if number % 7 else b""
        mixed += final if number & 1 else secret
        final = _md5(mixed)
    shown = "".join(_letters(final[a] << 16 | final[b] << 8 | final[c], 4) for a, b, c in _PLACES)
    return f"$apr1${salt[:8]}${shown}{_letters(final[11], 2)}"


def _letters(value: int, count: int) -> str:
    return "".join(_ITOA[value >> 6 * place & 63] for place in range(count))


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
