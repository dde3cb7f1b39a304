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
    password: str | None = None,
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
    JSON mapping). What it printed, and its retcode, are the changes. `password` is for Windows: where the minion may
    become another user it needs none.
    """
    wrong = _wrong_options(env=env)
    if wrong:
        return _failed(name, wrong)
    name_to_run = name
    if __opts__["test"]:
        name_to_run = _test_command(stateful)
        if not name_to_run:
            return _planned(name, name, stateful)
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
    """Fetch a script (`source`, or else `name`), and run it with `args`, or else the further words of `name`.

    With `template` the script is rendered first: it knows what is in `context` and `defaults`, and further arguments.
    """
    wrong = _wrong_options(env=env, context=context, defaults=defaults)
    if wrong:
        return _failed(name, wrong)
    if __opts__["test"]:
        planned = _planned(name, name, stateful)
        comment = planned["comment"] and f"Command '{name}' would have been executed"
        return {**planned, "changes": {}, "comment": comment}
    if cwd and not os.path.isdir(cwd):
        return _failed(name, f'Desired working directory "{cwd}" is not available')
    args = kwargs.pop("args", None) or (shlex.split(name)[1:] if source else None)
    options = {
        "cwd": cwd, "runas": runas, "shell": shell, "env": _merged(env), "template": template, "timeout": timeout,
        "output_loglevel": output_loglevel, "hide_output": hide_output, "saltenv": __env__,
        "success_retcodes": success_retcodes, "success_stdout": success_stdout, "success_stderr": success_stderr,
        "context": {**(defaults or {}), **(context or {})}, **kwargs,
    }  # fmt: skip
    try:
        done = __salt__["cmd.script"](source or name, args, **options)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _failed(name, str(error))
    if done.get("cache_error"):
        told = f"Unable to cache script {source or name} from saltenv '{__env__}'"
        return {**_failed(name, told), "changes": {key: value for key, value in done.items() if key != "pid"}}
    return _finished(name, done, f"Command '{name}' run", stateful)


def call(
    name: str, func: Any, args: Any = (), kws: Mapping[str, Any] | None = None, output_loglevel: str = "debug",
    hide_output: bool = False, use_vt: bool = False, **kwargs: Any,
) -> dict[str, Any]:  # fmt: skip
    """Call a function of Python, which renderers such as `pydsl` can name. A dictionary that it gives is the result."""
    result = {"name": name, "changes": {}, "result": True, "comment": ""}
    if __opts__["test"]:
        return {**result, "result": None, "comment": f"The function of {name} would have been called"}
    given = func(*(args or ()), **(kws or {}))
    if isinstance(given, dict):
        return {**result, **given, "name": name}
    return {**result, "changes": {"retval": given}, "comment": given if isinstance(given, str) else ""}


def wait(name: str, **kwargs: Any) -> dict[str, Any]:
    """Run a command only when something that is watched has changed."""
    return {"name": name, "changes": {}, "result": True, "comment": ""}


watch = wait


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


def _wrong_options(**options: Any) -> str:
    """What is wrong with options that have to be mappings; `env` may be a list as well."""
    for name, value in options.items():
        if value and not isinstance(value, dict | list if name == "env" else dict):
            advice = "See documentation." if name == "env" else "Must be formed as a dict."
            return f"Invalidly-formatted '{name}' parameter. {advice}"
    return ""


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
    if _is_stateful(stateful):
        result = _told_by_itself(result)
    if __opts__["test"] and result["changes"]:
        result["result"] = None
    return result


def _is_stateful(stateful: Any) -> bool:
    return stateful is True or isinstance(stateful, list)


def _told_by_itself(result: dict[str, Any]) -> dict[str, Any]:
    """The result as the command's output tells it."""
    output = str(result["changes"].get("stdout", "")).rstrip()
    if not output:
        return {**result, "changes": {}, "comment": ""}
    told, rest = _told_in(output)
    if told is None:
        return {**result, "result": False, "comment": _NOT_TOLD}
    comment = str(told.pop("comment", ""))
    changed = _is_true(told.get("changed", "no"))
    changes = {**result["changes"], "stdout": rest, **told} if changed else {}
    return {**result, "changes": changes, "comment": comment}


_NOT_TOLD = "Failed parsing script output! Stdout must be JSON or a line of name=value pairs."


def _told_in(output: str) -> tuple[dict[str, Any] | None, str]:
    """What an output tells, and the lines before: all of it is JSON, or the last line is made of `name=value`."""
    try:
        told = json.loads(output)
        return (told, "") if isinstance(told, dict) else (None, "")
    except ValueError:
        pass
    rest, _, line = output.rpartition("\n")
    try:
        pairs = [word.partition("=") for word in shlex.split(line)]
    except ValueError:
        return None, ""
    return ({key: value for key, _, value in pairs} if all(mark for _, mark, _ in pairs) else None), rest


def _is_true(value: Any) -> bool:
    return value is True or str(value).lower() in ("yes", "true", "1")


def _test_command(stateful: Any) -> str:
    """The command that tells in test mode what would change: `stateful: [{test_name: ...}]`."""
    items = stateful if isinstance(stateful, list) else [stateful]
    return next((str(one["test_name"]) for one in items if isinstance(one, dict) and "test_name" in one), "")


def _planned(name: str, cmd: str, stateful: Any = False) -> dict[str, Any]:
    """The result of test mode. What tells itself whether it changes something cannot be foreseen."""
    if _is_stateful(stateful):
        return {"name": name, "changes": {}, "result": None, "comment": ""}
    return {
        "name": name, "changes": {"cmd": cmd}, "result": None, "comment": f'Command "{cmd}" would have been executed',
    }  # fmt: skip


def _failed(name: str, comment: str) -> dict[str, Any]:
    return {"name": name, "changes": {}, "result": False, "comment": comment}
