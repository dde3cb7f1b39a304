"""Random texts, numbers and choices, and hashes of passwords."""

from __future__ import annotations

import base64
import hashlib
import random as _random
import secrets
import string

from saltern.plugin_api import CommandExecutionError, Grains, SaltInvocationError

__grains__: Grains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__virtualname__ = "random"


def __virtual__() -> str:
    return __virtualname__


def get_str(
    length: int = 20,
    chars: str | None = None,
    lowercase: bool = True,
    uppercase: bool = True,
    digits: bool = True,
    punctuation: bool = True,
    whitespace: bool = False,
    printable: bool = False,
) -> str:
    """A random text that nobody can guess, of these kinds of characters or of `chars`.

    CLI Example::

        saltern run '*' random.get_str 128
        saltern run '*' random.get_str 16 punctuation=False
    """
    kinds = (
        (lowercase, string.ascii_lowercase),
        (uppercase, string.ascii_uppercase),
        (digits, string.digits),
        (punctuation, string.punctuation),
        (whitespace, string.whitespace),
    )
    pool = chars or (string.printable if printable else "".join(text for wanted, text in kinds if wanted))
    if not pool:
        raise SaltInvocationError("There are no characters to choose from.")
    return "".join(secrets.choice(pool) for _ in range(int(length)))


def hash(value: Any, algorithm: str = "sha512") -> str:
    """The hex digest of a text by any algorithm that Python's hashlib has.

    CLI Example::

        saltern run '*' random.hash 'I am a string' md5
    """
    if algorithm not in hashlib.algorithms_available:
        raise CommandExecutionError("You must specify a valid algorithm.")
    return hashlib.new(algorithm, str(value).encode()).hexdigest()


def str_encode(value: str, encoder: str = "base64") -> str:
    """A text in base64, or in another of Python's text encodings (`rot13`).

    CLI Example::

        saltern run '*' random.str_encode 'I am a new string' base64
    """
    import codecs

    if not isinstance(value, str):
        raise SaltInvocationError("Value must be an encode-able string")
    if encoder == "base64":
        return base64.b64encode(value.encode()).decode()
    try:
        encoded: Any = codecs.encode(value, encoder)
    except (LookupError, ValueError, TypeError) as error:
        raise SaltInvocationError("Value must be an encode-able string") from error
    if not isinstance(encoded, str):
        raise SaltInvocationError("Value must be an encode-able string")
    return encoded


def rand_int(start: int = 1, end: int = 10, seed: Any = None) -> int:
    """A random number from `start` to `end`; with a seed always the same.

    CLI Example::

        saltern run '*' random.rand_int 1 10
    """
    return (_random.Random(seed) if seed is not None else _random.SystemRandom()).randint(int(start), int(end))


def seed(range: int = 10, hash: Any = None) -> int:
    """A number below `range` that this minion, or this text, always gets.

    CLI Example::

        saltern run '*' random.seed 10 hash=fqdn
    """
    return _random.Random(hash if hash is not None else __grains__["id"]).randrange(int(range))


def sample(value: list[Any], size: int, seed: Any = None) -> list[Any]:
    """Some items of a list at random; with a seed always the same.

    CLI Example::

        saltern run '*' random.sample '["one", "two"]' 1
    """
    from saltern.plugin_api.jinja.filters.hashes import random_sample

    return random_sample(list(value), int(size), seed)


def shuffle(value: list[Any], seed: Any = None) -> list[Any]:
    """A list in random order; with a seed always the same.

    CLI Example::

        saltern run '*' random.shuffle '["one", "two"]'
    """
    return sample(value, len(value), seed)


def shadow_hash(crypt_salt: str | None = None, password: str | None = None, algorithm: str = "sha512") -> str:
    """A password as /etc/shadow keeps it (crypt(3)); without one a random password.

    CLI Example::

        saltern run '*' random.shadow_hash 'My5alT' 'MyP@asswd' sha512
    """
    from shutil import which
    from subprocess import run

    methods = {"sha512": "-6", "sha256": "-5", "md5": "-1"}
    if algorithm not in methods:
        raise SaltInvocationError(f"Algorithm '{algorithm}' is not one of {', '.join(methods)}.")
    if which("openssl") is None:
        raise CommandExecutionError("The program openssl is not installed.")
    salt = ["-salt", crypt_salt] if crypt_salt else []
    text = password if password is not None else get_str(32)
    done = run(
        ["openssl", "passwd", methods[algorithm], *salt, "-stdin"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandExecutionError(f"openssl passwd: {done.stderr.strip()}")
    return done.stdout.strip()
