"""Functions that show whether a minion works, and how it takes arguments, returns values and fails."""

from __future__ import annotations

from saltern.plugin_api import CommandExecutionError, Functions, Opts, Plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__salt__: Functions
__opts__: Opts
__plugins__: Plugins
__context__: dict[str, Any]

__func_alias__ = {"true_": "true", "false_": "false", "try_": "try"}

__instant__ = (
    "ping",
    "true",
    "false",
    "echo",
    "arg",
    "kwarg",
    "arg_repr",
    "arg_type",
    "arg_clean",
    "outputter",
    "retcode",
    "version",
    "conf_test",
    "get_opts",
)

_LIBRARIES = ("cryptography", "Jinja2", "msgpack", "msgspec", "psutil", "PyYAML", "uvloop")
"""What `versions_information` tells of; some are optional."""


def ping() -> bool:
    """Tell that the minion is there and answers. Always `True`.

    CLI Example::

        saltern run '*' test.ping
    """
    return True


def true_() -> bool:
    """Always `True`.

    CLI Example::

        saltern run '*' test.true
    """
    return True


def false_() -> bool:
    """Always `False`.

    CLI Example::

        saltern run '*' test.false
    """
    return False


def echo(text: Any) -> Any:
    """Give back what was given.

    CLI Example::

        saltern run '*' test.echo 'hello'
    """
    return text


def outputter(data: Any) -> Any:
    """Give back what was given, to see what an outputter makes of it.

    CLI Example::

        saltern run '*' test.outputter foobar --out json
    """
    return data


