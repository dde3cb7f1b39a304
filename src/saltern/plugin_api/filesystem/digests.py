"""Digests of files, the forms in which users give them, and the files of checksums that projects publish."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from typing import Any

from saltern.plugin_api.errors import SaltInvocationError

LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128}
"""The supported algorithms and how many hex digits each has."""

_BY_LENGTH = {length: name for name, length in LENGTHS.items()}
_LENGTHS_TEXT = ", ".join(f"{name} ({length})" for name, length in LENGTHS.items())
_DIGEST = re.compile(r"(?<![a-z0-9])([a-f0-9]{32,128})(?![.a-z0-9])", re.IGNORECASE)


def lengths_text() -> str:
    """The supported algorithms with their lengths, for messages."""
    return _LENGTHS_TEXT


def algorithm_of(digest: str) -> str | None:
    """The algorithm by the length of a digest; None for a text that is none."""
    return _BY_LENGTH.get(len(digest)) if re.fullmatch(r"[0-9a-fA-F]+", digest) else None


def of_file(path: str, form: str = "sha256", chunk_size: int = 65536) -> str:
    """The hex digest of a file's contents."""
    with open(path, "rb") as file:
        return _of_stream(file, form, chunk_size)


def of_bytes(data: bytes, form: str = "sha256") -> str:
    return hashlib.new(form, data, usedforsecurity=False).hexdigest()


def agrees(path: str, expected: Any) -> bool:
    """Whether a file has a digest, given as `algorithm=digest`, `algorithm:digest` or the digest alone."""
    if not isinstance(expected, str):
        raise SaltInvocationError("hash must be a string")
    for separator in (":", "="):
        if separator in expected:
            form, _, digest = expected.partition(separator)
            break
    else:
        digest, form = expected, _BY_LENGTH.get(len(expected), "")
        if not form:
            raise SaltInvocationError(
                f"Hash {expected} (length: {len(expected)}) could not be matched to a supported hash type. "
                f"The supported hash types and lengths are: {_LENGTHS_TEXT}"
            )
    return of_file(path, form) == digest


def find_published(
    path: str, form: str | None = "", file_name: str = "", source: str = "", name_in_list: str | None = None
) -> dict[str, str] | None:
    """The digest that a file of checksums has for a file.

    The line is chosen by `name_in_list`, else by the name of `source`, else by that of `file_name`, else the first with
    a digest of the form is taken. A `form` that is not supported admits every form.
    """
    wanted = [form] if form in LENGTHS else list(LENGTHS)
    names = [name for name in (name_in_list, source, file_name) if name]
    listed = [(line, found) for line, found in _published(path) if found["hash_type"] in wanted]
    for name in names:
        for line, found in listed:
            if _names(line, name):
                return found
    return listed[0][1] if listed else None


def _published(path: str) -> Iterator[tuple[str, dict[str, str]]]:
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            for match in _DIGEST.finditer(line):
                form = algorithm_of(match[1])
                if form:
                    yield line.replace(match[1], " "), {"hsum": match[1].lower(), "hash_type": form}
                    break


def _names(line: str, name: str) -> bool:
    """Whether one of the words of a line is the file: the whole name, or what follows its last slash."""
    words = [word.lstrip("*").strip("()") for word in line.split()]
    return name in words or any(os.path.basename(word) == os.path.basename(name) for word in words if word)


def _of_stream(file: Any, form: str, chunk_size: int) -> str:
    try:
        digest = hashlib.new(form, usedforsecurity=False)
    except (ValueError, TypeError) as error:
        raise ValueError(f"Invalid hash type: {form}") from error
    while chunk := file.read(chunk_size):
        digest.update(chunk)
    return digest.hexdigest()
