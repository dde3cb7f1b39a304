"""The documentation of functions: of the master's own, and of those on minions."""

from __future__ import annotations

from saltern.plugin_api import Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.plugin_api.master_control import MasterControl

__plugins__: Plugins
__master__: MasterControl


def runner() -> dict[str, str]:
    """The documentation of all runner functions.

    CLI Example::

        saltern runner doc.runner
    """
    return _docs("runners")


def wheel() -> dict[str, str]:
    """The documentation of all wheel functions.

    CLI Example::

        saltern runner doc.wheel
    """
    return _docs("wheel")


def execution() -> dict[str, str]:
    """The documentation of the execution functions of all minions that answer.

    CLI Example::

        saltern runner doc.execution
    """
    found: dict[str, str] = {}
    for docs in __master__.run("*", "sys.doc").values():
        if isinstance(docs, dict):
            found.update({name: text or "" for name, text in docs.items() if name not in found})
    return dict(sorted(found.items()))


def _docs(kind: str) -> dict[str, str]:
    table = __plugins__.table(kind)
    functions = {
        name: function for module in table.module_names() for name, function in table.functions_of(module).items()
    }
    return {name: function.__doc__ or "" for name, function in sorted(functions.items())}
