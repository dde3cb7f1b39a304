"""What modules and functions there are, and what their docstrings and signatures say."""

from __future__ import annotations

from saltern.plugin_api import Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__plugins__: Plugins

_SCHEMA_TYPES = ("boolean", "integer", "number", "string")


def doc(*args: str) -> dict[str, str | None]:
    """The docstrings of functions: of all, of a module's, of one, or of those that match globs.

    CLI Example::

        saltern run '*' sys.doc
        saltern run '*' sys.doc sys
        saltern run '*' sys.doc sys.doc 'network.i*'
    """
    return _docs("modules", args)


def state_doc(*args: str) -> dict[str, str | None]:
    """The docstrings of states; a state's module has its own docstring under its name.

    CLI Example::

        saltern run '*' sys.state_doc service
        saltern run '*' sys.state_doc service.running 'ipt*.*'
    """
    table = __plugins__.table("states")
    found = _docs("states", args)
    modules = {key.partition(".")[0] for key in found}
    return {**{name: table.module_doc(name) for name in sorted(modules)}, **found}


def runner_doc(*args: str) -> dict[str, str | None]:
    """The docstrings of runner functions.

    CLI Example::

        saltern run '*' sys.runner_doc cache
    """
    return _docs("runners", args)


def returner_doc(*args: str) -> dict[str, str | None]:
    """The docstrings of returners.

    CLI Example::

        saltern run '*' sys.returner_doc sqlite3
    """
    return _docs("returners", args)


def renderer_doc(*args: str) -> dict[str, str | None]:
    """The docstrings of renderers.

    CLI Example::

        saltern run '*' sys.renderer_doc cheetah
    """
    table = __plugins__.table("renderers")
    return {name: table.module_doc(name) for name in _matching(table.module_names(), args)}


def list_modules(*args: str) -> list[str]:
    """The names of the execution modules, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_modules
        saltern run '*' sys.list_modules 's*'
    """
    return _modules("modules", args)


def list_functions(*args: str, **_kwargs: Any) -> list[str]:
    """The names of the execution functions: of all, of a module's, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_functions
        saltern run '*' sys.list_functions sys user
        saltern run '*' sys.list_functions 'sys.list_*'
    """
    return _functions("modules", args)


def list_state_modules(*args: str) -> list[str]:
    """The names of the state modules, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_state_modules 'mysql_*'
    """
    return _modules("states", args)


def list_state_functions(*args: str, **_kwargs: Any) -> list[str]:
    """The names of the states: of all, of a module's, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_state_functions file
    """
    return _functions("states", args)


def list_runners(*args: str) -> list[str]:
    """The names of the runner modules, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_runners 'm*'
    """
    return _modules("runners", args)


def list_runner_functions(*args: str, **_kwargs: Any) -> list[str]:
    """The names of the runner functions: of all, of a module's, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_runner_functions state
    """
    return _functions("runners", args)


def list_returners(*args: str) -> list[str]:
    """The names of the returners, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_returners 's*'
    """
    return _modules("returners", args)


def list_returner_functions(*args: str, **_kwargs: Any) -> list[str]:
    """The names of the functions of returners: of all, of a module's, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_returner_functions mysql
    """
    return _functions("returners", args)


def list_renderers(*args: str) -> list[str]:
    """The names of the renderers, or of those that match globs.

    CLI Example::

        saltern run '*' sys.list_renderers 'yaml*'
    """
    return _modules("renderers", args)


def argspec(module: str = "") -> dict[str, dict[str, Any]]:
    """The arguments of execution functions: of all, of a module's, of one, or of those that match a glob.

    CLI Example::

        saltern run '*' sys.argspec pkg.install
        saltern run '*' sys.argspec 'pkg.*'
    """
    return _argspecs("modules", module)


def state_argspec(module: str = "") -> dict[str, dict[str, Any]]:
    """The arguments of states.

    CLI Example::

        saltern run '*' sys.state_argspec pkg.installed
    """
    return _argspecs("states", module)


