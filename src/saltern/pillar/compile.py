"""Compiling a minion's pillar (behaviours PIL-02 to PIL-07, PIL-13)."""

from __future__ import annotations

import fnmatch
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.errors import NotFound, RenderError
from saltern.pillar.merge import Merge, nested, recursed, strategy
from saltern.plugins.space import PluginSpace
from saltern.render.rendering import Rendering
from saltern.targeting.top_file import Given, Matcher, given_by, listed

log = logging.getLogger(__name__)

_DEEPEST = 50
"""How deep includes may lead: deeper ones go round in a circle."""


class _Include(NamedTuple):
    name: str
    key: str = ""
    defaults: Mapping[str, Any] = {}


class PillarCompiler:
    """Compiles in a plugin space whose file tree is that of the pillar, and whose pillar is what is there already.

    `matches` says whether the minion is meant by a target. Faults are collected and told under `_errors`.
    """

    def __init__(self, space: PluginSpace, envs: Sequence[str], matches: Matcher) -> None:
        self._space = space
        self._opts = space.scope.opts
        self._rendering = Rendering(space)
        self._envs = envs
        self._matches = matches
        self._errors: list[str] = []
        self._listed: dict[str, list[str]] = {}
        self._merge: Merge = strategy(
            str(self._opts.get("pillar_source_merging_strategy") or "smart"),
            renderer=str(self._opts.get("renderer") or ""),
            merge_lists=bool(self._opts.get("pillar_merge_lists", False)),
        )

    def compile(self, override: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The whole pillar; `override` is laid over it."""
        first = bool(self._opts.get("ext_pillar_first", False))
        pillar = self._external({}) if first else {}
        pillar = self._of_roots(pillar)
        if not first:
            pillar = self._external(pillar)
        if self._errors:
            pillar["_errors"] = self._errors
        return recursed(pillar, override) if override else pillar

    # --- roots --------------------------------------------------------------------------------------------------

    def _of_roots(self, pillar: dict[str, Any]) -> dict[str, Any]:
        self._space.set_pillar(pillar)
        taken: set[tuple[str, str]] = set()
        for given in self._given():
            names = self._named(given)
            if not names and not given.ignore_missing:
                self._missing(given.sls, given.saltenv)
            for name in names:
                if (given.saltenv, name) in taken:
                    continue
                taken.add((given.saltenv, name))
                data = self._sls(_Include(name), given.saltenv, 0)
                pillar = self._merge(pillar, data)
                self._space.set_pillar(pillar)
        return pillar

    def _given(self) -> Iterator[Given]:
        """What the top files of all environments give, environment by environment."""
        top: dict[str, dict[Any, list[Any]]] = {}
        for env in self._envs:
            for section, targets in self._top(env).items():
                known = top.setdefault(section, {})
                for target, items in (targets or {}).items():
                    known[target] = [*known.get(target, ()), *listed(items)]
        return given_by(top, self._matches)

    def _top(self, env: str) -> Mapping[str, Any]:
        name = str(self._opts.get("state_top") or "top.sls")
        try:
            data = self._rendering.file(name, saltenv=env, sls="top").data
        except NotFound:
            return {}
        except RenderError as error:
            self._failed("top", error)
            return {}
        if isinstance(data, Mapping):
            return data
        if data is not None:
            self._errors.append(f"The top file of the pillar environment {env} does not render to a dictionary")
        return {}

    def _named(self, given: Given) -> list[str]:
        if given.saltenv not in self._listed:
            files = self._space.scope.files
            paths = files.file_list(given.saltenv) if files is not None else []
            stems = (path.removesuffix(".sls") for path in paths if path.endswith(".sls"))
            self._listed[given.saltenv] = sorted({stem.removesuffix("/init").replace("/", ".") for stem in stems})
        name = given.sls.replace("/", ".")
        if any(mark in name for mark in "*?["):
            return fnmatch.filter(self._listed[given.saltenv], name)
        return [name] if name in self._listed[given.saltenv] else []

    def _sls(self, wanted: _Include, env: str, depth: int) -> dict[str, Any]:
        """The data of an SLS file, that of its includes beneath it."""
        if depth > _DEEPEST:
            self._errors.append(f"SLS '{wanted.name}' includes itself, in the end.")
            return {}
        data = self._rendered(wanted, env)
        if data is None:
            return {}
        includes = data.pop("include", None)
        result: dict[str, Any] = {}
        for include in self._includes(includes, wanted.name, env):
            below = self._sls(include, env, depth + 1)
            result = self._merge(result, nested(below, include.key) if include.key else below)
        return self._merge(result, data)

    def _rendered(self, wanted: _Include, env: str) -> dict[str, Any] | None:
        stem = wanted.name.replace(".", "/")
        for path in (f"{stem}.sls", f"{stem}/init.sls"):
            try:
                data = self._rendering.file(path, saltenv=env, sls=wanted.name, variables=wanted.defaults).data
            except NotFound:
                continue
            except RenderError as error:
                self._failed(wanted.name, error)
                return None
            if not data:
                return {}
            if not isinstance(data, Mapping):
                self._errors.append(f"SLS '{wanted.name}' does not render to a dictionary")
                return None
            return dict(data)
        self._missing(wanted.name, env)
        return None

    def _includes(self, includes: Any, name: str, env: str) -> Iterator[_Include]:
        if includes is None:
            return
        if not isinstance(includes, list):
            self._errors.append(f"Include Declaration in SLS '{name}' is not formed as a list")
            return
        for item in includes:
            options: Mapping[str, Any] = {}
            wanted = item
            if isinstance(item, Mapping):
                wanted, options = next(iter(item.items()))
                options = options or {}
            absolute = self._absolute(str(wanted), name, env)
            for one in self._named(Given(env, absolute)) or [absolute]:
                yield _Include(one, str(options.get("key") or ""), options.get("defaults") or {})

    def _absolute(self, wanted: str, name: str, env: str) -> str:
        """A name without its leading dots: one dot is the directory of the file that includes it."""
        levels = len(wanted) - len(wanted.lstrip("."))
        if not levels:
            return wanted
        files = self._space.scope.files
        is_init = files is not None and bool(files.file_hash(env, [f"{name.replace('.', '/')}/init.sls"]))
        package = name.split(".") if is_init else name.split(".")[:-1]
        return ".".join([*package[: len(package) - (levels - 1)], wanted.lstrip(".")])

    # --- external pillars ---------------------------------------------------------------------------------------

    def _external(self, pillar: dict[str, Any]) -> dict[str, Any]:
        table = self._space.table("pillar")
        for entry in self._opts.get("ext_pillar") or ():
            for name, conf in entry.items() if isinstance(entry, Mapping) else ():
                key = f"{name}.ext_pillar"
                if key not in table:
                    log.critical("Specified ext_pillar interface %s is unavailable: %s", name, table.why_missing(key))
                    continue
                self._space.set_pillar(pillar)
                pillar = self._merge(pillar, self._called(table[key], name, pillar, conf))
        return pillar

    def _called(self, function: Any, name: str, pillar: dict[str, Any], conf: Any) -> dict[str, Any]:
        minion = str(self._opts.get("id", ""))
        try:
            if isinstance(conf, Mapping):
                data = function(minion, pillar, **conf)
            elif isinstance(conf, list):
                data = function(minion, pillar, *conf)
            else:
                data = function(minion, pillar, conf)
        except Exception as error:  # the boundary to a plugin
            log.exception("Failed to load ext_pillar %s", name)
            self._errors.append(f"Failed to load ext_pillar {name}: {error}")
            return {}
        return dict(data) if isinstance(data, Mapping) else {}

    # --- faults -------------------------------------------------------------------------------------------------

    def _missing(self, name: str, env: str) -> None:
        self._errors.append(f"Specified SLS '{name}' in environment '{env}' is not available on the salt master")

    def _failed(self, name: str, error: RenderError) -> None:
        """The minion is told where, and what only if the master lets it be: values stand in messages too."""
        log.critical("Rendering SLS '%s' failed:\n%s\nin %s", name, error, error.place)
        if self._opts.get("pillar_safe_render_error", True):
            told = f"Rendering SLS '{name}' failed. Please see master log for details."
        else:
            told = f"Rendering SLS '{name}' failed, render error:\n{error}"
        self._errors.append(f"{told}\nin {error.place}" if error.place else told)