def arg(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """The arguments as the function got them, the job's public fields among the keywords.

    CLI Example::

        saltern run '*' test.arg 1 "two" 3.1 txt="hello" wow='{a: 1, b: "hello"}'
    """
    return {"args": args, "kwargs": kwargs}


def arg_clean(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """The arguments as the function got them, without the job's public fields.

    CLI Example::

        saltern run '*' test.arg_clean 1 "two" txt="hello"
    """
    return {"args": args, "kwargs": _without_private(kwargs)}


def arg_repr(*args: Any, **kwargs: Any) -> dict[str, str]:
    """The arguments as Python writes them.

    CLI Example::

        saltern run '*' test.arg_repr 1 "two" txt="hello"
    """
    return {"args": repr(args), "kwargs": repr(kwargs)}


def arg_type(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """The types of the arguments.

    CLI Example::

        saltern run '*' test.arg_type 1 'int'
    """
    return {
        "args": [str(type(value)) for value in args],
        "kwargs": {key: str(type(value)) for key, value in kwargs.items()},
    }


def kwarg(**kwargs: Any) -> dict[str, Any]:
    """The keyword arguments as the function got them.

    CLI Example::

        saltern run '*' test.kwarg num=1 txt="two" env='{a: 1, b: "hello"}'
    """
    return kwargs


def retcode(code: int = 42) -> bool:
    """End with this return code.

    CLI Example::

        saltern run '*' test.retcode 42
    """
    __context__["retcode"] = code
    return True


def version() -> str:
    """The version of Saltern on the minion.

    CLI Example::

        saltern run '*' test.version
    """
    from saltern import version as release

    return str(release.VERSION)


def versions_information() -> dict[str, dict[str, Any]]:
    """The versions of Saltern, Python, the libraries in use and the system.

    CLI Example::

        saltern run '*' test.versions_information
    """
    import locale
    import platform
    import sys

    return {
        "Saltern Version": {"Saltern": version()},
        "Python Version": {"Python": sys.version.replace("\n", " ")},
        "Dependency Versions": {name: _installed(name) for name in _LIBRARIES},
        "System Versions": {
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "version": platform.version(),
            "locale": locale.getpreferredencoding(do_setlocale=False).lower(),
        },
    }


def versions_report() -> str:
    """The versions of `test.versions_information` as a text, right-aligned by name.

    CLI Example::

        saltern run '*' test.versions_report
    """
    lines = []
    for section, entries in versions_information().items():
        lines.append(f"{section}:")
        lines += [f"{name:>14}: {value or 'Not Installed'}" for name, value in entries.items()]
        lines.append("")
    return "\n".join(lines)


def versions() -> str:
    """The same as `test.versions_report`.

    CLI Example::

        saltern run '*' test.versions
    """
    return versions_report()


def conf_test() -> Any:
    """The option `test.foo`, or `unconfigured`.

    CLI Example::

        saltern run '*' test.conf_test
    """
    return __opts__.get("test.foo", "unconfigured")


def get_opts() -> Opts:
    """The options of the minion, its grains among them.

    CLI Example::

        saltern run '*' test.get_opts
    """
    return __opts__


def opts_pkg() -> dict[str, Any]:
    """The options, the grains and the pillar of the minion in one.

    CLI Example::

        saltern run '*' test.opts_pkg
    """
    return {**__opts__, "grains": dict(__opts__.get("grains", {})), "pillar": dict(__opts__.get("pillar", {}))}


def attr_call() -> Any:
    """The grains, through `__salt__.grains.items()`.

    CLI Example::

        saltern run '*' test.attr_call
    """
    return __salt__.grains.items()  # type: ignore[attr-defined]


def cross_test(func: str, args: list[Any] | None = None) -> Any:
    """Call another function of this minion with a list of arguments.

    CLI Example::

        saltern run '*' test.cross_test test.echo '[hello]'
    """
    return __salt__[func](*(args or ()))


def try_(module: str, return_try_exception: bool = False, **kwargs: Any) -> Any:
    """Call another function with keyword arguments; `False`, or the exception's text, when it fails.

    CLI Example::

        saltern run '*' test.try test.echo text=hello
        saltern run '*' test.try test.exception return_try_exception=True
    """
    try:
        return __salt__[module](**_without_private(kwargs))
    except Exception as error:  # whatever it raises is the answer
        return str(error) if return_try_exception else False


def assertion(assertion: Any) -> None:
    """Fail unless the argument is true.

    CLI Example::

        saltern run '*' test.assertion False
    """
    if not assertion:
        raise AssertionError


def exception(message: str = "Test Exception") -> None:
    """Raise an exception.

    CLI Example::

        saltern run '*' test.exception 'Oh noes!'
    """
    raise Exception(message)


def raise_exception(name: str, *args: Any, **kwargs: Any) -> bool:
    """Raise an exception by name: a built-in one, or one of `salt.exceptions`. `False` when there is no such exception.

    CLI Example::

        saltern run '*' test.raise_exception TypeError "An integer is required"
        saltern run '*' test.raise_exception salt.exceptions.CommandExecutionError "Something went wrong"
    """
    import builtins

    from saltern.plugin_api import errors

    where: Any = errors if name.startswith("salt.exceptions.") else builtins
    found = getattr(where, name.rpartition(".")[2], None)
    if not isinstance(found, type) or not issubclass(found, BaseException):
        return False
    raise found(*args, **_without_private(kwargs))


def sleep(length: float) -> bool:
    """Wait for a number of seconds, then give `True`.

    CLI Example::

        saltern run '*' test.sleep 20
    """
    import time

    time.sleep(float(length))
    return True


def rand_sleep(max: float = 60) -> bool:
    """Wait for a random number of seconds up to `max`, then give `True`.

    CLI Example::

        saltern run '*' test.rand_sleep 60
    """
    import random

    return sleep(random.uniform(0, float(max)))


def fib(num: int) -> tuple[int, float]:
    """A number of the Fibonacci sequence, and the seconds that it took.

    CLI Example::

        saltern run '*' test.fib 10
    """
    import time

    start = time.perf_counter()
    before, last = 0, 1
    for _ in range(int(num) - 1):
        before, last = last, before + last
    return (last if int(num) > 0 else 0), time.perf_counter() - start


def collatz(start: int) -> tuple[list[float], float]:
    """The steps of the Collatz conjecture from a number down to 2, and the seconds that they took.

    CLI Example::

        saltern run '*' test.collatz 3
    """
    import time

    number: float = int(start)
    if number < 1:
        raise CommandExecutionError("the conjecture is about positive whole numbers")
    begin = time.perf_counter()
    steps = []
    while number > 1:
        steps.append(number)
        number = number * 3 + 1 if number % 2 else number / 2
    return steps, time.perf_counter() - begin


def random_hash(size: int = 9999999999, hash_type: str | None = None) -> str:
    """The digest of a random number below `size`, by `hash_type` or the option of that name.

    CLI Example::

        saltern run '*' test.random_hash
        saltern run '*' test.random_hash hash_type=sha512
    """
    import hashlib
    import secrets

    algorithm = hash_type or __opts__.get("hash_type", "sha256")
    return hashlib.new(algorithm, str(secrets.randbelow(int(size))).encode()).hexdigest()


def rand_str(size: int = 9999999999, hash_type: str | None = None) -> str:
    """The same as `test.random_hash`.

    CLI Example::

        saltern run '*' test.rand_str
    """
    return random_hash(size, hash_type)


def stack() -> str:
    """The stack of calls that leads here.

    CLI Example::

        saltern run '*' test.stack
    """
    import traceback

    return "".join(traceback.format_stack())


def tty(*_args: Any, **_kwargs: Any) -> str:
    """Names the function that writes to a terminal, `cmd.tty`; writes nothing itself.

    CLI Example::

        saltern run '*' test.tty tty0 'This is a test'
    """
    return "ERROR: This function has been moved to cmd.tty"


def provider(module: str) -> str:
    """The file that serves a module's name on this minion; an empty text when none does.

    CLI Example::

        saltern run '*' test.provider service
    """
    return __plugins__.table("modules").file_of(module)


def providers() -> dict[str, str]:
    """The names of all modules, by the file that serves them.

    CLI Example::

        saltern run '*' test.providers
    """
    table = __plugins__.table("modules")
    return {table.file_of(name): name for name in table.module_names()}


def not_loaded() -> list[str]:
    """The modules that this minion cannot use.

    CLI Example::

        saltern run '*' test.not_loaded
    """
    return list(__plugins__.table("modules").refused())


def module_report() -> dict[str, list[str]]:
    """The functions and modules that are there, by way of the keys and of the attributes of `__salt__`.

    CLI Example::

        saltern run '*' test.module_report
    """
    table = __plugins__.table("modules")
    functions = list(__salt__)
    modules = table.module_names()
    return {
        "functions": functions,
        "modules": modules,
        "function_attrs": list(functions),
        "function_subs": list(functions),
        "module_attrs": list(modules),
        "missing_attrs": [name for name in modules if not hasattr(__salt__, name)],
        "missing_subs": [name for name in functions if name not in __salt__],
    }


def deprecation_warning() -> bool:
    """Warn of something that is out of date, to see where such warnings go. Always `True`.

    CLI Example::

        saltern run '*' test.deprecation_warning
    """
    import warnings

    warnings.warn("test.deprecation_warning was called", DeprecationWarning, stacklevel=2)
    return True


def _installed(library: str) -> str | None:
    """The version of a library that is installed; None for one that is not."""
    import importlib.metadata

    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return None


def _without_private(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments without those that the caller of a job did not give."""
    return {key: value for key, value in kwargs.items() if not key.startswith("__")}
