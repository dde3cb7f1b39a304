"""Loading one plugin file: execute, inject, ask `__virtual__`, publish its functions (behaviours LDR-01, LDR-04)."""

# ruff: noqa: PTH116, PTH120  (pathlib costs several ms to import)

from __future__ import annotations

import os
import sys
from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader
from types import BuiltinFunctionType, FunctionType, ModuleType

from saltern.plugin_api.depends import CommandNeed
from saltern.plugin_api.salt_names import offer_salt_names_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from types import CodeType
    from typing import Any

    from saltern.plugins.entry import PluginFile


_HOUSE = "saltern.plugin_api"


class LoadError(Exception):
    """A plugin cannot or does not want to be loaded; its text is the reason, which may be empty."""


_codes: dict[str, tuple[tuple[int, int], CodeType]] = {}
"""Byte code by path, with the time (ns) and size of the file it was made from; shared by all spaces of the process."""


def execute(file: PluginFile, name: str) -> ModuleType:
    """Run a plugin's file as the module `name`, registered in `sys.modules` before it runs; `LoadError` if it fails."""
    module = _new_module(file, name)
    _register_parents(name)
    sys.modules[name] = module
    try:
        if isinstance(module.__loader__, SourceFileLoader):
            code = _code(file, name, module.__loader__)
            offer_salt_names_to(code)
            exec(code, module.__dict__)  # noqa: S102  (running plugins is what this is for)
        else:
            module = _load_extension(file, name)
    except (Exception, SystemExit) as error:  # a plugin's fault is its own: boundary of loading
        forget(name)
        _complain(file, error)
        raise LoadError(_reason(error)) from error
    return module


def _new_module(file: PluginFile, name: str) -> ModuleType:
    module = ModuleType(name)
    loader = SourceFileLoader(name, file.path) if file.path.endswith(".py") else ExtensionFileLoader(name, file.path)
    spec = ModuleSpec(name, loader, origin=file.path, is_package=file.package)
    module.__file__ = file.path
    module.__loader__ = loader
    module.__spec__ = spec
    module.__package__ = name if file.package else name.rpartition(".")[0]
    if file.package:
        module.__path__ = spec.submodule_search_locations = [os.path.dirname(file.path)]
    return module


def _register_parents(name: str) -> None:
    """Make `import` find a module by its dotted name, as pickling and relative imports do."""
    parent = name.rpartition(".")[0]
    while parent and parent not in sys.modules:
        package = ModuleType(parent)
        package.__path__ = []
        sys.modules[parent] = package
        parent = parent.rpartition(".")[0]


def _code(file: PluginFile, name: str, loader: SourceFileLoader) -> CodeType:
    status = os.stat(file.path)
    made_from = (status.st_mtime_ns, status.st_size)
    kept = _codes.get(file.path)
    if kept is not None and kept[0] == made_from:
        return kept[1]
    code = loader.get_code(name)
    if code is None:
        raise ImportError(f"{file.path} holds no code")
    _codes[file.path] = (made_from, code)
    return code


def _load_extension(file: PluginFile, name: str) -> ModuleType:
    # A compiled module finds its entry by its own name, so it is known by its stem while it is made.
    loader = ExtensionFileLoader(file.stem, file.path)
    module = loader.create_module(ModuleSpec(file.stem, loader, origin=file.path))
    loader.exec_module(module)
    module.__name__ = name
    sys.modules[name] = module
    return module


def forget(name: str) -> None:
    """Take a module and its submodules out of `sys.modules`."""
    for known in [known for known in list(sys.modules) if known == name or known.startswith(f"{name}.")]:
        sys.modules.pop(known, None)


def ask_virtual(module: ModuleType, stem: str) -> tuple[str, ...]:
    """The names under which a module wants to be known, aliases last; `LoadError` with its reason when it does not."""
    virtual = getattr(module, "__virtual__", None)
    name = stem if virtual is None else _virtual_name(module, stem, virtual)
    aliases = getattr(module, "__virtual_aliases__", ())
    return (name, aliases) if isinstance(aliases, str) else (name, *aliases)


