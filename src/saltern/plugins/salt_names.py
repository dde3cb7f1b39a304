"""Salt's own module names that plugins in Salt's form import: `salt.exceptions`, as our errors.

Only that module is offered, and only on a host without Salt: a Salt that is installed stays itself. Any other `salt.*`
import fails, and the plugin that tried it is refused with that reason. The names are put in place when the first
plugin whose code mentions `salt` is about to run.
"""

from __future__ import annotations

import sys
from types import CodeType, ModuleType

from saltern.plugin_api import errors

_NAMES = ("CommandExecutionError", "CommandNotFoundError", "MinionError", "SaltInvocationError")


def offer_salt_names() -> None:
    """Make `salt.exceptions` importable."""
    if "salt" in sys.modules:
        return
    try:
        __import__("salt")
    except ImportError:
        package = ModuleType("salt")
        package.__path__ = []
        exceptions = ModuleType("salt.exceptions")
        exceptions.__dict__.update(
            {name: getattr(errors, name) for name in _NAMES}, SaltException=errors.DeliberateError
        )
        package.__dict__["exceptions"] = exceptions
        sys.modules.update({"salt": package, "salt.exceptions": exceptions})


def mentions_salt(code: CodeType) -> bool:
    """Whether code, or a function in it, names `salt` or a module of it."""
    if any(name == "salt" or name.startswith("salt.") for name in code.co_names):
        return True
    return any(mentions_salt(inner) for inner in code.co_consts if isinstance(inner, CodeType))
