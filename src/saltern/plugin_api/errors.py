"""The exceptions by which a plugin says what went wrong; each has its own text in a return (behaviour JOB-13)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class DeliberateError(Exception):
    """Base of what a plugin raises on purpose."""


class CommandExecutionError(DeliberateError):
    """What was asked for was tried and failed. Reported as `ERROR: <message>`.

    `info` has details as data (`{"changes": {...}, "errors": [...]}`), which the text shows below the message, and
    `strerror` is the message alone.
    """

    def __init__(self, message: str = "", info: Any = None) -> None:
        super().__init__(message)
        self.strerror = message
        self.info = info

    def __str__(self) -> str:
        if not self.info:
            return str(self.strerror)
        if isinstance(self.info, str):
            details = self.info
        else:
            from saltern.plugin_api.indented import tree

            details = tree(self.info)
        return f"{_sentence(self.strerror)}Additional info follows:\n\n{details}"


class CommandNotFoundError(DeliberateError):
    """A program that the function needs is not installed."""


class SaltInvocationError(DeliberateError, TypeError):
    """The function was called with arguments that it cannot work with."""


class UnfitTypeError(SaltInvocationError):
    """An argument has a type that the function cannot work with. As in Salt, templates do not blame the function."""


class StatesInvalidError(DeliberateError):
    """States cannot be compiled; `messages` says what is wrong, one text for each fault."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


class MinionError(DeliberateError):
    """The minion cannot do this at all (a URL that it cannot read, a file client that is missing)."""


def _sentence(text: str) -> str:
    return f"{text} " if text.endswith((".", "!", "?")) else f"{text}. " if text else ""


class SerializationError(CommandExecutionError):
    """A value cannot be written in this form."""


class DeserializationError(CommandExecutionError):
    """A text in this form cannot be read."""


class ReturnRefusedError(CommandExecutionError):
    """A store will never take this return (too large, a text that it has no form for): sending it again is no use."""


class StoreUnwellError(CommandExecutionError):
    """A store cannot take everything for a while (a full disk, a lock, its end), however much gets through meanwhile:
    no return is to blame."""
