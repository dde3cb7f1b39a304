"""Commands and scripts as states: run each time, or when something that they watch has changed."""

from __future__ import annotations

import json
import os
import shlex

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__opts__: Opts
__salt__: Functions
__env__: str


def run(
    name: str,
    cwd: str | None = None,
    root: str | None = None,
    runas: str | None = None,
    shell: str | None = None,
    env: Any = None,
    prepend_path: str | None = None,
    stateful: Any = False,
    output_loglevel: str = "debug",
    hide_output: bool = False,
    timeout: float | None = None,
    ignore_timeout: bool = False,
    use_vt: bool = False,
    success_retcodes: Any = None,
    success_stdout: Any = None,
    success_stderr: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Run a command.

    With `stateful` the command tells by its last line whether it changed something (`changed=yes comment='...'`, or a
    JSON mapping). What it printed, and its retcode, are the changes.
    """
    if stateful and __opts__["test"] and not _test_command(stateful):
        return _planned(name, name)
    if isinstance(stateful, list) and __opts__["test"]:
        name_to_run = _test_command(stateful) or name
    elif __opts__["test"]:
        return _planned(name, name)
    else:
        name_to_run = name
    if cwd and not os.path.isdir(cwd):
        return _failed(name, f'Desired working directory "{cwd}" is not available')
    options = {
        "cwd": cwd, "runas": runas, "shell": shell, "env": _merged(env), "prepend_path": prepend_path,
        "output_loglevel": output_loglevel, "hide_output": hide_output, "timeout": timeout,
        "success_retcodes": success_retcodes, "success_stdout": success_stdout, "success_stderr": success_stderr,
        "python_shell": kwargs.pop("python_shell", True), **_passed_on(kwargs),
    }  # fmt: skip
    try:
        fun = "cmd.run_chroot" if root else "cmd.run_all"
        done = __salt__[fun](*([root] if root else []), name_to_run, **options)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _failed(name, str(error))
    return _finished(name, done, f'Command "{name}" run', stateful, ignore_timeout=ignore_timeout)


def script(
    name: str,
    source: str | None = None,
    template: str | None = None,
    cwd: str | None = None,
    runas: str | None = None,
    password: str | None = None,
    shell: str | None = None,
    env: Any = None,
    stateful: Any = False,
    timeout: float | None = None,
    use_vt: bool = False,
    output_loglevel: str = "debug",
    hide_output: bool = False,
    defaults: Mapping[str, Any] | None = None,
    context: Mapping[str, Any] | None = None,
    success_retcodes: Any = None,
    success_stdout: Any = None,
    success_stderr: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Fetch a script (`source`, or else the first word of `name`), and run it with `args`."""
    if __opts__["test"]:
        return {**_planned(name, name), "comment": f"Command '{name}' would have been executed"}
    if cwd and not os.path.isdir(cwd):
        return _failed(name, f'Desired working directory "{cwd}" is not available')
    words = shlex.split(name)
    args = kwargs.pop("args", None) or (words[1:] if source is None else words[1:] if words[1:] else None)
    options = {
        "cwd": cwd, "runas": runas, "shell": shell, "env": _merged(env), "template": template, "timeout": timeout,
        "output_loglevel": output_loglevel, "hide_output": hide_output, "saltenv": __env__,
        "success_retcodes": success_retcodes, "success_stdout": success_stdout, "success_stderr": success_stderr,
        **_passed_on(kwargs),
    }  # fmt: skip
    if defaults or context:
        options["context"] = {**(defaults or {}), **(context or {})}
    try:
        done = __salt__["cmd.script"](source or words[0], args, **options)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _failed(name, str(error))
    if done.get("cache_error"):
        told = f"Unable to cache script {source or words[0]} from saltenv '{__env__}'"
        return {**_failed(name, told), "changes": {key: value for key, value in done.items() if key != "pid"}}
    return _finished(name, done, f"Command '{name}' run", stateful)


def call(
    name: str, func: Any, args: Any = (), kws: Mapping[str, Any] | None = None, output_loglevel: str = "debug",
    hide_output: bool = False, use_vt: bool = False, **kwargs: Any,
) -> dict[str, Any]:  # fmt: skip
    """Call a function of Python, which renderers such as `pydsl` can name. A dictionary that it gives is the result."""
    given = func(*(args or ()), **(kws or {}))
    result = {"name": name, "changes": {}, "result": True, "comment": ""}
    if isinstance(given, dict):
        return {**result, **given, "name": name}
    return {**result, "changes": {"retval": given}, "comment": given if isinstance(given, str) else ""}


def wait(name: str, **kwargs: Any) -> dict[str, Any]:
    """Run a command only when something that is watched has changed."""
    return {"name": name, "changes": {}, "result": True, "comment": ""}


def wait_script(name: str, **kwargs: Any) -> dict[str, Any]:
    """Run a script only when something that is watched has changed."""
    return {"name": name, "changes": {}, "result": True, "comment": ""}


def wait_call(name: str, func: Any, **kwargs: Any) -> dict[str, Any]:
    """Call a function only when something that is watched has changed."""
    return {"name": name, "changes": {}, "result": True, "comment": ""}


def mod_watch(name: str, **kwargs: Any) -> dict[str, Any]:
    """What is done when something that is watched has changed: run the command, unless it ran already."""
    sfun = kwargs.pop("sfun", "")
    kwargs.pop("__reqs__", None)
    if sfun in ("wait", "run", "watch"):
        if kwargs.get("stateful"):
            kwargs.pop("stateful")
        return run(name, **kwargs)
    if sfun in ("wait_script", "script"):
        kwargs.pop("stateful", None)
        return script(name, **kwargs)
    if sfun in ("wait_call", "call"):
        return call(name, **kwargs)
    return _failed(name, f"cmd.{sfun} does not work with the watch requisite, please use cmd.wait or cmd.wait_script")


_OPTIONS = (
    "stdin", "umask", "group", "clean_env", "rstrip", "ignore_retcode", "output_encoding", "reset_system_locale",
)  # fmt: skip
"""Options of commands that states hand on as they are."""


def _passed_on(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    known = (
        "stdin",
        "umask",
        "group",
        "clean_env",
        "rstrip",
        "ignore_retcode",
        "output_encoding",
        "reset_system_locale",
    )
    return {key: kwargs[key] for key in known if key in kwargs}


def _merged(env: Any) -> Any:
    """Variables as one mapping: they may be a list of mappings."""
    if isinstance(env, list):
        return {key: value for one in env if isinstance(one, dict) for key, value in one.items()}
    return env


def _finished(
    name: str, done: Mapping[str, Any], comment: str, stateful: Any, *, ignore_timeout: bool = False
) -> dict[str, Any]:
    changes = {key: value for key, value in done.items() if key in ("retcode", "stdout", "stderr", "pid")}
    good = done["retcode"] == 0
    result = {"name": name, "changes": changes, "result": good, "comment": comment}
    if ignore_timeout and not good and "Timed out" in str(done.get("stdout", "")):
        result["result"] = True
    if stateful:
        result = _told_by_itself(result, stateful)
    if __opts__["test"] and result["changes"]:
        result["result"] = None
    return result


def _told_by_itself(result: dict[str, Any], stateful: Any) -> dict[str, Any]:
    """The result as the command's last line tells it."""
    lines = str(result["changes"].get("stdout", "")).rstrip().splitlines()
    if not lines:
        return {**result, "changes": {}}
    told, rest = _words(lines[-1]), "\n".join(lines[:-1])
    comment = str(told.pop("comment", ""))
    changed = _is_true(told.get("changed", "no"))
    changes = {**result["changes"], "stdout": rest, **told} if changed else {}
    return {**result, "changes": changes, "comment": comment}


def _words(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
        if isinstance(told, dict):
            return told
    except ValueError:
        pass
    try:
        pairs = (word.partition("=") for word in shlex.split(line))
    except ValueError:
        return {}
    return {key: value for key, mark, value in pairs if mark}


def _is_true(value: Any) -> bool:
    return value is True or str(value).lower() in ("yes", "true", "1")


def _test_command(stateful: Any) -> str:
    """The command that tells in test mode what would change: `stateful: [{test_name: ...}]`."""
    items = stateful if isinstance(stateful, list) else [stateful]
    return next((str(one["test_name"]) for one in items if isinstance(one, dict) and "test_name" in one), "")


def _planned(name: str, cmd: str) -> dict[str, Any]:
    return {
        "name": name, "changes": {"cmd": cmd}, "result": None, "comment": f'Command "{cmd}" would have been executed',
    }  # fmt: skip


def _failed(name: str, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": {}, "result": False, "comment": comment}
