"""The state system of one plugin space: compile and run (behaviours STA-01, STA-20). `plugin_api.types.StateEngine`."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from saltern.errors import NotFound, RenderError
from saltern.model.target import MinionData, Target
from saltern.plugin_api.errors import MinionError, StatesInvalidError
from saltern.plugin_api.nested import merged
from saltern.plugins.space import PluginSpace
from saltern.render.rendering import Rendering
from saltern.render.sls_names import SlsFile
from saltern.states.calls import SpaceCalls
from saltern.states.chunks import Chunk, chunks_of, tag_of
from saltern.states.declarations import problems_of
from saltern.states.gather import Gathering, HighData
from saltern.states.graph import arranged, before, link
from saltern.states.reconcile import reconcile
from saltern.states.results import Result
from saltern.states.run import Run, RunOptions
from saltern.states.tops import Matches, TopOptions, matches_of, merged_tops
from saltern.states.tree import SlsTree
from saltern.targeting.compile import compile_target

log = logging.getLogger(__name__)


class Engine:
    """Files are listed and rendered once for the life of the engine, which is one call."""

    def __init__(self, space: PluginSpace) -> None:
        self._space = space
        self._rendering: Any = space.service("__rendering__") or Rendering(space)
        files = space.scope.files
        if files is None:
            raise MinionError("There is no file tree to read states from: this minion is not connected to a master.")
        self._tree = SlsTree(files, self._rendered)

    @property
    def _opts(self) -> dict[str, Any]:
        return self._space.scope.opts

    # --- compile ------------------------------------------------------------------------------------------------

    def tops(self, saltenv: str | None = None, top_file: str = "") -> Matches:
        name = top_file or str(self._opts.get("state_top") or "top.sls")
        tops, errors = {}, []
        for env in self._tree.envs():
            try:
                tops[env] = self._rendering.file(name, saltenv=env, sls=name.removesuffix(".sls")).data
            except NotFound:
                continue
            except RenderError as error:
                errors.append(f"Rendering SLS '{env}:{name.removesuffix('.sls')}' failed: {error.message}")
                log.error("%s: the top file cannot be rendered: %s", error.place, error)
        top, problems = merged_tops({env: one for env, one in tops.items() if one}, self._top_options(saltenv))
        if errors or problems:
            raise StatesInvalidError([*errors, *problems])
        return matches_of(top, self._is_meant)

    def high(self, matches: Mapping[str, Sequence[str]], exclude: Any = None) -> dict[str, Any]:
        return self._reconciled(self._gathering().add(matches), exclude)

    def high_of_text(self, text: str, *, file: str = "", saltenv: str = "base") -> dict[str, Any]:
        try:
            data = self._rendering.text(text, file=file, saltenv=saltenv, sls=file).data
        except RenderError as error:
            raise StatesInvalidError([error.message]) from error
        return self._reconciled(self._gathering().add_data(data, file or None, saltenv), None)

    def high_of_data(self, data: Mapping[str, Any]) -> dict[str, Any]:
        gathering = Gathering(self._tree, auto_order=False)
        high = self._reconciled(gathering.add_data(data, None, "base"), None)
        for place, body in enumerate(high.values()):
            for arguments in (value for key, value in body.items() if not key.startswith("__")):
                if not any(isinstance(one, Mapping) and "order" in one for one in arguments):
                    arguments.append({"order": 10_000 + place})
        return high

    def sls_names(self, matches: Mapping[str, Sequence[str]]) -> list[str]:
        high = self._gathering().add(matches)
        if high.errors:
            raise StatesInvalidError(high.errors)
        return [name for _, name in high.sls]

    def low(self, high: Mapping[str, Any]) -> list[Chunk]:
        chunks = chunks_of(high)
        links, errors = link(chunks)
        if errors:
            raise StatesInvalidError(errors)
        order, circle = arranged(before(links))
        if circle:
            tags = ", ".join(f"({tag_of(chunks[place])})" for place in circle)
            raise StatesInvalidError([f"Recursive requisites were found: {tags}"])
        return [chunks[place] for place in order]

    def needed(self, low: Sequence[Chunk], name: str) -> list[Chunk]:
        needs = before(link(low)[0])
        wanted = {place for place, chunk in enumerate(low) if name in (chunk["__id__"], chunk["name"])}
        waiting = list(wanted)
        while waiting:
            more = needs[waiting.pop()] - wanted
            wanted |= more
            waiting += more
        return [low[place] for place in sorted(wanted)]

    def _gathering(self) -> Gathering:
        return Gathering(self._tree, auto_order=bool(self._opts.get("state_auto_order", True)))

    def _reconciled(self, high: HighData, exclude: Any) -> dict[str, Any]:
        if high.errors:
            raise StatesInvalidError(high.errors)
        high.excludes += _excluded(exclude)
        reconcile(high)
        problems = high.errors or problems_of(high.states)
        if problems:
            raise StatesInvalidError(problems)
        return high.states

    def _rendered(self, file: SlsFile, saltenv: str) -> Any:
        return self._rendering.file(file.path, saltenv=saltenv, sls=file.name).data

    def _top_options(self, saltenv: str | None) -> TopOptions:
        return TopOptions(
            merging_strategy=str(self._opts.get("top_file_merging_strategy") or "merge"),
            default_top=str(self._opts.get("default_top") or "base"),
            env_order=tuple(self._opts.get("env_order") or ()),
            saltenv=saltenv or self._opts.get("saltenv"),
            state_top_saltenv=self._opts.get("state_top_saltenv"),
        )

    def _is_meant(self, expression: str, kind: str) -> bool:
        """Whether a target of a top file means this minion; a matcher of the user's own is asked first."""
        matchers, key = self._space.table("matchers"), f"{kind}_match.match"
        if key in matchers:
            return bool(matchers[key](expression))
        scope = self._space.scope
        minion = MinionData(id=str(self._opts.get("id", "")), grains=dict(scope.grains), pillar=dict(scope.pillar))
        target = Target(expr=expression, kind=kind)
        return compile_target(target, self._opts.get("nodegroups") or {})(minion)

    # --- run ----------------------------------------------------------------------------------------------------

    def run(self, low: Sequence[Chunk], *, test: bool) -> dict[str, Result]:
        before = self._space.scope.opts.get("test", False)
        calls = SpaceCalls(self._space, low, self._done)
        options = RunOptions(test=test, failhard=bool(self._opts.get("failhard", False)))
        try:
            self._space.set_option("test", test)
            return Run(low, link(low)[0], calls, options).run()
        finally:
            # what the space is asked next is no trial because this was one
            self._space.set_option("test", before)

    def with_pillar(self, override: Mapping[str, Any], pillarenv: str | None = None) -> None:
        pillars = self._space.service("__pillar_compiler__")
        if pillars is None:
            pillar = merged(dict(self._space.scope.pillar), dict(override))
        else:
            pillar = pillars.for_states(override, pillarenv)
        self._space.set_pillar(pillar)

    def _done(self, chunk: Chunk, result: Result) -> None:
        """What a state asked for when it is over: reloads and events."""
        if chunk.get("reload_modules"):
            self._space.reload()
        fire = chunk.get("fire_event")
        send = self._space.scope.send_event
        if fire and send is not None:
            jid = self._space.scope.names.get("__jid__", "")
            name = fire if isinstance(fire, str) else chunk["name"]
            send(f"salt/state_result/{jid}/{self._opts.get('id')}/{name}", {"ret": result})


def _excluded(exclude: Any) -> list[Any]:
    if not exclude:
        return []
    return [one.strip() for one in exclude.split(",")] if isinstance(exclude, str) else list(exclude)