def runner_argspec(module: str = "") -> dict[str, dict[str, Any]]:
    """The arguments of runner functions.

    CLI Example::

        saltern run '*' sys.runner_argspec state
    """
    return _argspecs("runners", module)


def returner_argspec(module: str = "") -> dict[str, dict[str, Any]]:
    """The arguments of functions of returners.

    CLI Example::

        saltern run '*' sys.returner_argspec smtp
    """
    return _argspecs("returners", module)


def state_schema(module: str = "") -> list[dict[str, Any]]:
    """The arguments of states as JSON schemas.

    CLI Example::

        saltern run '*' sys.state_schema pkg.installed
    """
    return [_schema(name, spec) for name, spec in state_argspec(module).items()]


def reload_modules() -> None:
    """Forget the modules that are loaded and look for them again.

    CLI Example::

        saltern run '*' sys.reload_modules
    """
    __plugins__.reload()


def _modules(kind: str, globs: tuple[str, ...]) -> list[str]:
    return _matching(__plugins__.table(kind).module_names(), globs)


def _matching(names: list[str], globs: tuple[str, ...]) -> list[str]:
    import fnmatch

    return [name for name in names if not globs or any(fnmatch.fnmatchcase(name, glob) for glob in globs)]


def _functions(kind: str, globs: tuple[str, ...]) -> list[str]:
    return list(_selected(kind, globs))


def _docs(kind: str, globs: tuple[str, ...]) -> dict[str, str | None]:
    return {key: function.__doc__ for key, function in _selected(kind, globs).items()}


def _argspecs(kind: str, glob: str) -> dict[str, dict[str, Any]]:
    return {key: _argspec(function) for key, function in _selected(kind, (glob,) if glob else ()).items()}


def _selected(kind: str, globs: tuple[str, ...]) -> dict[str, Callable[..., Any]]:
    """The functions of a kind that globs name, sorted by name; a glob without a dot names modules."""
    import fnmatch

    found: dict[str, Callable[..., Any]] = {}
    for glob in globs or ("*",):
        pattern = glob if "." in glob else f"{glob}.*"
        found.update(pair for pair in _functions_near(kind, glob) if fnmatch.fnmatchcase(pair[0], pattern))
    return dict(sorted(found.items()))


def _functions_near(kind: str, glob: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions of the modules that a glob may mean; only those modules are loaded where it names one."""
    table = __plugins__.table(kind)
    name = glob.partition(".")[0]
    names = table.module_names() if any(sign in name for sign in "*?[") else [name]
    for module in names:
        yield from table.functions_of(module).items()


def _argspec(function: Callable[..., Any]) -> dict[str, Any]:
    """Names, defaults and catch-alls of a function's arguments; None stands for none of a sort."""
    import inspect

    parameters = list(inspect.signature(function).parameters.values())
    named = [one for one in parameters if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    return {
        "args": [one.name for one in named] or None,
        "defaults": [one.default for one in named if one.default is not one.empty] or None,
        "varargs": True if any(one.kind is one.VAR_POSITIONAL for one in parameters) else None,
        "kwargs": True if any(one.kind is one.VAR_KEYWORD for one in parameters) else None,
    }


def _schema(name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A function's arguments as a JSON schema (draft 4), from its `_argspec`."""
    args, defaults = spec["args"] or [], spec["defaults"] or []
    by_name = dict(zip(reversed(args), reversed(defaults), strict=False))
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": name,
        "description": name,
        "type": "object",
        "properties": {arg: _property(arg, by_name.get(arg)) for arg in args},
        "x-ordering": args,
        "additionalProperties": False,
    }


def _property(name: str, default: Any) -> dict[str, Any]:
    """The schema of one argument: of any type that can be typed, as a default does not tell what else is taken."""
    about = {"title": name, "description": name} | ({} if default is None else {"default": default})
    return {"oneOf": [{"type": one, **about} for one in _SCHEMA_TYPES]}
