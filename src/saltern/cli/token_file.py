"""The access token that `-T` keeps: one file (0600), `token_file` in the configuration or `~/.saltern_token`."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def token_path(values: Mapping[str, Any]) -> str:
    return os.path.expanduser(str(values.get("token_file") or "~/.saltern_token"))  # noqa: PTH111


def kept_token(values: Mapping[str, Any]) -> str:
    """The token, if one is kept and nobody but its owner can read it; else an empty text."""
    try:
        descriptor = os.open(token_path(values), os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return ""
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as file:
        status = os.fstat(descriptor)
        return "" if status.st_uid != os.geteuid() or status.st_mode & 0o077 else file.read().strip()


def write_token(path: str, token: str) -> None:
    """Keep a token in the place of an earlier one. `CannotWrite` says why it cannot be kept."""
    part = f"{path}.{os.getpid()}"
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(token)
        os.replace(part, path)  # noqa: PTH105
    except OSError as error:
        from saltern.cli.output import CannotWrite

        raise CannotWrite(f"the token cannot be kept in {path}: {error.strerror}") from error


def forget_token(values: Mapping[str, Any]) -> None:
    """Remove what is kept, if there is anything."""
    try:
        os.unlink(token_path(values))  # noqa: PTH108
    except FileNotFoundError:
        return
