"""Values of other stores, by `sdb://<profile>/<key>`: the profile is a mapping of the configuration with a `driver`."""

from __future__ import annotations

from saltern.plugin_api import Functions, Opts, Pillar
from saltern.plugin_api import sdb as _sdb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__pillar__: Pillar
__sdb__: Functions

__func_alias__ = {"set_": "set"}


def get(uri: str, strict: bool = False) -> Any:
    """The value of a URI; what is no URI, or names a profile that is not there, is given back, or with `strict` raised.

    CLI Example::

        saltern run '*' sdb.get sdb://mymemcached/foo
    """
    return _sdb.get(uri, __sdb__, _profiles(), strict=strict)


def set_(uri: str, value: Any) -> Any:
    """Keep a value; False where the profile is not there.

    CLI Example::

        saltern run '*' sdb.set sdb://mymemcached/foo bar
    """
    return _sdb.put(uri, value, __sdb__, _profiles())


def delete(uri: str) -> Any:
    """Take a value away; False where the profile is not there.

    CLI Example::

        saltern run '*' sdb.delete sdb://mymemcached/foo
    """
    return _sdb.delete(uri, __sdb__, _profiles())


def get_or_set_hash(uri: str, length: int = 8, chars: str = _sdb.CHARACTERS) -> Any:
    """The value of a URI; where there is none a random text is made and kept.

    CLI Example::

        saltern run '*' sdb.get_or_set_hash sdb://mymemcached/secret_key 50
    """
    return _sdb.get_or_make(uri, __sdb__, _profiles(), length, chars)


def _profiles() -> dict[str, Any]:
    return {**__pillar__, **__opts__}
