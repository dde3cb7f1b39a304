"""The grains of this minion, put together from their sources; each is computed when somebody asks for it.

From the weakest source to the strongest (behaviour GRN-01):

1. functions that declare which keys they give, in their module's `__grains_keys__`: the shipped ones;
2. functions that do not: a user's own, which see what was found before them;
3. the grains file beside the minion's configuration;
4. `grains` of the minion's configuration.

A look-up runs the functions that may answer it, and no other.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugins.lazy import LazyDict

log = logging.getLogger(__name__)

GrainFunction = Callable[..., Any]


class GrainSources(NamedTuple):
    """Where grains come from beside the functions.

    `configured` is `grains` of the configuration, `file` the grains file, `blacklist` holds globs of keys that are left
    out unless configured (`grains_blacklist`), `deep_merge` is `grains_deep_merge`, `disabled` names the files whose
    functions are not asked (`disable_grains`). With `cache` (a path, when `grains_cache` is set) what was computed is
    read from there while it is younger than `cache_seconds`.
    """

    configured: Mapping[str, Any]
    file: Path | None = None
    blacklist: Sequence[str] = ()
    deep_merge: bool = False
    disabled: Sequence[str] = ()
    cache: Path | None = None
    cache_seconds: float = 300.0


def assemble(functions: Mapping[str, GrainFunction], sources: GrainSources, *, refresh: bool = False) -> LazyGrains:
    """The grains; `functions` maps `file.function` to the function, and is not looked at before a grain is.

    `refresh` writes the cache without reading it.
    """
    cached = None if refresh or sources.cache is None else _read_cache(sources.cache, sources.cache_seconds)
    return LazyGrains(_Computed(functions, sources, cached), sources.configured)


def read_grains_file(path: Path) -> dict[str, Any]:
    """The grains that were set on this minion; none when there is no file, or (logged) when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        log.error("The grains file %s cannot be read: %s", path, error)
        return {}
    import yaml  # it costs more than all the grains together, and few minions have the file

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        found = yaml.load(text, Loader=loader)  # noqa: S506  (a safe loader)
    except yaml.YAMLError as error:
        log.error("The grains file %s is not YAML: %s", path, error)
        return {}
    if found is not None and not isinstance(found, dict):
        log.error("The grains file %s holds no mapping", path)
    return found if isinstance(found, dict) else {}


class LazyGrains(LazyDict):
    """A dict of grains that asks for a value at its first use, and for all of them when it is walked over."""

    salt_type = "salt.utils.optsdict.DictProxy"
    """What a template is told that this is."""

    def __init__(self, computed: _Computed, configured: Mapping[str, Any]) -> None:
        super().__init__(computed.everything, configured)
        self._computed = computed
        self._configured = configured

    def reload(self) -> None:
        """Forget what was found, so that it is looked for again when it is next asked for."""
        self._computed.forget()
        self.clear()
        self.update(self._configured)
        self._make = self._computed.everything

    def __missing__(self, key: str) -> Any:
        if self._make is None:
            raise KeyError(key)
        value = self._computed.one(key)
        self[key] = value
        return value

    def __contains__(self, key: object) -> bool:
        if dict.__contains__(self, key):
            return True
        if not isinstance(key, str):
            return False
        try:
            self[key]
        except KeyError:
            return False
        return True


