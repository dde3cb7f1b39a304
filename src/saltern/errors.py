"""Every error of Saltern, drawn as one tree.

::

    SalternError
    +-- UserError                 the person who typed it can mend it            exit 64, HTTP 400
    |   +-- ConfigError           a configuration file or option is wrong        exit 78
    |   +-- TargetError           a target expression cannot be read
    |   +-- ArgumentError         a function got arguments it cannot take
    |   +-- RenderError           a template or a data file cannot be rendered
    +-- NotFound                  what was named does not exist                  exit 66, HTTP 404
    |   +-- JobNotFound
    |   +-- KeyNotFound
    |   +-- FunctionNotFound
    |   +-- NoMinionsMatched                                                     exit 2
    +-- Conflict                  what was to be made exists already             exit 73, HTTP 409
    |   +-- JobExists
    +-- PermissionRefused         known, and not allowed                         exit 77, HTTP 403
    |   +-- AuthenticationError                                                  exit 2, HTTP 401
    |   +-- AuthorizationError
    +-- Unreachable               nobody answers there                           exit 69, HTTP 503
    |   +-- MasterNotRunning
    |   +-- LinkClosed
    |   +-- IdentityRefused       a certificate, key or fingerprint is wrong     exit 77
    +-- StoreError                a store cannot take or give                    exit 74, HTTP 507
    |   +-- StoreFull
    |   +-- StoreCorrupt
    +-- ProtocolError             the other side broke the protocol              exit 76, HTTP 502
    |   +-- FrameTooLarge
    +-- PluginError               a plugin raised, or cannot be loaded           exit 70

An exit code and an HTTP status belong to the class, so the command line and the REST API need no table of their own.
Across processes an error is data: its class name, its message and its hint (`to_data`, `from_data`).
"""

from __future__ import annotations

# A command line that starts in milliseconds does not import typing for the sake of annotations.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


class SalternError(Exception):
    """Something went wrong that Saltern knows by name."""

    exit_code: ClassVar[int] = 70
    http_status: ClassVar[int] = 500

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").strip())
        self.hint = hint

    @property
    def message(self) -> str:
        return str(self.args[0])

    def to_data(self) -> dict[str, str]:
        """What `from_data` makes an error of again: by the nearest class of this tree, which all processes know."""
        name = next(kind.__name__ for kind in type(self).__mro__ if kind.__module__ == __name__)
        return {"name": name, "message": self.message, "hint": self.hint}


class UserError(SalternError):
    """The request cannot be understood."""

    exit_code = 64
    http_status = 400


class ConfigError(UserError):
    """The configuration cannot be used."""

    exit_code = 78


class TargetError(UserError):
    """The target expression cannot be read."""


class ArgumentError(UserError):
    """The arguments do not fit the function."""


class RenderError(UserError):
    """A text cannot be rendered.

    `message` tells what is wrong, over several lines where it helps: the words that Salt users know, the lines around
    the place and a mark at it. `file`, `line` and `column` are the place itself, counted from 1; 0 and an empty text
    where it is not known. `includes` are the places (`file:line`) through which it was come there, the outermost
    first. `unforeseen` says that a renderer did not complain but fell over.
    """

    def __init__(
        self,
        message: str = "",
        *,
        file: str = "",
        line: int = 0,
        column: int = 0,
        includes: tuple[str, ...] = (),
        hint: str = "",
        unforeseen: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.file = file
        self.line = line
        self.column = column
        self.includes = includes
        self.unforeseen = unforeseen

    def name_sls(self, saltenv: str, sls: str) -> None:
        """Say in front, in Salt's words, which SLS file could not be rendered."""
        place = f"SLS {sls} failed, render error" if self.unforeseen else f"SLS '{saltenv}:{sls}' failed"
        self.args = (f"Rendering {place}: {self.message}", *self.args[1:])

    @property
    def place(self) -> str:
        """`file:line:column` as far as it is known."""
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])

    def __str__(self) -> str:
        return f"{self.message}\nHint: {self.hint}" if self.hint else self.message


class NotFound(SalternError):
    """There is no such thing."""

    exit_code = 66
    http_status = 404


class JobNotFound(NotFound):
    """There is no such job in the job cache."""


class KeyNotFound(NotFound):
    """There is no such key."""


class FunctionNotFound(NotFound):
    """There is no such function."""


class NoMinionsMatched(NotFound):
    """No minions matched the target. No command was sent, no jid was assigned."""

    exit_code = 2


class Conflict(SalternError):
    """It exists already."""

    exit_code = 73
    http_status = 409


class JobExists(Conflict):
    """A job with this jid exists already."""


class PermissionRefused(SalternError):
    """This is not allowed."""

    exit_code = 77
    http_status = 403


class AuthenticationError(PermissionRefused):
    """The credentials were not accepted."""

    exit_code = 2
    http_status = 401


class AuthorizationError(PermissionRefused):
    """The user may not do this."""


class Unreachable(SalternError):
    """Nobody answers there."""

    exit_code = 69
    http_status = 503


class MasterNotRunning(Unreachable):
    """The master does not answer."""


class LinkClosed(Unreachable):
    """The connection is closed."""


class IdentityRefused(Unreachable):
    """The other side is not who it should be."""

    exit_code = 77


class StoreError(SalternError):
    """The store cannot do that now."""

    exit_code = 74
    http_status = 507


class StoreFull(StoreError):
    """There is no space left for the store."""


class StoreCorrupt(StoreError):
    """A file of the store is damaged."""


class ProtocolError(SalternError):
    """The other side broke the protocol."""

    exit_code = 76
    http_status = 502


class FrameTooLarge(ProtocolError):
    """A frame is larger than allowed."""


class PluginError(SalternError):
    """A plugin failed."""


def _classes(base: type[SalternError]) -> dict[str, type[SalternError]]:
    found = {base.__name__: base}
    for child in base.__subclasses__():
        found.update(_classes(child))
    return found


def from_data(data: dict[str, Any]) -> SalternError:
    """The error that `to_data` described; a name that this version does not know becomes a `SalternError`."""
    kind = _classes(SalternError).get(str(data.get("name")), SalternError)
    return kind(str(data.get("message", "")), hint=str(data.get("hint", "")))
