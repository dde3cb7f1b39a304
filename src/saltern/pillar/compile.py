"""Compiling the pillar of one minion (behaviours PIL-02 to PIL-07, PIL-11, PIL-13)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from saltern.files.contract import FileTree
from saltern.pillar.decrypt import decrypt
from saltern.pillar.external import with_external
from saltern.pillar.faults import Faults
from saltern.pillar.merge import Merge, strategy
from saltern.pillar.options import PillarOptions
from saltern.pillar.sls import SlsData
from saltern.pillar.top import Top, TopError, environments, given, merged, place_of, read_tops
from saltern.plugin_api.types import Rendered, Rendering
from saltern.plugins.space import PluginSpace
from saltern.targeting.top_file import Matcher, unreadable, with_included

log = logging.getLogger(__name__)


class PillarCompiler:
    """Compiles in a plugin space whose options and grains are the minion's and whose file tree is the pillar's.

    `envs` are the environments of the tree in their order, `matches` says whether a target means the minion. What
    plugins and templates see as the pillar is the space's, and what external pillars give if those are asked first.
    """

    def __init__(
        self,
        space: PluginSpace,
        tree: FileTree,
        envs: Sequence[str],
        options: PillarOptions,
        rendering: Rendering,
        matches: Matcher,
    ) -> None:
        self._space = space
        self._tree = tree
        self._envs = envs
        self._options = options
        self._matches = matches
        self._tops: list[Rendered] = []
        self._faults = Faults(safe=options.safe_render_error)
        self._merge: Merge = strategy(
            options.source_merging_strategy, renderer=options.renderer, merge_lists=options.merge_lists
        )
        self._sls = SlsData(tree, rendering, self._merge, self._faults, includes_win=options.includes_override_sls)

    def compile(self, override: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole pillar, `override` laid over it; what went wrong stands under `_errors`."""
        if self._options.ext_pillar_first:
            external = self._with_external({})
            self._space.set_pillar(external)
            pillar = self._merge(external, self._of_roots())
        else:
            pillar = self._with_external(self._of_roots())
        if self._options.publish_opts:
            pillar = {**pillar, "master": _published(self._space.scope.opts)}
        decrypt(pillar, self._options, self._decrypted, self._faults)
        if override:
            pillar = self._merge(pillar, override)
        return {**pillar, "_errors": self._faults.texts} if self._faults.texts else pillar

    def top(self) -> dict[str, Any]:
        """The top files as one: environment to target to SLS names, whether they mean this minion or not."""
        found = self._top()
        return {**found, "_errors": self._faults.texts} if self._faults.texts else dict(found)

    def _of_roots(self) -> dict[str, Any]:
        """What the SLS files give that the top files give the minion; the later ones win."""
        pillar: dict[str, Any] = {}
        taken: set[tuple[str, str]] = set()
        for one in self._given():
            if one.saltenv not in self._envs and one.saltenv != self._options.pillarenv:
                place = place_of(self._tops, one.saltenv, one.sls)
                self._faults.no_environment(one.saltenv, place, f"There are {', '.join(self._envs)}.")
                continue
            names = self._sls.names(one.sls, one.saltenv)
            if not names and not one.ignore_missing:
                place = place_of(self._tops, one.saltenv, one.sls)
                self._faults.missing(one.sls, one.saltenv, place, self._sls.why_missing(one.sls, one.saltenv))
            for name in names:
                if (one.saltenv, name) not in taken:
                    taken.add((one.saltenv, name))
                    pillar = self._merge(pillar, self._sls.of(name, one.saltenv))
        return pillar

    def _given(self) -> Any:
        return given(self._top(), self._options, self._matches)

    def _top(self) -> Top:
        options = self._options
        self._tops = read_tops(environments(self._envs, options), self._tops_of, self._faults)
        for one in self._tops:
            self._tell_unreadable(one)
        try:
            return merged([one.data for one in self._tops if one.data])
        except TopError as error:
            place = next((one.place(*error.way) for one in self._tops if one.data is error.top), "")
            self._faults.top(str(error), str(place), _FORM)
            return {}

    def _tops_of(self, env: str) -> Iterator[Rendered]:
        """The top file of an environment, and those that it includes."""
        name = self._options.state_top
        top = self._sls.rendered(name, env, name.removesuffix(".sls"))
        return with_included(top, lambda included: self._sls.rendered_if_there(included, env))

    def _tell_unreadable(self, top: Rendered) -> None:
        """Tell the log which targets match nobody because they cannot be read."""
        if not isinstance(top.data, Mapping):
            return
        matchers = self._space.table("matchers")
        nodegroups = self._space.scope.opts.get("nodegroups") or {}
        for env, target, told in unreadable(top.data, nodegroups, lambda kind: f"{kind}_match.match" in matchers):
            log.error("%s: %s", top.place(env, target), told)

    def _with_external(self, pillar: dict[str, Any]) -> dict[str, Any]:
        if not self._options.ext_pillar:
            return pillar
        minion = str(self._space.scope.opts.get("id", ""))
        functions = self._space.table("pillar")
        return with_external(
            pillar, self._options.ext_pillar, functions, minion, self._merge, self._faults, self._space.set_pillar
        )

    def _decrypted(self, renderer: str, value: Any) -> Any:
        return self._space.table("renderers")[f"{renderer}.render"](value)


_FORM = "A top file holds environments, these hold targets, and a target holds a list of SLS names ('- name')."


def _published(opts: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration as `pillar_opts` shows it, without what is not of the configuration."""
    return {key: value for key, value in opts.items() if not key.startswith("__") and key not in ("grains", "pillar")}