class _Computed:
    """All sources below the configuration, each asked at most once."""

    def __init__(
        self, functions: Mapping[str, GrainFunction], sources: GrainSources, cached: dict[str, Any] | None
    ) -> None:
        self._functions = functions
        self._sources = sources
        self._results: dict[str, dict[str, Any]] = {}
        self._others_result: dict[str, Any] | None = None
        self._file_result: dict[str, Any] | None = None
        self._cached = cached

    def forget(self) -> None:
        self._results.clear()
        self._others_result = self._file_result = self._cached = None

    @cached_property
    def _declared(self) -> dict[str, tuple[GrainFunction, Sequence[str]]]:
        """The functions that declare which keys they give, and these keys. Asking for them loads every grains file."""
        declared = {name: _declared_keys(function) for name, function in self._enabled()}
        return {name: (self._functions[name], keys) for name, keys in declared.items() if keys is not None}

    @cached_property
    def _others(self) -> dict[str, GrainFunction]:
        return {name: function for name, function in self._enabled() if _declared_keys(function) is None}

    def _enabled(self) -> Iterator[tuple[str, GrainFunction]]:
        disabled = self._sources.disabled
        return (
            (name, function) for name, function in self._functions.items() if name.partition(".")[0] not in disabled
        )

    def one(self, key: str) -> Any:
        """The value of one grain; raises `KeyError` when no source has it."""
        if self._cached is not None:
            return self._cached[key]
        if self._is_blacklisted(key):
            raise KeyError(key)
        if not self._sources.deep_merge and key in self._file():
            return self._file()[key]
        layers = [layer for layer in (self._declared_layer(key), self._other_layer(), self._file()) if key in layer]
        if not layers:
            raise KeyError(key)
        return self._merge([{key: layer[key]} for layer in layers])[key]

    def everything(self) -> dict[str, Any]:
        if self._cached is not None:
            return self._cached
        found = self._merge([self._declared_layer(None), self._other_layer(), self._file()])
        found = {key: value for key, value in found.items() if not self._is_blacklisted(key)}
        if self._sources.cache:
            _write_cache(self._sources.cache, found)
        return found

    def _declared_layer(self, key: str | None) -> dict[str, Any]:
        """What the functions say that declare `key`; with None what all of them say."""
        wanted = [name for name, (_, keys) in self._declared.items() if key is None or key in keys]
        for name in wanted:
            if name not in self._results:
                self._results[name] = _call(name, self._declared[name][0], {})
        return self._merge([self._results[name] for name in wanted])

    def _other_layer(self) -> dict[str, Any]:
        if self._others_result is None:
            found: dict[str, Any] = {}
            self._others_result = found
            for name, function in self._others.items():
                before = LazyGrains(self._without_others(), found)
                found = self._merge([found, _call(name, function, before)])
                self._others_result = found
        return self._others_result

    def _without_others(self) -> _Computed:
        """The same sources as a function sees them that is called while the others are still being asked."""
        view = _Computed(
            {}, GrainSources({}, deep_merge=self._sources.deep_merge, blacklist=self._sources.blacklist), None
        )
        view._declared, view._results = self._declared, self._results
        return view

    def _file(self) -> dict[str, Any]:
        if self._file_result is None:
            self._file_result = read_grains_file(self._sources.file) if self._sources.file else {}
        return self._file_result

    def _merge(self, layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for layer in layers:
            merged = _deeply(merged, layer) if self._sources.deep_merge else {**merged, **layer}
        return merged

    def _is_blacklisted(self, key: str) -> bool:
        return any(fnmatchcase(key, glob) for glob in self._sources.blacklist)


def _declared_keys(function: GrainFunction) -> Sequence[str] | None:
    declared = getattr(function, "__globals__", {}).get("__grains_keys__", {})
    keys: Sequence[str] | None = declared.get(getattr(function, "__name__", ""))
    return keys


def _call(name: str, function: GrainFunction, before: Mapping[str, Any]) -> dict[str, Any]:
    """What a grain function says. This is the boundary to plugins: one that fails is logged, and the others go on."""
    wanted = _parameters(function)
    if "__grains__" in getattr(function, "__globals__", {}):
        function.__globals__["__grains__"] = before
    given = {"grains": before, "proxy": None}
    try:
        found = function(**{word: value for word, value in given.items() if word in wanted})
    except Exception:
        log.critical("The grains function %s failed, its grains are missing", name, exc_info=True)
        return {}
    return found if isinstance(found, dict) else {}


def _parameters(function: GrainFunction) -> tuple[str, ...]:
    code = getattr(function, "__code__", None)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()


def _deeply(weaker: Mapping[str, Any], stronger: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(weaker)
    for key, value in stronger.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _deeply(merged[key], value) if both else value
    return merged


def _read_cache(path: Path, seconds: float) -> dict[str, Any] | None:
    import msgspec

    try:
        if time.time() - path.stat().st_mtime > seconds:
            return None
        found = msgspec.msgpack.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        log.warning("The grains cache %s cannot be used: %s", path, error)
        return None
    return found if isinstance(found, dict) else None


def _write_cache(path: Path, grains: Mapping[str, Any]) -> None:
    """Written beside and moved into place; grains that cannot be kept (or a full disk) only cost the cache."""
    import tempfile

    import msgspec

    name = ""
    try:
        data = msgspec.msgpack.encode(dict(grains))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".grains.", delete=False) as file:
            name = file.name
            file.write(data)
        Path(name).replace(path)
    except (OSError, TypeError) as error:
        log.warning("The grains cache %s cannot be written: %s", path, error)
        if name:
            Path(name).unlink(missing_ok=True)
