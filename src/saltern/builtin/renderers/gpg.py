"""Values that gpg encrypted, put back into what they were: PGP messages in texts, mappings and lists."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Opts

__opts__: Opts


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The data with its messages decrypted by the keys in `gpg_keydir`.

    A message that cannot be decrypted is an error, or stays as it is with `gpg_decrypt_must_succeed: False`.
    """
    from shutil import which

    from saltern.plugin_api.gpg_messages import decrypted

    if which("gpg") is None:
        raise CommandExecutionError("The renderer gpg needs the program gpg (package gnupg).")
    return decrypted(data.read() if hasattr(data, "read") else data, __opts__)
