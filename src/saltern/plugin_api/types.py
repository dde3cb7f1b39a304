"""Types of the names that the loader injects into a plugin.

The aliases are texts and the protocols exist for type checkers only: a plugin that names them imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from typing import Any, Protocol, TypeAlias
else:
    Protocol = object

Functions: TypeAlias = "Mapping[str, Callable[..., Any]]"
"""`__salt__`, `__utils__`, `__states__`, …: `module.function` to the function, loaded on first use."""

Grains: TypeAlias = "Mapping[str, Any]"
Pillar: TypeAlias = "Mapping[str, Any]"
Opts: TypeAlias = "dict[str, Any]"
Context: TypeAlias = "MutableMapping[str, Any]"

MasterRequest: TypeAlias = "Callable[[str, dict[str, Any]], Any]"
"""`__master_request__`: one verb of the master's registry with its arguments; gives the answer's value."""


class EventSender(Protocol):
    """`__event_sender__`: fires an event on the master's log, or with `local` on the minion's own bus.

    True when the event is on its way.
    """

    def __call__(self, tag: str, data: dict[str, Any], *, local: bool = False) -> bool: ...


class FileClient(Protocol):
    """`__file_client__`: the master's file tree, or in masterless mode this host's own."""

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]:
        """The paths of all files below a directory (empty: the whole tree)."""

    def file_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        """The paths of all directories below a directory."""

    def file_empty_dirs(self, saltenv: str, prefix: str = "") -> list[str]:
        """The paths of those directories that hold nothing."""

    def file_symlinks(self, saltenv: str, prefix: str = "") -> dict[str, str]:
        """The links below a directory, each with what it says."""

    def file_envs(self) -> list[str]:
        """The names of the environments."""

    def file_stat(self, saltenv: str, path: str) -> dict[str, Any] | None:
        """Of a file `{"size", "mode", "modified"}` (bytes, permission bits, seconds since 1970); None: no file."""

    def file_hash(self, saltenv: str, paths: list[str], algorithm: str = "sha256") -> dict[str, str]:
        """The hex digest of each of these files that exists."""

    def file_read(self, saltenv: str, path: str, offset: int) -> bytes:
        """A piece of a file from `offset` on, empty at its end."""


class Rendering(Protocol):
    """`__rendering__`: texts through the renderers that their `#!` line names, or else `renderers`, or `renderer`.

    Both raise `RenderError`. `variables` are further arguments of the renderers, and so variables of templates.
    """

    def text(
        self,
        text: str,
        *,
        renderers: str = "",
        saltenv: str = "base",
        sls: str = "",
        file: str = "",
        path: str = "",
        tmplpath: str = ":string:",
        variables: Mapping[str, Any] | None = None,
    ) -> Rendered:
        """Render a text. `file` is what errors call it, `path` its place in the tree, from which `./` counts."""

    def file(
        self,
        path: str,
        *,
        renderers: str = "",
        saltenv: str = "base",
        sls: str = "",
        variables: Mapping[str, Any] | None = None,
    ) -> Rendered:
        """Render a file of the tree (`salt://path` or `path`); `NotFound` where there is none."""


class Rendered(Protocol):
    """What came out of the last renderer."""

    data: Any
    file: str

    def place(self, *keys: Any) -> Any:
        """Where in the source the key or item stands to which `keys` lead: `file`, `line`, `column`; shows as text."""


class Plugins(Protocol):
    """`__plugins__`: the plugin space that the module lives in, for plugins that tell of plugins."""

    def table(self, kind: str) -> PluginTable:
        """The functions of a kind (`modules`, `states`, `returners`, …)."""

    def reload(self) -> None:
        """Forget what is loaded and look at the directories again."""


class PluginTable(Protocol):
    """A table of functions that also tells of its modules."""

    def __getitem__(self, key: str) -> Callable[..., Any]: ...

    def functions_of(self, name: str) -> dict[str, Callable[..., Any]]:
        """The public functions of one module by their full names, sorted; empty when there is no such module."""

    def module_names(self) -> list[str]:
        """The names of all modules that can be loaded, sorted."""

    def module_doc(self, name: str) -> str | None:
        """The docstring of a module."""

    def file_of(self, name: str) -> str:
        """The stem of the file that serves a module name; empty when none does."""

    def refused(self) -> dict[str, str]:
        """The modules that cannot be loaded: stem of the file to the reason (which may be empty)."""
