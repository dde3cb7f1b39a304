"""What the author of a plugin may import: types of the injected names, and the errors that carry a meaning.

A plugin in Salt's form runs unchanged without any of this; the shipped plugins use it so that type checkers and readers
see what they expect.
"""

from saltern.plugin_api.depends import depends
from saltern.plugin_api.errors import (
    CommandExecutionError,
    CommandNotFoundError,
    MinionError,
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
    "Pillar",
    "PillarSource",
    "Plugins",
    "Rendering",
    "SaltInvocationError",
    "StateEngine",
    "StatesInvalidError",
    "TargetMatcher",
    "depends",
]
