"""Types of the names that the loader injects into a plugin.

The aliases are texts and the protocols exist for type checkers only: a plugin that names them imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any, Protocol, TypeAlias

    from saltern.plugin_api.state_package import StatePackage
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

OwnMinion: TypeAlias = "Callable[[str, str, dict[str, Any]], Any]"
"""`__own_minion__`: asks a part of the minion of this machine (`schedule`, `beacons`) for something by a verb.

Where no minion runs, what its files say is asked and changed; `Unreachable` for what only one that runs can do. None on
a master.
"""


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

    Both raise `RenderError`, and `file` raises `NotFound`. `variables` are further arguments of the renderers, and so
    variables of templates; `context` are variables that win over all others and may have any name. An `sls` of None
    is a text that is no SLS file, whose templates know nothing of one.
    """

    def text(
        self,
        text: str,
        *,
        renderers: str = "",
        saltenv: str = "base",
        sls: str | None = "",
        file: str = "",
        path: str = "",
        tmplpath: str = ":string:",
        variables: Mapping[str, Any] | None = None,
        context: Mapping[str, Any] | None = None,
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


class PillarSource(Protocol):
    """`__pillar_compiler__`: this minion's pillar, from the master, or with `file_client: local` from this machine.

    What cannot be compiled is told by texts under the key `_errors`. Where a plugin takes part in compiling a pillar
    (a template, an external pillar), that pillar is never begun anew: it gets what there is so far.
    """

    def current(self) -> dict[str, Any]:
        """The pillar as it was compiled last: what `__pillar__` is made from."""

    def refresh(self) -> dict[str, Any]:
        """The pillar compiled now, and from now on the one that the minion has."""

    def for_states(self, override: Mapping[str, Any] | None = None, pillarenv: str | None = None) -> dict[str, Any]:
        """The pillar that a run of states begins with: a master compiles it for the run."""

    def compile(
        self,
        *,
        override: Mapping[str, Any] | None = None,
        pillarenv: str | None = None,
        saltenv: str | None = None,
        external: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The whole pillar, compiled now, `override` laid over it.

        `external` is one entry of `ext_pillar`, asked instead of all else; a master grants only what its
        `on_demand_ext_pillar` names.
        """

    def of_roots(self, roots: Mapping[str, Sequence[str]], pillarenv: str | None = None) -> dict[str, Any]:
        """The pillar of other pillar roots, compiled here, without external pillars: for plugins that have roots."""


class TargetMatcher(Protocol):
    """`__target_matcher__`: whether target expressions mean this minion, by its own grains, pillar and data."""

    def matches(
        self, expression: str | list[str], kind: str, *, minion_id: str | None = None, delimiter: str = ":"
    ) -> bool:
        """`minion_id` puts another id in the place of the minion's own. What cannot be read matches nobody."""


class StateEngine(Protocol):
    """`__state_engine__`: compiles states and runs them in the space of the caller.

    What cannot be compiled raises `StatesInvalidError`. High data maps ids to states, low data is a list of chunks in
    the order of the run, results are keyed by tag as Salt keys them.
    """

    def tops(self, saltenv: str | None = None, top_file: str = "") -> dict[str, list[str]]:
        """The SLS files that concern this minion, by environment."""

    def high(self, matches: Mapping[str, Sequence[str]], exclude: Any = None) -> dict[str, Any]:
        """The high data of SLS files by environment."""

    def gathered(self, matches: Mapping[str, Sequence[str]], *, checked: bool = True) -> dict[str, Any]:
        """The high data of SLS files before `extend`, `exclude` and requisites in reverse change it."""

    def high_of_text(self, text: str, *, file: str = "", saltenv: str = "base") -> dict[str, Any]:
        """The high data of one text in the form of an SLS file."""

    def high_of_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """High data that was given, checked."""

    def low(self, high: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The chunks of high data, in the order of the run."""

    def low_shown(self, high: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The chunks in the order of the run, those that are tried first (`prereq`) in both their places."""

    def graph(self, high: Mapping[str, Any]) -> str:
        """What needs what, in the language of Graphviz."""

    def needed(self, low: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
        """Of these chunks those of an id or name, and all that they need."""

    def trial(self, test: bool) -> AbstractContextManager[None]:
        """Within it the option `test` says this, to what is rendered as well."""

    def run(
        self, low: Sequence[dict[str, Any]], *, test: bool, mock: bool = False, events: bool | None = None
    ) -> dict[str, Any]:
        """Run chunks; their results. With `mock` requisites and conditions are looked at, and nothing is called.

        `events` tells the end of each chunk on the bus; None for what the option `state_events` says.
        """

    def with_pillar(self, override: Mapping[str, Any], pillarenv: str | None = None) -> None:
        """Lay a pillar over the one that there is, for the rest of this call."""


class PackagedStates(Protocol):
    """`__packaged_states__`: runs of states that bring their files, pillar and grains along."""

    def run(self, package: StatePackage, *, test: bool) -> dict[str, Any]:
        """Run the chunks of a package; their results. What it brings counts for this run alone."""


class Plugins(Protocol):
    """`__plugins__`: the plugin space that the module lives in, for plugins that tell of plugins."""

    def table(self, kind: str) -> PluginTable:
        """The functions of a kind (`modules`, `states`, `returners`, …)."""

    def reload(self) -> None:
        """Forget what is loaded and look at the directories again."""

    def set_name(self, kind: str, name: str, value: Any) -> None:
        """Give all modules of a kind, those that are loaded and those to come, a name."""


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
