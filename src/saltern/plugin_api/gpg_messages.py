"""PGP messages within data, put back into what they were by gpg."""

from __future__ import annotations

import os
import re
from typing import Any

from saltern.plugin_api.errors import CommandExecutionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_MESSAGE = re.compile(r"-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----", re.DOTALL)


def decrypted(value: Any, opts: Mapping[str, Any]) -> Any:
    """The data with the messages in its texts decrypted by the keys in `gpg_keydir`.

    A message that cannot be decrypted is an error, or stays as it is with `gpg_decrypt_must_succeed: False`.
    """
    if isinstance(value, str):
        plain = _MESSAGE.sub(lambda found: _plain(found.group(), opts), value)
        return value if plain == value else plain.rstrip("\n")
    if isinstance(value, dict):
        return {key: decrypted(one, opts) for key, one in value.items()}
    return [decrypted(one, opts) for one in value] if isinstance(value, list) else value


def _plain(message: str, opts: Mapping[str, Any]) -> str:
    from saltern.plugin_api.gnupg import Gpg

    folder = str(opts.get("gpg_keydir") or os.path.join(str(opts.get("config_dir") or "/etc/saltern"), "gpgkeys"))  # noqa: PTH118
    said = Gpg(folder).run("--quiet", "--decrypt", stdin=message.encode())
    if said.retcode == 0:
        return said.output.decode()
    if opts.get("gpg_decrypt_must_succeed", True):
        reason = "; ".join(said.error.splitlines())
        raise CommandExecutionError(f"A PGP message cannot be decrypted with the keys in {folder}: {reason}")
    return message
