"""Connections that a plugin keeps from one call to the next, in the context of its plugin space."""

from __future__ import annotations

import contextlib
import logging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, MutableMapping
    from typing import Any

log = logging.getLogger(__name__)


class Kept:
    """A connection and what it was made with. It is closed with the plugin space."""

    def __init__(self, options: Mapping[str, Any], connection: Any) -> None:
        self.options = options
        self.connection = connection

    def close(self) -> None:
        close = getattr(self.connection, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):  # it may be broken, which is no news here
                close()


@contextlib.contextmanager
def kept_connection(
    context: MutableMapping[str, Any], name: str, options: Mapping[str, Any], connect: Callable[[], Any]
) -> Iterator[Any]:
    """The connection kept under `name`, or a new one where there is none or the options are others.

    After an error it is closed: the next call connects anew.
    """
    key = f"connections.{name}"
    kept = context.get(key)
    if kept is None or kept.options != options:
        forget_connection(context, key)
        kept = context[key] = Kept(dict(options), connect())
    try:
        yield kept.connection
    except BaseException:
        forget_connection(context, key)
        raise


def forget_connection(context: MutableMapping[str, Any], key: str) -> None:
    """Close what is kept under a key."""
    kept = context.pop(key, None)
    if kept is not None:
        kept.close()


def close_connections(context: Mapping[str, Any]) -> None:
    """Close all that is kept in a context."""
    for kept in list(context.values()):
        if isinstance(kept, Kept):
            kept.close()
