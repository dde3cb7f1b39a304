"""Digests, signatures and base64."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DIGESTS = ("md5", "sha256", "sha512")
_SIGNATURES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def digest(instr: Any, checksum: str = "md5") -> str:
    """The hex digest of a text: md5, sha256 or sha512.

    CLI Example::

        saltern run '*' hashutil.digest 'get salted'
        saltern run '*' hashutil.digest 'get salted' sha256
    """
    if checksum not in _DIGESTS:
        raise CommandExecutionError(f"Hash func '{checksum}' is not supported.")
    return hashlib.new(checksum, _bytes(instr)).hexdigest()


def digest_file(infile: str, checksum: str = "md5") -> str:
    """The hex digest of a file.

    CLI Example::

        saltern run '*' hashutil.digest_file /path/to/file sha256
    """
    if not Path(infile).is_file():
        raise CommandExecutionError(f"File path '{infile}' not found.")
    if checksum not in _DIGESTS:
        raise CommandExecutionError(f"Hash func '{checksum}' is not supported.")
    with Path(infile).open("rb") as file:
        return hashlib.file_digest(file, checksum).hexdigest()


def md5_digest(instr: Any) -> str:
    """The hex MD5 of a text.

    CLI Example::

        saltern run '*' hashutil.md5_digest 'get salted'
    """
    return digest(instr, "md5")


def sha256_digest(instr: Any) -> str:
    """The hex SHA-256 of a text.

    CLI Example::

        saltern run '*' hashutil.sha256_digest 'get salted'
    """
    return digest(instr, "sha256")


def sha512_digest(instr: Any) -> str:
    """The hex SHA-512 of a text.

    CLI Example::

        saltern run '*' hashutil.sha512_digest 'get salted'
    """
    return digest(instr, "sha512")


def base64_b64encode(instr: Any) -> str:
    """A text in base64, in one line.

    CLI Example::

        saltern run '*' hashutil.base64_b64encode 'get salted'
    """
    return base64.b64encode(_bytes(instr)).decode()


def base64_b64decode(instr: str) -> str | bytes:
    """What base64 in one line stands for: text, or bytes that are none.

    CLI Example::

        saltern run '*' hashutil.base64_b64decode 'Z2V0IHNhbHRlZA=='
    """
    return _text(_decoded(instr))


def base64_encodestring(instr: Any) -> str:
    """A text in base64, in lines of 76 characters.

    CLI Example::

        saltern run '*' hashutil.base64_encodestring 'get salted'
    """
    return base64.encodebytes(_bytes(instr)).decode()


def base64_decodestring(instr: str) -> str | bytes:
    """What base64 in lines stands for: text, or bytes that are none.

    CLI Example::

        saltern run '*' hashutil.base64_decodestring instr='Z2V0IHNhbHRlZAo='
    """
    return _text(_decoded(instr))


def base64_encodefile(fname: str) -> str:
    """The content of a file in base64, in lines.

    CLI Example::

        saltern run '*' hashutil.base64_encodefile /path/to/binary_file
    """
    try:
        return base64.encodebytes(Path(fname).read_bytes()).decode()
    except OSError as error:
        raise CommandExecutionError(f"{fname} cannot be read: {error.strerror}") from error


def base64_decodefile(instr: str, outfile: str) -> bool:
    """Write what base64 stands for into a file.

    CLI Example::

        saltern run '*' hashutil.base64_decodefile instr='Z2V0IHNhbHRlZAo=' outfile='/path/to/binary_file'
    """
    try:
        Path(outfile).write_bytes(_decoded(instr))
    except OSError as error:
        raise CommandExecutionError(f"{outfile} cannot be written: {error.strerror}") from error
    return True


def hmac_compute(string: Any, shared_secret: Any) -> str:
    """The hex HMAC (SHA-256) of a text.

    CLI Example::

        saltern run '*' hashutil.hmac_compute 'get salted' 'shared secret'
    """
    return hmac.new(_bytes(shared_secret), _bytes(string), hashlib.sha256).hexdigest()


def hmac_signature(string: Any, shared_secret: Any, challenge_hmac: Any) -> bool:
    """Whether base64 is the HMAC (SHA-256) of a text.

    CLI Example::

        saltern run '*' hashutil.hmac_signature 'get salted' 'shared secret' 'eBWf9bstXg+NiP5AOwppB5HM='
    """
    valid = hmac.new(_bytes(shared_secret), _bytes(string), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(valid), _bytes(challenge_hmac))


def github_signature(string: Any, shared_secret: Any, challenge_hmac: str) -> bool:
    """Whether a text has this signature of GitHub's, `algorithm=hex`.

    CLI Example::

        saltern run '*' hashutil.github_signature '{"ref": "main"}' 'shared secret' challenge_hmac=sha1=bc6550fc
    """
    algorithm, _, challenge = challenge_hmac.partition("=")
    if algorithm not in _SIGNATURES:
        return False
    valid = hmac.new(_bytes(shared_secret), _bytes(string), algorithm).hexdigest()
    return hmac.compare_digest(valid, challenge)


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, str):
        return value.encode()
    raise SaltInvocationError(f"expected str, bytes, or bytearray not {type(value)}")


def _text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def _decoded(instr: str) -> bytes:
    try:
        return base64.b64decode(_bytes(instr))
    except ValueError as error:
        raise CommandExecutionError(f"This is no base64: {error}") from error
