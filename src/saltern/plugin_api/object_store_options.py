"""Salt's options of S3 (`s3.keyid`, `s3.key`, …): the stores that files are read from."""

from __future__ import annotations

from saltern.plugin_api.object_store import ObjectStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

AMAZON = "s3.amazonaws.com"
_FIRST_REGION = "us-east-1"


def store_of(bucket: str, option: Callable[[str], Any]) -> ObjectStore:
    """The store that the options describe, by a function from their names without `s3.` to values or None.

    Without `keyid` requests are not signed. `service_url` may be a host, or a URL.
    """
    service = str(option("service_url") or AMAZON).rstrip("/")
    if "://" not in service:
        service = f"{'http' if option('https_enable') is False else 'https'}://{service}"
    verify = option("verify_ssl")
    return ObjectStore(
        endpoint=service,
        bucket=bucket,
        access_key=str(option("keyid") or ""),
        secret_key=str(option("key") or ""),
        region=str(option("location") or _FIRST_REGION),
        verify=True if verify is None else bool(verify),
        path_style=bool(option("path_style")),
    )
