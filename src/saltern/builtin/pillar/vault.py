"""Pillar from secrets of HashiCorp Vault; the option `vault` says where it is and how to log in."""

from __future__ import annotations

from saltern.plugin_api import Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts


def ext_pillar(minion_id: str, pillar: dict[str, Any], conf: str, nesting_key: str | None = None) -> dict[str, Any]:
    """The keys of the secret at `path`, with `{minion}` and `{pillar[KEY]}` put in: `- vault: path=secret/salt`.

    They stand below `nesting_key`, if one is given.
    """
    from saltern.plugin_api.named_words import words_of
    from saltern.plugin_api.vault_secrets import place_of, secret_at, service_of

    _, words = words_of(conf, minion_id)
    path = words.get("path", "").strip("/").format(minion=minion_id, pillar=pillar)
    service = service_of(__opts__.get("vault") or {})
    where, second = place_of(service, path)
    found = secret_at(service, where, second=second) or {}
    key = words.get("nesting_key") or nesting_key
    return {key: found} if key and found else found
