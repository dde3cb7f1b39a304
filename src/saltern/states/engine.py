"""The state system of one plugin space: compile and run (behaviours STA-01, STA-20). `plugin_api.types.StateEngine`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from saltern.errors import NotFound, RenderError
from saltern.plugin_api.errors import MinionError, StatesInvalidError
from saltern.plugin_api.nested import merged
from saltern.plugin_api.state_pauses import StatePauses
from saltern.plugins.space import PluginSpace
from saltern.render.rendering import Rendering
from saltern.render.result import Rendered
from saltern.render.sls_names import SlsFile
from saltern.states.calls import SpaceCalls
from saltern.states.chunks import Chunk, chunks_of, settle_watches
from saltern.states.declarations import problems_of
from saltern.states.external_tops import external_tops, joined
from saltern.states.faults import Fault, Spot, did_you_mean
from saltern.states.gather import Gathering, HighData
from saltern.states.graph import Links, link, spot_of
from saltern.states.needs import Need, Needs, drawn
from saltern.states.plan import Plan
from saltern.states.reconcile import reconcile
from saltern.states.results import Result
from saltern.states.run import Run, RunOptions
from saltern.states.tops import Matches, TopOptions, joined_top, malformed, matches_of, merged_tops
from saltern.states.tree import SlsTree
from saltern.targeting.top_file import unreadable, with_included

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
        self._progress = 0
        """How many chunks there are, where each one's end is to be told; else 0."""
        self._pillar_wanted: tuple[Mapping[str, Any], str | None] = ({}, None)

    @cached_property
    def _pauses(self) -> StatePauses:
        return StatePauses(str(self._opts.get("cachedir", "")))

    @property
    def _opts(self) -> dict[str, Any]:
        return self._space.scope.opts

    # --- compile ------------------------------------------------------------------------------------------------

    def tops(self, saltenv: str | None = None, top_file: str = "") -> Matches:
        name = top_file or str(self._opts.get("state_top") or "top.sls")
        tops: dict[str, Any] = {}
        rendered: list[Rendered] = []
        errors: list[str] = []
        for env in self._tree.envs():
            try:
                parts = self._top_parts(name, env)
                tops[env] = joined_top(env, [part.data for part in parts])
                rendered += parts
            except NotFound:
                continue
            except RenderError as error:
                errors.append(f"Rendering SLS '{env}:{name.removesuffix('.sls')}' failed: {error.message}")
                log.error("%s: the top file cannot be rendered: %s", error.place, error)
        top, problems = merged_tops({env: one for env, one in tops.items() if one}, self._top_options(saltenv))
        for one in rendered:
            self._tell_faults_of_top(one)
        problems += malformed(top)
        if errors or problems:
            raise StatesInvalidError([*errors, *problems])
        return joined(
            matches_of(top, self._space.service("__target_matcher__").matches),
            self._external_tops(),
            first=bool(self._opts.get("master_tops_first")),
        )

    def _top_parts(self, name: str, env: str) -> list[Rendered]:
        """The top file of an environment, and those that it includes."""

        def included(sls: str) -> Rendered | None:
            file = self._tree.find(sls, env)
            return None if file is None else self._rendering.file(file.path, saltenv=env, sls=file.name)

        top = self._rendering.file(name, saltenv=env, sls=name.removesuffix(".sls"))
        return list(with_included(top, included))

    def _tell_faults_of_top(self, top: Rendered) -> None:
        """Tell the log where a top file has not the form of one, a target that cannot be read, or an SLS file that is
        not there."""
        if not isinstance(top.data, Mapping):
            log.error("%s:1: the top file holds no dictionary. Hint: environments stand first, without '- '", top.file)
            return
        matchers = self._space.table("matchers")
        nodegroups = self._opts.get("nodegroups") or {}
        for env, target, told in unreadable(top.data, nodegroups, lambda kind: f"{kind}_match.match" in matchers):
            log.error("%s: %s", top.place(env, target), told)
        for env, targets in top.data.items():
            for target, items in targets.items() if isinstance(targets, Mapping) else ():
                for at, item in enumerate(items if isinstance(items, list) else ()):
                    if isinstance(item, str) and env in self._tree.envs() and not self._tree.matching(item, env):
                        hint = did_you_mean(item, self._tree.matching("*", env))
                        log.error("%s: there is no SLS %s. %s", top.place(env, target, at), item, hint)

    def _external_tops(self) -> Mapping[str, Any]:
        """What `master_tops` gives: the master's, or without one this machine's."""
        if self._opts.get("file_client") == "local":
            return external_tops(self._space) if self._opts.get("master_tops") else {}
        request = self._space.scope.request
        return {} if request is None else dict(request("master_tops", {}))

    def high(self, matches: Mapping[str, Sequence[str]], exclude: Any = None) -> dict[str, Any]:
        return self._reconciled(self._gathering().add(matches), exclude)

    def gathered(self, matches: Mapping[str, Sequence[str]], *, checked: bool = True) -> dict[str, Any]:
        high = self._gathering().add(matches)
        problems = [*high.errors, *(problems_of(high.states) if checked else ())]
        if problems:
            raise self._invalid(problems)
        return high.as_written()

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

    def low(self, high: Mapping[str, Any]) -> list[Chunk]:
        chunks = self._chunks(high)
        plan, steps = self._planned(chunks)
        return [chunks[step] for step in steps if not plan.is_trial(step)]

    def low_shown(self, high: Mapping[str, Any]) -> list[Chunk]:
        chunks = self._chunks(high)
        plan, steps = self._planned(chunks)
        for place, owners in plan.prerequiring.items():
            chunks[place]["__prereq__"] = True
            for owner in owners:
                chunks[owner]["__prerequiring__"] = True
        return [chunks[plan.place_of(step)] for step in steps]

    def needed(self, low: Sequence[Chunk], name: str) -> list[Chunk]:
        plan = Plan(self._links(low)[0])
        wanted = {place for place, chunk in enumerate(low) if name in (chunk["__id__"], chunk["name"])}
        waiting = list(wanted)
        while waiting:
            more = {plan.place_of(step) for step in plan.needs[waiting.pop()]} - wanted
            wanted |= more
            waiting += more
        return [low[place] for place in sorted(wanted)]

    def _chunks(self, high: Mapping[str, Any]) -> list[Chunk]:
        chunks, functions = chunks_of(high), self._space.table("states")
        settle_watches(chunks, lambda module: f"{module}.mod_watch" in functions)
        return chunks

    def _gathering(self) -> Gathering:
        return Gathering(self._tree, auto_order=bool(self._opts.get("state_auto_order", True)))

    def _reconciled(self, high: HighData, exclude: Any) -> dict[str, Any]:
        if high.errors:
            raise self._invalid([*high.errors, *problems_of(high.states)])
        high.excludes += _excluded(exclude)
        reconcile(high)
        problems = [*problems_of(high.states), *high.errors]
        if problems:
            raise self._invalid(problems)
        return high.states

    def _invalid(self, problems: Sequence[str]) -> StatesInvalidError:
        """The error that tells of problems in Salt's words; the log is told where they stand and what to do."""
        for problem in problems:
            if isinstance(problem, Fault):
                self._tell(str(problem), problem.spot, problem.hint)
        return StatesInvalidError([str(problem) for problem in problems])

    def _tell(self, text: str, spot: Spot, hint: str) -> None:
        place = self._tree.place(spot) or f"SLS {spot.saltenv}:{spot.sls}"
        log.error("%s: %s%s", place, text.strip().replace("\n", " "), f" Hint: {hint}" if hint else "")

    def _planned(self, chunks: Sequence[Chunk]) -> tuple[Plan, list[int]]:
        """The plan of a run and its steps; `StatesInvalidError` where requisites mean nothing or run in a circle."""
        links, errors = self._links(chunks)
        plan = Plan(links)
        steps, whole = plan.arranged(chunks)
        if not whole:
            circle = Needs(plan, links).circle()
            told = f"Recursive requisites were found: {_told_circle(chunks, plan, circle)}"
            spot = spot_of(chunks[plan.place_of(circle[-1].step)], circle[-1].word)
            errors.append(Fault(told, spot, "Take one of these requisites away; each waits for the next."))
        if errors:
            raise self._invalid(errors)
        return plan, steps

    def _links(self, chunks: Sequence[Chunk]) -> tuple[Links, list[str]]:
        """See `graph.link`; requisites that the option `disabled_requisites` names are passed over."""
        disabled = self._opts.get("disabled_requisites") or ()
        return link(chunks, without={disabled} if isinstance(disabled, str) else {*disabled})

    def graph(self, high: Mapping[str, Any]) -> str:
        chunks = self._chunks(high)
        links, _ = self._links(chunks)
        plan = Plan(links)
        return drawn(chunks, Needs(plan, links), plan)

    def _rendered(self, file: SlsFile, saltenv: str) -> Rendered:
        rendered: Rendered = self._rendering.file(file.path, saltenv=saltenv, sls=file.name)
        return rendered

    def _top_options(self, saltenv: str | None) -> TopOptions:
        return TopOptions(
            merging_strategy=str(self._opts.get("top_file_merging_strategy") or "merge"),
            default_top=str(self._opts.get("default_top") or "base"),
            env_order=tuple(self._opts.get("env_order") or ()),
            saltenv=saltenv or self._opts.get("saltenv"),
            state_top_saltenv=self._opts.get("state_top_saltenv"),
        )

    # --- run ----------------------------------------------------------------------------------------------------

    @contextmanager
    def trial(self, test: bool) -> Iterator[None]:
        before = self._space.scope.opts.get("test", False)
        self._space.set_option("test", test)
        try:
            yield
        finally:
            # what the space is asked next is no trial because this was one
            self._space.set_option("test", before)

    def run(
        self, low: Sequence[Chunk], *, test: bool, mock: bool = False, events: bool | None = None
    ) -> dict[str, Result]:
        wished = self._opts.get("state_events") if events is None else events
        self._progress = len(low) if wished else 0
        calls = SpaceCalls(self._space, low, self._done, mock=mock)
        options = RunOptions(
            test=test,
            failhard=bool(self._opts.get("failhard", False)),
            most_beside=int(self._opts.get("state_max_parallel") or 0),
            stopped=self._stopped,
        )
        with self.trial(test):
            return Run(low, self._links(low)[0], calls, options).run()

    def _stopped(self, chunk: Chunk) -> str:
        """Why the job has to end before this chunk; where somebody wants it to pause it waits."""
        jid = self._space.scope.names.get("__jid__")
        if not jid or self._pauses.wait(str(jid), str(chunk["__id__"])):
            return ""
        log.warning("job %s ends before state %s: state.soft_kill wants it", jid, chunk["__id__"])
        return "soft_kill"

    def with_pillar(self, override: Mapping[str, Any], pillarenv: str | None = None) -> None:
        pillars = self._space.service("__pillar_compiler__")
        self._pillar_wanted = (override, pillarenv)
        if pillars is None:
            pillar = merged(dict(self._space.scope.pillar), dict(override))
        else:
            pillar = pillars.for_states(override, pillarenv)
        self._space.set_pillar(pillar)

    def _reload_pillar(self) -> None:
        """Compile the pillar anew, for the states that follow. One that fails now is told by those who need it."""
        pillars = self._space.service("__pillar_compiler__")
        if pillars is not None:
            override, pillarenv = self._pillar_wanted
            self._space.set_pillar(pillars.compile(override=override, pillarenv=pillarenv))

    def _done(self, chunk: Chunk, result: Result) -> None:
        """What a state asked for when it is over: reloads and events."""
        self._tell_unknown(chunk, result)
        if chunk.get("reload_modules"):
            self._space.reload()
        reload_grains = getattr(self._space.scope.grains, "reload", None)
        if chunk.get("reload_grains") and reload_grains is not None:
            reload_grains()
        if chunk.get("reload_pillar"):
            self._reload_pillar()
        fire = chunk.get("fire_event")
        send = self._space.scope.send_event
        jid = self._space.scope.names.get("__jid__", "")
        if self._progress and send is not None:
            tag = f"salt/job/{jid}/prog/{self._opts.get('id')}/{result['__run_num__']}"
            send(tag, {"ret": result, "len": self._progress})
        if fire and send is not None:
            name = fire if isinstance(fire, str) else chunk["name"]
            send(f"salt/state_result/{jid}/{self._opts.get('id')}/{name}", {"ret": result})

    def _tell_unknown(self, chunk: Chunk, result: Result) -> None:
        """Tell the log where a state function is named that does not exist."""
        key = f"{chunk['state']}.{chunk['fun']}"
        states = self._space.table("states")
        if result.get("result") is not False or key in states:
            return
        try:
            states[key]
        except KeyError as error:
            hint = getattr(error, "hint", "") or did_you_mean(chunk["state"], states.module_names())
            self._tell(f"there is no state function {key}", spot_of(chunk), hint)


def _excluded(exclude: Any) -> list[Any]:
    if not exclude:
        return []
    return [one.strip() for one in exclude.split(",")] if isinstance(exclude, str) else list(exclude)


def _told_circle(chunks: Sequence[Chunk], plan: Plan, circle: Sequence[Need]) -> str:
    """Each need of a circle. A state runs behind the one that tries it: Salt calls that `require` where it has one."""

    def told(need: Need) -> str:
        chunk, needed = chunks[plan.place_of(need.step)], chunks[plan.place_of(need.needed)]
        is_order = need.word == "require" and "require" not in chunk
        return f"({_told_chunk(chunk)}, '{'prereq' if is_order else need.word}', {_told_chunk(needed)})"

    return ", ".join(told(need) for need in circle)


def _told_chunk(chunk: Chunk) -> dict[str, Any]:
    about = {"SLS": chunk["__sls__"], "ID": chunk["__id__"]}
    return about if chunk["name"] == chunk["__id__"] else {**about, "NAME": chunk["name"]}
