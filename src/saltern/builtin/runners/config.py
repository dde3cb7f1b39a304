"""Values of the master's configuration."""

from __future__ import annotations

from saltern.plugin_api import Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts


def get(key: str, default: Any = "", delimiter: str = ":") -> Any:
    """A value of the master's configuration; `key` may lead into it, `file_roots:base`.

    CLI Example::

        saltern runner config.get file_roots
        saltern runner config.get file_roots:base
    """
    from saltern.plugin_api.nested import traverse

    return traverse(__opts__, key, default, delimiter)
