"""What can go wrong with a server, as errors of the store."""

from __future__ import annotations

import importlib
from types import ModuleType

from saltern.errors import StoreError
from saltern.jobs.server.address import ServerAddress


class ConnectionBroken(StoreError):
    """The server went away, or does not answer: a new connection may do."""


def one_line(error: BaseException) -> str:
    """What a driver says, on one line."""
    text = error.args[-1] if error.args and isinstance(error.args[-1], str) else str(error)
    return "; ".join(line.strip() for line in text.splitlines() if line.strip()) or type(error).__name__


def about(address: ServerAddress, error: BaseException | str) -> str:
    told = error if isinstance(error, str) else one_line(error)
    return f"the job store {address}: {told}"


def unanswered(address: ServerAddress, seconds: float) -> str:
    return about(address, f"it did not answer within {seconds:g} seconds")


def driver(module: str, extra: str) -> ModuleType:
    """A library that only some job stores need; `StoreError` names what to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise StoreError(
            f"job_store: {extra} needs the library {module}, which is not installed ({error})",
            hint=f"pip install 'saltern[{extra}]'",
        ) from error
