"""What went wrong in a call, in the words of JOB-13: one wording for a job's return, one for `call` on the spot."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class Fault:
    """Why a call gave no value.

    `kind` is one of `unavailable`, `execution`, `invocation`, `command`, `arguments`, `exception`, `type`; `message`
    what was said, `doc` the docstring (`arguments`, `invocation`, `type`), `traceback` is there with `exception` and
    `type`, which is a TypeError from within the function.
    """

    __slots__ = ("doc", "fun", "kind", "message", "traceback")

    def __init__(self, kind: str, fun: str, message: str, *, doc: str = "", traceback: str = "") -> None:
        self.kind = kind
        self.fun = fun
        self.message = message
        self.doc = doc
        self.traceback = traceback

    @property
    def sentence(self) -> str:
        return self.message.rstrip(".") + "."

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
    "arguments": "Passed invalid arguments to {self.fun}: {self.message}\n{self.doc}",
    "exception": "The minion function caused an exception: {self.traceback}",
    "type": "The minion function caused an exception: {self.traceback}",
}
_CALLER_TEXTS = {
    "unavailable": "{self.message}",
    "execution": "Error running '{self.fun}': {self.message}",
    "invocation": "Passed invalid arguments: {self.sentence}\n\nUsage:\n{self.doc}",
    "command": "Command required for '{self.fun}' not found: {self.message}",
    "arguments": "Passed invalid arguments: {self.sentence}\n\nUsage:\n{self.doc}",
    "exception": "{self.traceback}",
    # Salt's words, which blame the arguments; the traceback tells where the function fails.
    "type": "Passed invalid arguments: {self.sentence}\n\nUsage:\n{self.doc}\n\n{self.traceback}",
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
            return Fault(kind, fun, str(error), doc=doc or "")
    if not isinstance(error, TypeError):
        return Fault("exception", fun, str(error), traceback=_traceback(error))
    if not _entered(error):
        return Fault("arguments", fun, str(error), doc=doc or "")
    return Fault("type", fun, str(error), doc=doc or "", traceback=_traceback(error))


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
