"""The plugins' worlds: that of a minion, and that of a master."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from saltern.config.master import MasterConfig
from saltern.config.minion import MinionConfig
from saltern.errors import FunctionNotFound
from saltern.master.runners import MasterResult
from saltern.minion.grains import GrainSources, assemble
from saltern.minion.worker import Line, Result
from saltern.plugins.encode import encode, plain, write
from saltern.plugins.index import PluginIndex
from saltern.plugins.invoke import Invocation, invoke, invoke_compound
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace
from saltern.plugins.table import FunctionMissingError
from saltern.salt_compat.opts import to_opts

log = logging.getLogger(__name__)


class MinionPlugins:
    """A `minion.worker.Plugins`. One call, one space: nothing of a job stays behind for the next."""

    def __init__(self, config: MinionConfig) -> None:
        self._config = config
        self._opts = to_opts(config)
        self._index = PluginIndex(SearchPath.of_opts(self._opts), str(config.cachedir))

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
        functions = space.table("grains")
        disabled = set(config.disable_grains)
        sources = GrainSources(
            configured=config.grains,
            file=config.conf_file.parent / "grains",
            blacklist=config.grains_blacklist,
            deep_merge=config.grains_deep_merge,
            cache=config.cachedir / "grains.cache" if config.grains_cache else None,
        )
        chosen = {name: functions[name] for name in functions if name.partition(".")[0] not in disabled}
        return assemble(chosen, sources, refresh=refresh)

    def invoke(self, load: Mapping[str, Any], grains: Path, line: Line, *, follow: bool) -> Result:
        scope = Scope(
            self._opts,
            grains=_kept_grains(grains),
            names={"__jid__": load["jid"]} | ({"__progress__": line.printed} if follow else {}),
            send_event=_sender(line),
            request=line.ask,
        )
        return self.call(scope, load, on_item=lambda item: _report(line, item))

    def call(self, scope: Scope, load: Mapping[str, Any], on_item: Callable[[Any], None] | None = None) -> Invocation:
        """Call what a publication names, in a space of its own."""
        with PluginSpace(self._index, scope) as space:
            if isinstance(load["fun"], str):
                return invoke(space, load["fun"], load["arg"], publication=load, on_item=on_item)
            return invoke_compound(
                space, load["fun"], load["arg"], ordered=self._config.multifunc_ordered, publication=load,
                on_item=on_item,
            )  # fmt: skip

    def call_here(self, load: Mapping[str, Any], *, grains: bool = True) -> Invocation:
        """Call without a worker's line: `saltern call`. Grains are computed as they are asked for."""
        empty = Scope(self._opts)
        scope = Scope(
            self._opts,
            grains=self._lazy_grains(empty, refresh=False) if grains else {},
            names={"__jid__": load["jid"]},
            files=_LocalFiles(self._config) if self._config.file_client == "local" else None,
        )
        return self.call(scope, load)

    @staticmethod
    def write(value: Any, file: BinaryIO) -> None:
        write(value, file, log.warning)

    def call_returners(self, load: Mapping[str, Any], given: dict[str, Any]) -> None:
        """Each returner once; one that fails is logged, and the job is none the worse (behaviours RET-02 to RET-04)."""
        names = [name for name in str(load.get("ret") or "").split(",") if name]
        if not names:
            return
        full = given | {name: load[name] for name in ("ret_config", "ret_kwargs") if load.get(name)}
        with PluginSpace(self._index, Scope(self._opts)) as space:
            returners = space.table("returners")
            for name in dict.fromkeys(names):
                try:
                    returners[f"{name}.returner"](full)
                except Exception:  # the boundary to a plugin
                    log.exception("The return failed for job %s %s: returner %s", given["jid"], given["fun"], name)


class _LocalFiles:
    """The file roots of this machine as a plugin's `__file_client__` (`file_client: local`)."""

    def __init__(self, config: MinionConfig) -> None:
        from saltern.assembly.files import file_tree
        from saltern.files.serve import file_verbs

        self._verbs = file_verbs(file_tree(config))

    def file_list(self, saltenv: str, prefix: str = "") -> list[str]:
        return list(self._verbs["file_list"]({"saltenv": saltenv, "prefix": prefix}))

    def file_hash(self, saltenv: str, paths: list[str]) -> dict[str, str]:
        return dict(self._verbs["file_hash"]({"saltenv": saltenv, "paths": paths}))

    def file_read(self, saltenv: str, path: str, offset: int) -> bytes:
        return bytes(self._verbs["file_read"]({"saltenv": saltenv, "path": path, "offset": offset}) or b"")


def _kept_grains(path: Path) -> dict[str, Any]:
    """The grains that were computed at the minion's start or at the last refresh."""
    try:
        found: dict[str, Any] = msgspec.msgpack.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    return found


_REFRESHES = {"grains_refresh": "grains", "module_refresh": "modules", "matchers_refresh": "modules"}


def _sender(line: Line) -> Callable[..., bool]:
    def send(tag: str, data: dict[str, Any], *, local: bool = False) -> bool:
        if not local:
            return line.fire(tag, plain(data))
        if tag in _REFRESHES:
            line.refresh(_REFRESHES[tag])
        return True

    return send


def _report(line: Line, item: Any) -> None:
    line.printed("prog", msgspec.msgpack.encode(plain(item)))


class MasterPlugins:
    """The runner and wheel functions of a master. Each call has a space of its own and may run in any thread."""

    def __init__(self, config: MasterConfig, names: Mapping[str, Any]) -> None:
        self._opts = to_opts(config)
        self._names = names
        self._index = PluginIndex(SearchPath.of_opts(self._opts), str(config.cachedir))

    def call(self, kind: str, fun: str, args: list[Any], kwargs: dict[str, Any]) -> MasterResult:
        """A `master.runners.CallFunction`."""
        with PluginSpace(self._index, Scope(self._opts, names=self._names)) as space:
            table = space.table(kind)
            try:
                function = table[fun]
            except FunctionMissingError as missing:
                raise FunctionNotFound(missing.reason) from missing
            try:
                value, success = function(*args, **kwargs), True
            except Exception as error:  # the boundary to a plugin: what it raises is what it gives
                log.info("the function %s failed", fun, exc_info=True)
                value, success = f"Exception occurred in {kind[:-1]} {fun}: {type(error).__name__}: {error}", False
            retcode = space.scope.context.get("retcode", 0)
            return MasterResult(
                value=plain(value), success=success and not retcode, out=table.outputter(fun), body=encode(value)
            )
