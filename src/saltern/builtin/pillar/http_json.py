"""Pillar from a URL that gives JSON."""

from __future__ import annotations

from saltern.plugin_api import Grains

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__grains__: Grains


def ext_pillar(
    minion_id: str,
    pillar: dict[str, Any],
    url: str,
    with_grains: bool = False,
    header_dict: dict[str, str] | None = None,
    username: str | None = None,
    password: str | None = None,
) -> dict[str, Any]:
    """The answer of `url`, in which `%s` is the minion's id; `with_grains` puts in grains for `<name>`."""
    import json

    from saltern.plugin_api.http_pillar import Wanted, pillar_of_url

    read = json.loads
    return pillar_of_url(minion_id, __grains__, Wanted(url, with_grains, header_dict or {}, username, password), read)
