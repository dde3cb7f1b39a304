"""Values of other stores, by `sdb://<profile>/<key>`: the profile is a mapping of the master's configuration."""

from __future__ import annotations

from saltern.plugin_api import Opts, Plugins
from saltern.plugin_api import sdb as _sdb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__plugins__: Plugins

__func_alias__ = {"set_": "set"}


def get(uri: str) -> Any:
    """The value of a URI; what is no URI, or names a profile that is not there, is given back.

    CLI Example::

        saltern runner sdb.get sdb://mymemcached/foo
    """
    return _sdb.get(uri, _drivers(), __opts__)


def set_(uri: str, value: Any) -> Any:
    """Keep a value; False where the profile is not there.

    CLI Example::

        saltern runner sdb.set sdb://mymemcached/foo bar
    """
    return _sdb.put(uri, value, _drivers(), __opts__)


def delete(uri: str) -> Any:
    """Take a value away; False where the profile is not there.

    CLI Example::

        saltern runner sdb.delete sdb://mymemcached/foo
    """
    return _sdb.delete(uri, _drivers(), __opts__)


def get_or_set_hash(uri: str, length: int = 8, chars: str = _sdb.CHARACTERS) -> Any:
    """The value of a URI; where there is none a random text is made and kept.

    CLI Example::

        saltern runner sdb.get_or_set_hash sdb://mymemcached/secret_key 50
    """
    return _sdb.get_or_make(uri, _drivers(), __opts__, length, chars)


def _drivers() -> Any:
    return __plugins__.table("sdb")
