"""Lines for the minion's log, from the command line and from templates (`{{ salt.log.info("…") }}`)."""

from __future__ import annotations

import logging

_log = logging.getLogger(__name__)

__virtualname__ = "log"


def __virtual__() -> str:
    return __virtualname__


def debug(message: str) -> bool:
    """Write a line of the level debug.

    CLI Example::

        saltern run '*' log.debug 'a value is missing'
    """
    return _write(logging.DEBUG, message)


def info(message: str) -> bool:
    """Write a line of the level info.

    CLI Example::

        saltern run '*' log.info 'the release is done'
    """
    return _write(logging.INFO, message)


def warning(message: str) -> bool:
    """Write a line of the level warning.

    CLI Example::

        saltern run '*' log.warning 'the disk is nearly full'
    """
    return _write(logging.WARNING, message)


def error(message: str) -> bool:
    """Write a line of the level error.

    CLI Example::

        saltern run '*' log.error 'the key is missing'
    """
    return _write(logging.ERROR, message)


def critical(message: str) -> bool:
    """Write a line of the level critical.

    CLI Example::

        saltern run '*' log.critical 'the disk is full'
    """
    return _write(logging.CRITICAL, message)


def exception(message: str) -> bool:
    """Write a line of the level error, with the traceback of the exception that is being handled, if any.

    CLI Example::

        saltern run '*' log.exception 'the disk is full'
    """
    _log.error(message, exc_info=True)
    return True


def _write(level: int, message: str) -> bool:
    _log.log(level, "%s", message)
    return True
