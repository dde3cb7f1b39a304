"""Requests to web servers, from the master."""

from __future__ import annotations

from saltern.plugin_api import Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__plugins__: Plugins


def query(url: str, **kwargs: Any) -> dict[str, Any]:
    """Ask a web server, as the execution function `http.query` does, with its arguments: `body`, or `error`, and more.

    CLI Example::

        saltern runner http.query http://somelink.com/
        saltern runner http.query http://somelink.com/ method=POST params='{"key1": "val1"}'
        saltern runner http.query http://somelink.com/ method=POST data='<xml>somecontent</xml>'
    """
    found: dict[str, Any] = __plugins__.table("modules")["http.query"](url, **kwargs)
    return found


def update_ca_bundle(
    target: str | None = None, source: str | None = None, merge_files: str | list[str] | None = None
) -> None:
    """Renew the master's file of certificate authorities from a URL, and add those of further files to it.

    CLI Example::

        saltern runner http.update_ca_bundle
        saltern runner http.update_ca_bundle target=/path/to/cacerts.pem
        saltern runner http.update_ca_bundle source=https://example.com/cacerts.pem merge_files=/path/to/mycert.pem
    """
    __plugins__.table("modules")["http.update_ca_bundle"](target, source, merge_files)
