"""The plugins' world of a minion."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from saltern.assembly import stored_options
from saltern.assembly.services import SERVICES
from saltern.config.minion import MinionConfig
from saltern.errors import Unreachable
from saltern.minion.grains import GrainSources, assemble
from saltern.plugin_api.errors import ReturnRefusedError
from saltern.plugin_api.files import TreeFiles
from saltern.plugins.encode import plain, write
from saltern.plugins.index import PluginIndex
from saltern.plugins.invoke import Invocation, invoke, invoke_compound
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.plugins.table import FunctionMissingError
from saltern.salt_compat.opts import to_opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from saltern.config.master_options import MasterConfig
    from saltern.minion.return_delivery import Returners
    from saltern.minion.worker import Line, Result

log = logging.getLogger(__name__)


class MinionPlugins:
    """A `minion.worker.Plugins`. One call, one space: nothing of a job stays behind for the next.

    `program` is what Salt calls the program that this runs in: formulas ask `opts.__cli` for it.
    """

    def __init__(self, config: MinionConfig, *, program: str = "salt-minion", local: bool = False) -> None:
        self._config = config
        self._opts = to_opts(config, __cli=program, local=local)
        self._index = PluginIndex(SearchPath.of_opts(self._opts), str(config.cachedir))
        self._has_stored_options = stored_options.are_named(self._opts)

    def warm(self) -> None:
        """Read the index and import what most jobs need, so that forked workers find it done."""
        self._index.refresh()
        self._index.names("modules")
        self._index.names("grains")

    def grains(self, *, refresh: bool = True) -> dict[str, Any]:
        found: dict[str, Any] = self._lazy_grains(Scope(self._opts), refresh=refresh).fill()
        return found

    def _lazy_grains(self, scope: Scope, *, refresh: bool) -> Any:
        config = self._config
        space = PluginSpace(self._index, scope)
        sources = GrainSources(
            configured=config.grains,
            file=config.conf_file.parent / "grains",
            blacklist=config.grains_blacklist,
            deep_merge=config.grains_deep_merge,
            disabled=config.disable_grains,
            cache=config.cachedir / "grains.cache" if config.grains_cache else None,
        )
        return assemble(space.table("grains"), sources, refresh=refresh)

    def invoke(self, load: Mapping[str, Any], grains: Path, line: Line, *, follow: bool) -> Result:
        scope = Scope(
            self._opts,
            grains=_kept_grains(grains),
            names=_of_job(load) | ({"__progress__": line.printed} if follow else {}),
            **self._ways_out(line),
            own_minion=lambda part, verb, args: line.manage(part, verb, plain(args)),
        )
        return self.call(scope, load, on_item=lambda item: _report(line, item))

    def _ways_out(self, line: Line | None) -> dict[str, Any]:
        """What a scope is given to reach beyond its process; without a line there is this machine alone."""
        is_local = self._config.file_client == "local"
        return {
            "services": SERVICES if is_local else {**SERVICES, "__pillar_compiler__": _asking(line)},
            "files": local_files(self._config) if is_local else None,
            "send_event": None if line is None else _sender(line),
            "request": None if line is None else _asker(line),
        }

    def call(self, scope: Scope, load: Mapping[str, Any], on_item: Callable[[Any], None] | None = None) -> Invocation:
        """Call what a publication names, in a space of its own."""
        with PluginSpace(self._index, scope) as space:
            pillars = space.service("__pillar_compiler__")
            if pillars is not None:
                space.fill_pillar(lambda: pillars.current())
            self._complete(scope, space)
            if isinstance(load["fun"], str):
                return invoke(space, load["fun"], load["arg"], publication=load, on_item=on_item)
            return invoke_compound(
                space, load["fun"], load["arg"], ordered=self._config.multifunc_ordered, publication=load,
                on_item=on_item,
            )  # fmt: skip

    def call_here(self, load: Mapping[str, Any], *, grains: bool = True) -> Invocation:
        """Call in this process: `saltern call`. Grains are computed as they are asked for.

        What the function asks of masters goes through the running minion, unless `file_client` is `local`.
        """
        empty = Scope(self._opts)
        scope = Scope(
            self._opts,
            grains=self._lazy_grains(empty, refresh=False) if grains else {},
            names=_of_job(load),
            **self._ways_out(None if self._config.file_client == "local" else _line_to_minion(self._config)),
        )
        scope.own_minion = _own_minion(self._config, scope)
        return self.call(scope, load)

    @staticmethod
    def write(value: Any, file: BinaryIO) -> None:
        write(value, file, log.warning)

    def returners_of(self, load: Mapping[str, Any]) -> list[str]:
        """Each once: those of the publication, those of the option `return` (behaviours RET-02, RET-03)."""
        configured = self._config.return_
        always = configured.split(",") if isinstance(configured, str) else configured
        names = [*str(load.get("ret") or "").split(","), *always]
        return list(dict.fromkeys(name.strip() for name in names if name and name.strip()))

    @contextmanager
    def returners(self, grains: Path, line: Line) -> Iterator[Returners]:
        """The returners in a space of their own; what they ask of grains and pillar is that of this minion."""
        with self._returners(Scope(self._opts, grains=_kept_grains(grains), **self._ways_out(line))) as returners:
            yield returners

    @contextmanager
    def beacons(self, grains: Path, line: Line) -> Iterator[Mapping[str, Callable[..., Any]]]:
        """The beacons in a space of their own."""
        scope = Scope(self._opts, grains=_kept_grains(grains), **self._ways_out(line))
        with self._open(scope) as space:
            yield space.table("beacons")

    @contextmanager
    def _returners(self, scope: Scope) -> Iterator[Returners]:
        with self._open(scope) as space:
            yield _Returners(space)

    @contextmanager
    def _open(self, scope: Scope) -> Iterator[PluginSpace]:
        """A space that works without a pillar where no master can be asked."""
        with PluginSpace(self._index, scope) as space:
            pillars = space.service("__pillar_compiler__")
            if pillars is not None:
                space.fill_pillar(lambda: _pillar_or_none(pillars))
            self._complete(scope, space)
            yield space

    def _complete(self, scope: Scope, space: PluginSpace) -> None:
        """Before a module is loaded: the options have all that modules look for in them."""
        if self._has_stored_options:
            scope.opts = stored_options.looked_up(scope.opts, space)
        scope.opts = {**scope.opts, "grains": scope.grains, "pillar": scope.pillar}

    def call_returners(self, load: Mapping[str, Any], given: dict[str, Any]) -> None:
        """Here and now: `saltern call`. One that fails is logged, and the job is none the worse (behaviour RET-04)."""
        names = self.returners_of(load)
        if not names:
            return
        full = given | {name: load[name] for name in ("ret_config", "ret_kwargs", "metadata") if load.get(name)}
        line = None if self._config.file_client == "local" else _line_to_minion(self._config)
        grains = self._lazy_grains(Scope(self._opts), refresh=False)
        with self._returners(Scope(self._opts, grains=grains, **self._ways_out(line))) as returners:
            for name in names:
                try:
                    returners.send(name, full)
                except Exception as error:  # the boundary to a plugin
                    log.error(
                        "The return failed for job %s %s: returner %s: %s", given["jid"], given["fun"], name, error
                    )
                    log.debug("a returner failed", exc_info=True)


class _Returners:
    """A `minion.return_delivery.Returners` over a plugin space."""

    def __init__(self, space: PluginSpace) -> None:
        self._table = space.table("returners")

    def send(self, returner: str, ret: Mapping[str, Any]) -> None:
        from saltern.minion.return_delivery import ReturnNotTaken

        try:
            call = self._table[f"{returner}.returner"]
        except FunctionMissingError as missing:
            raise ReturnNotTaken(f"Returner {returner}.returner could not be loaded: {missing}") from missing
        try:
            call(dict(ret))
        except ReturnRefusedError as refusal:
            raise ReturnNotTaken(str(refusal)) from refusal


def _pillar_or_none(pillars: Any) -> Mapping[str, Any]:
    """The pillar; an empty one when no master can be asked, because the options may stand in the configuration."""
    try:
        found: Mapping[str, Any] = pillars.current()
    except Unreachable as error:
        log.warning("returners have no pillar now: %s", error)
        return {}
    return found


def _asking(line: Line | None) -> Callable[[PluginSpace], Any]:
    """Who makes the source of pillar of a space that has this line."""

    def make(space: PluginSpace) -> Any:
        from saltern.assembly.master_pillar import MasterPillar, no_master

        return no_master(space) if line is None else MasterPillar(line)

    return make


def _own_minion(config: MinionConfig, scope: Scope) -> Callable[[str, str, dict[str, Any]], Any]:
    """What `saltern call` gives functions to ask the minion by; it costs nothing before it is used."""

    def ask(part: str, verb: str, args: dict[str, Any]) -> Any:
        return found()(part, verb, plain(args))

    @cache
    def found() -> Callable[[str, str, dict[str, Any]], Any]:
        from saltern.assembly.own_minion import asker

        return asker(config, lambda: _line_to_minion(config), lambda: scope.pillar)

    return ask


def _line_to_minion(config: MinionConfig) -> Line | None:
    """The line of a worker to the minion that runs on this machine; None when none does."""
    from saltern.assembly.places import callers_socket
    from saltern.minion.callers import connected
    from saltern.minion.worker import Line

    stream = connected(callers_socket(config))
    return None if stream is None else Line(stream)


def _of_job(load: Mapping[str, Any]) -> dict[str, Any]:
    """What a function may know of its job: the id, and the function or functions that were asked for."""
    return {"__jid__": load["jid"], "__fun__": load["fun"]}


def local_files(config: MasterConfig | MinionConfig) -> TreeFiles:
    """The file roots of this machine as a plugin's `__file_client__` (`file_client: local`)."""

    @cache
    def verbs() -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
        from saltern.assembly.files import file_tree
        from saltern.files.serve import file_verbs

        return file_verbs(file_tree(config))

    return TreeFiles(lambda verb, args: verbs()[verb](args))


def _kept_grains(path: Path) -> dict[str, Any]:
    """The grains that were computed at the minion's start or at the last refresh."""
    try:
        found: dict[str, Any] = msgspec.msgpack.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    return found


_REFRESHES = {
    "grains_refresh": "grains",
    "module_refresh": "modules",
    "matchers_refresh": "modules",
    "pillar_refresh": "pillar",
    "beacons_refresh": "pillar",
}


def _sender(line: Line) -> Callable[..., bool]:
    def send(tag: str, data: dict[str, Any], *, local: bool = False) -> bool:
        if not local:
            return line.fire(tag, plain(data))
        if tag in _REFRESHES:
            line.refresh(_REFRESHES[tag])
        return True

    return send


def _asker(line: Line) -> Callable[[str, dict[str, Any]], Any]:
    """Requests of functions, whose arguments may hold what MessagePack has no form for."""
    return lambda verb, args: line.ask(verb, plain(args))


def _report(line: Line, item: Any) -> None:
    line.printed("prog", msgspec.msgpack.encode(plain(item)))
