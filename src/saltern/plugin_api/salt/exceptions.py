"""The errors that plugins raise and catch."""

from __future__ import annotations

from saltern.plugin_api.errors import (
    CommandExecutionError,
    CommandNotFoundError,
    DeliberateError,
    MinionError,
    SaltInvocationError,
)

SaltException = DeliberateError


class ArgumentValueError(CommandExecutionError):
    """An argument has a value that cannot be used."""


class AuthenticationError(SaltException):
    """Somebody could not show who he is."""


class AuthorizationError(SaltException):
    """Somebody may not do this."""


class CheckError(SaltException):
    """A check was not passed."""


class EauthAuthenticationError(SaltException):
    """An external authentication failed."""


class FileLockError(SaltException):
    """A file is locked by somebody else."""

    def __init__(self, message: str, time_start: float | None = None) -> None:
        super().__init__(message)
        self.time_start = time_start


class InvalidConfigError(CommandExecutionError):
    """The configuration cannot be used."""


class FileserverConfigError(SaltException):
    """The configuration of a file server back end cannot be used."""


class LoaderError(SaltException):
    """Plugins cannot be loaded."""


class PkgParseError(SaltException):
    """What a package manager printed cannot be read."""


class SaltClientError(SaltException):
    """A question to the master could not be asked."""


class SaltConfigurationError(SaltException):
    """The configuration is wrong."""


class SaltDeserializationError(SaltException):
    """A text cannot be read."""


class SaltMasterError(SaltException):
    """The master could not do what it was asked for."""


class SaltRenderError(SaltException):
    """A text could not be rendered."""


class SaltReqTimeoutError(SaltException):
    """The master gave no answer in time."""


class SaltRunnerError(SaltException):
    """A runner could not do what it was asked for."""


class SaltSystemExit(SystemExit):
    """The process should end."""

    def __init__(self, code: int = 0, msg: str | None = None) -> None:
        super().__init__(msg or code)


class SaltValidatorError(SaltException):
    """A value is not of the form that it has to have."""


class TemplateError(SaltException):
    """A template could not be rendered."""


class TimedProcTimeoutError(SaltException):
    """A program took too long."""


class TimeoutError(SaltException):
    """Something took too long."""


class UnsupportedArgument(Exception):
    """An argument is not known."""


class VMwareSaltError(CommandExecutionError):
    """A virtual machine's host refused something."""


class SaltCloudException(SaltException):
    """A cloud provider could not do what it was asked for."""


class SaltCloudConfigError(SaltCloudException):
    """The configuration of a cloud provider cannot be used."""


class SaltCloudNotFound(SaltCloudException):
    """A cloud provider does not have this."""


class SaltCloudSystemExit(SaltCloudException):
    """A cloud command should end."""


__all__ = [
    "ArgumentValueError",
    "AuthenticationError",
    "AuthorizationError",
    "CheckError",
    "CommandExecutionError",
    "CommandNotFoundError",
    "EauthAuthenticationError",
    "FileLockError",
    "FileserverConfigError",
    "InvalidConfigError",
    "LoaderError",
    "MinionError",
    "PkgParseError",
    "SaltClientError",
    "SaltCloudConfigError",
    "SaltCloudException",
    "SaltCloudNotFound",
    "SaltCloudSystemExit",
    "SaltConfigurationError",
    "SaltDeserializationError",
    "SaltException",
    "SaltInvocationError",
    "SaltMasterError",
    "SaltRenderError",
    "SaltReqTimeoutError",
    "SaltRunnerError",
    "SaltSystemExit",
    "SaltValidatorError",
    "TemplateError",
    "TimedProcTimeoutError",
    "TimeoutError",
    "UnsupportedArgument",
    "VMwareSaltError",
]
