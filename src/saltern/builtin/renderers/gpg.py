"""Values that gpg encrypted, put back into what they were: PGP messages in texts, mappings and lists."""

from __future__ import annotations

import os
import re
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts

__opts__: Opts
__salt__: Functions

_MESSAGE = re.compile(r"-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----", re.DOTALL)


def render(data: Any, saltenv: str = "base", sls: str = "", argline: str = "", **kws: Any) -> Any:
    """The data with its messages decrypted by the keys in `gpg_keydir`.

    A message that cannot be decrypted stays as it is, unless `gpg_decrypt_must_succeed` is set.
    """
    from shutil import which

    if which("gpg") is None:
        raise CommandExecutionError("The renderer gpg needs the program gpg (package gnupg).")
    if hasattr(data, "read"):
        data = data.read()
    return _decrypted(data)


def _decrypted(value: Any) -> Any:
    if isinstance(value, str):
        return (
            _MESSAGE.sub(lambda found: _plain(found.group()), value).rstrip("\n") if _MESSAGE.search(value) else value
        )
    if isinstance(value, dict):
        return {key: _decrypted(one) for key, one in value.items()}
    return [_decrypted(one) for one in value] if isinstance(value, list) else value


def _plain(message: str) -> str:
    from subprocess import run

    folder = str(__opts__.get("gpg_keydir") or os.path.join(str(__opts__.get("config_dir", "/etc/saltern")), "gpgkeys"))
    done = run(
        ["gpg", "--homedir", folder, "--status-fd", "2", "--no-tty", "--quiet", "-d"],
        input=message.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout.decode()
    if __opts__.get("gpg_decrypt_must_succeed", True):
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise CommandExecutionError(f"A PGP message cannot be decrypted with the keys in {folder}: {reason[-1:]}")
    return message
