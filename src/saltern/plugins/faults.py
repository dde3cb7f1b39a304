"""What went wrong in a call, in the words of JOB-13: one wording for a job's return, one for `call` on the spot."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class Fault:
    """Why a call gave no value.

    `kind` is one of `unavailable`, `execution`, `invocation`, `command`, `arguments`, `exception`; `message` what was
    said, `details` the docstring (`arguments`, `invocation`) or the traceback (`exception`).
    """

    __slots__ = ("details", "fun", "kind", "message")

    def __init__(self, kind: str, fun: str, message: str, details: str = "") -> None:
        self.kind = kind
        self.fun = fun
        self.message = message
        self.details = details

    def as_return(self) -> str:
        """The text that a minion gives back as the value of a job."""
        return _RETURN_TEXTS[self.kind].format(self=self)

    def as_message(self) -> str:
        """The text that the caller of a function on this host is shown."""
        return _CALLER_TEXTS[self.kind].format(self=self)


_RETURN_TEXTS = {
    "unavailable": "{self.message}",
    "execution": "ERROR: {self.message}",
    "invocation": "ERROR executing '{self.fun}': {self.message}",
    "command": "Command required for '{self.fun}' not found: {self.message}",
    "arguments": "Passed invalid arguments to {self.fun}: {self.message}\n{self.details}",
    "exception": "The minion function caused an exception: {self.details}",
}
_CALLER_TEXTS = {
    "unavailable": "{self.message}",
    "execution": "Error running '{self.fun}': {self.message}",
    "invocation": "Passed invalid arguments: {self.message}\n{self.details}",
    "command": "Command required for '{self.fun}' not found: {self.message}",
    "arguments": "Passed invalid arguments: {self.message}\n{self.details}",
    "exception": "{self.details}",
}
_NAMED = {
    "CommandNotFoundError": "command",
    "CommandExecutionError": "execution",
    "RenderError": "execution",
    "SaltInvocationError": "invocation",
}


def fault_of(fun: str, error: BaseException, doc: str | None) -> Fault:
    """The fault that an exception of a called function means. `doc` is the function's docstring."""
    for base in type(error).__mro__:
        # By name, because a plugin's error may be the class of an installed Salt.
        kind = _NAMED.get(base.__name__)
        if kind is not None:
            return Fault(kind, fun, str(error), doc or "")
    if isinstance(error, TypeError) and not _entered(error):
        return Fault("arguments", fun, str(error), doc or "")
    return Fault("exception", fun, str(error), _traceback(error))


def _entered(error: BaseException) -> bool:
    """Whether the function began to run: then the fault is in it and not in the arguments."""
    return _plugin_frames(error) is not None


def _plugin_frames(error: BaseException) -> TracebackType | None:
    """The traceback without the frames of this room."""
    frames = error.__traceback__
    while frames is not None and str(frames.tb_frame.f_globals.get("__name__", "")).startswith("saltern.plugins."):
        frames = frames.tb_next
    return frames


def _traceback(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(type(error), error, _plugin_frames(error) or error.__traceback__))