def _virtual_name(module: ModuleType, stem: str, virtual: Callable[[], Any]) -> str:
    try:
        answer = virtual()
    except Exception as error:  # boundary of loading
        raise LoadError(
            f"Exception raised when processing __virtual__ function for {_salt_name(module)}."
            f" Module will not be loaded: {error}"
        ) from error
    reason = answer[1] if isinstance(answer, tuple | list) and len(answer) > 1 else ""
    wish = answer[0] if isinstance(answer, tuple | list) and answer else answer
    if wish is True or (wish and isinstance(wish, str)):
        # As in Salt the name that the file declares counts, where it and the answer differ.
        return str(getattr(module, "__virtualname__", stem if wish is True else wish))
    raise LoadError(str(reason))


def _salt_name(module: ModuleType) -> str:
    """The name that Salt gives a module of the user's own, from `<space>.<kind>.<stem>`."""
    kind, _, stem = module.__name__.rpartition(".")
    kind = kind.rpartition(".")[2]
    return f"salt.loaded.ext.{'module' if kind == 'modules' else kind}.{stem}"


def call_init(module: ModuleType, opts: dict[str, Any]) -> None:
    """Call the module's `__init__(opts)` if it defines one; `LoadError` when that fails."""
    init = module.__dict__.get("__init__")
    if not isinstance(init, FunctionType):
        return
    try:
        init(opts)
    except Exception as error:  # boundary of loading
        raise LoadError(f"__init__ failed: {type(error).__name__}: {error}") from error


def public_functions(module: ModuleType, known: Container[str]) -> dict[str, Callable[..., Any]]:
    """The functions that a module offers, by public name.

    They are those defined in it (or in its own submodules) without a leading underscore, or of these only the ones in
    `__load__` or else `__all__`, which may name functions of the plugin API too; renamed by `__func_alias__`; without
    those whose `@depends` is not met. `known` is the table of functions that a dependency may name.
    """
    aliases = getattr(module, "__func_alias__", {})
    found = {}
    for attribute, function in _offered(module):
        settled = _settle(function, module, known)
        if settled is not None:
            found[aliases.get(attribute, attribute)] = settled
    return found


def _offered(module: ModuleType) -> Iterator[tuple[str, Any]]:
    listed = getattr(module, "__load__", None) or getattr(module, "__all__", None)
    for attribute in listed or tuple(module.__dict__):
        value = getattr(module, attribute, None)
        homes = (module.__name__, *([_HOUSE] if listed else []))
        if not attribute.startswith("_") and _is_function(value) and _is_of(value, homes):
            yield attribute, value


def _is_function(value: Any) -> bool:
    return isinstance(value, FunctionType | BuiltinFunctionType) or _is_compiled(value)


def _is_compiled(value: Any) -> bool:
    return type(value).__name__ == "cython_function_or_method"


def _is_of(value: Any, homes: tuple[str, ...]) -> bool:
    """Whether a function was defined in one of these modules, or below."""
    home = value.__module__
    return _is_compiled(value) or any(f"{home}.".startswith(f"{one}.") for one in homes)


def _settle(function: Any, module: ModuleType, known: Container[str]) -> Callable[..., Any] | None:
    """The function, what takes its place when something that it depends on is missing, or None."""
    for dependencies in getattr(function, "__depends__", ()):
        if not all(_is_met(need, module, known) for need in dependencies.needs):
            fallback: Callable[..., Any] | None = dependencies.fallback
            return fallback
    chosen: Callable[..., Any] = function
    return chosen


def _is_met(need: Any, module: ModuleType, known: Container[str]) -> bool:
    if isinstance(need, CommandNeed):
        return need.is_met()
    if isinstance(need, str):
        return module.__dict__.get(need) is not None or ("." in need and need in known)
    return bool(need() if callable(need) else need)


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _complain(file: PluginFile, error: BaseException) -> None:
    import logging

    level = logging.DEBUG if isinstance(error, ImportError) else logging.ERROR
    logging.getLogger(__name__).log(level, "the plugin %s cannot be loaded", file.path, exc_info=error)
