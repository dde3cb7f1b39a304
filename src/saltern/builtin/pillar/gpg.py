"""The pillar itself, with what gpg encrypted in it put back into what it was."""

from __future__ import annotations

from saltern.plugin_api import Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts


def ext_pillar(minion_id: str, pillar: dict[str, Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """The pillar that there is so far, decrypted as the renderer gpg does."""
    from saltern.plugin_api.gpg_messages import decrypted

    found: dict[str, Any] = decrypted(pillar, __opts__)
    return found
