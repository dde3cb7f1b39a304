"""What the author of a plugin may import: types of the injected names, and the errors that carry a meaning.

A plugin in Salt's form runs unchanged without any of this; the shipped plugins use it so that type checkers and readers
see what they expect.
"""

from saltern.plugin_api.depends import depends
from saltern.plugin_api.errors import (
    CommandExecutionError,
    CommandNotFoundError,
    MinionError,
    ReturnRefusedError,
    SaltInvocationError,
    StatesInvalidError,
)
from saltern.plugin_api.types import (
    Context,
    EventSender,
    FileClient,
    Functions,
    Grains,
    MasterRequest,
    Opts,
    OwnMinion,
    Pillar,
    PillarSource,
    Plugins,
    Rendering,
    StateEngine,
    TargetMatcher,
)

__all__ = [
    "CommandExecutionError",
    "CommandNotFoundError",
    "Context",
    "EventSender",
    "FileClient",
    "Functions",
    "Grains",
    "MasterRequest",
    "MinionError",
    "Opts",
    "OwnMinion",
    "Pillar",
    "PillarSource",
    "Plugins",
    "Rendering",
    "ReturnRefusedError",
    "SaltInvocationError",
    "StateEngine",
    "StatesInvalidError",
    "TargetMatcher",
    "depends",
]
