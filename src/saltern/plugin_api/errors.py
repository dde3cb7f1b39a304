"""The exceptions by which a plugin says what went wrong; each has its own text in a return (behaviour JOB-13)."""

from __future__ import annotations


class DeliberateError(Exception):
    """Base of what a plugin raises on purpose."""


class CommandExecutionError(DeliberateError):
    """What was asked for was tried and failed. Reported as `ERROR: <message>`."""


class CommandNotFoundError(DeliberateError):
    """A program that the function needs is not installed."""


class SaltInvocationError(DeliberateError, TypeError):
    """The function was called with arguments that it cannot work with."""


class MinionError(DeliberateError):
    """The minion cannot do this at all (a URL that it cannot read, a file client that is missing)."""
