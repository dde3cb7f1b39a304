"""The shipped plugins as a minion has them, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from saltern.assembly.services import SERVICES
from saltern.files.backends.roots import RootsTree
from saltern.files.serve import file_verbs
from saltern.plugins.index import PluginIndex
from saltern.plugins.invoke import Invocation, invoke
from saltern.plugins.scope import Scope
from saltern.plugins.search import SearchPath
from saltern.plugins.space import PluginSpace


class Shipped:
    """Calls execution functions in a space whose directories lie below `work`; keeps the events that they fire."""

    def __init__(self, work: Path, *, connected: bool = True, pillar: Any = None, **opts: Any) -> None:
        self.work = work
        self.events: list[tuple[str, dict[str, Any], bool]] = []
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._verbs = file_verbs(RootsTree({"base": [work / "base"], "dev": [work / "dev"]}))
        cachedir = work / "cache"
        grains = opts.pop("grains", {})
        self.opts = {"id": "m1", "cachedir": str(cachedir), "extension_modules": str(cachedir / "extmods"), **opts}
        scope = Scope(
            {**self.opts, "grains": grains},
            grains=grains,
            pillar=pillar or {},
            services=SERVICES,
            send_event=self._send if connected else None,
            request=self._request if connected else None,
        )
        self.space = PluginSpace(PluginIndex(SearchPath.of_opts(self.opts)), scope)

    def call(self, fun: str, *args: Any, **kwargs: Any) -> Any:
        """The value of a call, which must succeed."""
        done = self.outcome(fun, *args, **kwargs)
        assert not done.faults, done.value
        return done.value

    def outcome(self, fun: str, *args: Any, **kwargs: Any) -> Invocation:
        return invoke(self.space, fun, args, kwargs)

    def state(self, fun: str, name: str, **kwargs: Any) -> dict[str, Any]:
        """What a state gives: `name`, `changes`, `result` and `comment`."""
        found = self.outcome("state.single", fun, name, **kwargs).value
        assert isinstance(found, dict), found
        (result,) = found.values()
        return {key: result[key] for key in ("name", "changes", "result", "comment")}

    def write(self, path: str, text: str) -> Path:
        """A file below the work directory (`base/_modules/x.py`)."""
        target = self.work / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        return target

    def _send(self, tag: str, data: dict[str, Any], *, local: bool = False) -> bool:
        self.events.append((tag, data, local))
        return True

    def _request(self, verb: str, args: dict[str, Any]) -> Any:
        self.asked.append((verb, args))
        return self._verbs[verb](args) if verb in self._verbs else True
