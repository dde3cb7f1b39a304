"""Hashes of passwords, by the system's own crypt(3)."""

from __future__ import annotations

import ctypes
import ctypes.util
import secrets
import string

from saltern.plugin_api.errors import CommandExecutionError, SaltInvocationError

ALGORITHMS = {"sha512": "$6$", "sha256": "$5$", "blowfish": "$2b$12$", "md5": "$1$", "yescrypt": "$y$j9T$", "crypt": ""}
_SALT_LENGTHS = {"blowfish": 22, "md5": 8, "yescrypt": 22, "crypt": 2}
_ALPHABET = string.ascii_letters + string.digits + "./"


def make(password: str, salt: str | None = None, algorithm: str = "sha512") -> str:
    """The hash of a password; without a salt a random one is made.

    Raises `SaltInvocationError` for an algorithm that is not known, `CommandExecutionError` for one that this system
    does not have.
    """
    if algorithm not in ALGORITHMS:
        raise SaltInvocationError(
            f"Cannot hash using '{algorithm}' hash algorithm. Supported algorithms are: {', '.join(ALGORITHMS)}"
        )
    length = _SALT_LENGTHS.get(algorithm, 16)
    chosen = salt or "".join(secrets.choice(_ALPHABET) for _ in range(length))
    found = _crypt(password, ALGORITHMS[algorithm] + chosen)
    if not found or found.startswith("*"):
        raise CommandExecutionError(f"This system cannot hash with {algorithm} and this salt")
    return found


def _crypt(password: str, setting: str) -> str:
    library = ctypes.CDLL(ctypes.util.find_library("crypt"))
    try:
        function = library.crypt
    except AttributeError as error:
        raise CommandExecutionError("This system has no library for hashes of passwords (libcrypt)") from error
    function.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
    function.restype = ctypes.c_char_p
    found = function(password.encode(), setting.encode())
    return found.decode() if found else ""
