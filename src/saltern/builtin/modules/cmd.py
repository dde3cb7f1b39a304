"""Run commands on the minion.

The functions that run a command take these options, by name or in this order after the command:

``cwd``
    An absolute directory; by default the home of the user who runs it.
``stdin``
    Text for the standard input; `\\n` in it, as two characters, is a line break.
``runas``, ``group``
    Run as this user, with the groups of a login of that user, and as this group.
``shell``
    The shell, by default `$SHELL` of the minion.
``python_shell``
    Whether the command goes through the shell. By default it does when it was typed by an operator, and does not when a
    module or a state runs it.
``env``, ``clean_env``, ``prepend_path``, ``reset_system_locale``
    A dict, or a list of dicts, of variables over those of the minion; or these alone with `clean_env`. `prepend_path`
    is put in front of PATH. Unless `reset_system_locale` is False the locale is C.
``template``, ``saltenv``, ``pillar``
    Render the command and `cwd` with this renderer first; `pillar` is laid over the minion's pillar for that.
``umask``
    In octal digits.
``rstrip``, ``output_encoding``
    Cut white space from the end of the output; its encoding if it is not UTF-8.
``hide_output``, ``output_loglevel``, ``log_callback``
    Return no output; log it at this level (`quiet` is not at all); through this function.
``timeout``
    Seconds after which the command and all it started are killed.
``ignore_retcode``, ``success_retcodes``, ``success_stdout``, ``success_stderr``
    Never fail for the exit code; or not for these, or when the output has one of these texts in it.
``bg``
    Start it and return at once. It outlives the job.
``raise_err``, ``redirect_stderr``
    Raise an error when it fails; put standard error into the output.

``use_vt`` is accepted, and commands get pipes all the same. So are ``password`` and ``encoded_cmd``, of other
platforms.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts, Pillar, Plugins, command, process

__salt__: Functions
__opts__: Opts
__pillar__: Pillar
__plugins__: Plugins
__context__: Context
__progress__: process.OnOutput

log = logging.getLogger(__name__)

_LOG_LEVELS = {
    "all": 0,
    "garbage": 1,
    "trace": 5,
    "debug": logging.DEBUG,
    "profile": 15,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
_LOGGED_CHARACTERS = 4096


class _Result(NamedTuple):
    """`retcode` is None for a command that goes on in the background."""

    pid: int
    retcode: int | None
    stdout: str = ""
    stderr: str = ""


def run(
    cmd: Any,
    cwd: str | None = None,
    stdin: Any = None,
    runas: str | None = None,
    group: str | None = None,
    shell: str | None = None,
    python_shell: bool | None = None,
    env: Any = None,
    *,
    redirect_stderr: bool = True,
    bg: bool = False,
    raise_err: bool = False,
    **kwargs: Any,
) -> str:
    """Run a command and return what it prints, errors included.

    CLI Example::

        saltern run '*' cmd.run 'ls -l | wc -l' cwd=/tmp timeout=60
    """
    options = _options(kwargs, cwd, stdin, runas, group, shell, python_shell, env)
    result = _run(cmd, options, bg=bg, merge_stderr=redirect_stderr)
    if raise_err and result.retcode:
        said = result.stdout or f"Command {command.program_name(cmd)} failed with return code: {result.retcode}"
        raise CommandExecutionError(said)
    return result.stdout


def run_all(
    cmd: Any,
    cwd: str | None = None,
    stdin: Any = None,
    runas: str | None = None,
    group: str | None = None,
    shell: str | None = None,
    python_shell: bool | None = None,
    env: Any = None,
    *,
    redirect_stderr: bool = False,
    bg: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Run a command and return `{"pid": int, "retcode": int, "stdout": str, "stderr": str}`.

    CLI Example::

        saltern run '*' cmd.run_all "ls /nowhere"
    """
    options = _options(kwargs, cwd, stdin, runas, group, shell, python_shell, env)
    return _run(cmd, options, bg=bg, merge_stderr=redirect_stderr)._asdict()


def run_stdout(cmd: Any, cwd: str | None = None, stdin: Any = None, runas: str | None = None, **kwargs: Any) -> str:
    """Run a command and return its standard output.

    CLI Example::

        saltern run '*' cmd.run_stdout 'cat /etc/hostname'
    """
    return _execute(cmd, _options(kwargs, cwd, stdin, runas)).stdout


def run_stderr(cmd: Any, cwd: str | None = None, stdin: Any = None, runas: str | None = None, **kwargs: Any) -> str:
    """Run a command and return its standard error.

    CLI Example::

        saltern run '*' cmd.run_stderr 'ls /nowhere'
    """
    return _execute(cmd, _options(kwargs, cwd, stdin, runas)).stderr


def retcode(cmd: Any, cwd: str | None = None, stdin: Any = None, runas: str | None = None, **kwargs: Any) -> int | None:
    """Run a command and return its exit code; a negative one is the signal that ended it.

    CLI Example::

        saltern run '*' cmd.retcode 'test -e /etc/passwd'
    """
    return _execute(cmd, _options(kwargs, cwd, stdin, runas), merge_stderr=True).retcode


def shell(cmd: Any, cwd: str | None = None, stdin: Any = None, runas: str | None = None, **kwargs: Any) -> str:
    """Run a command through the shell and return what it prints, as `cmd.run` with `python_shell=True`.

    CLI Example::

        saltern run '*' cmd.shell 'du -sh /var/* | sort -h'
    """
    return run(cmd, cwd, stdin, runas, **{**kwargs, "python_shell": True})


def run_bg(cmd: Any, cwd: str | None = None, runas: str | None = None, **kwargs: Any) -> dict[str, int]:
    """Start a command that outlives this job, and return `{"pid": int}`.

    CLI Example::

        saltern run '*' cmd.run_bg 'fstrim --all'
    """
    return {"pid": _background(cmd, _options(kwargs, cwd, None, runas)).pid}


def script(
    source: str,
    args: str | Sequence[Any] | None = None,
    cwd: str | None = None,
    stdin: Any = None,
    runas: str | None = None,
    *,
    bg: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Fetch a script (`salt://…`, another URL, or a path on the minion), run it, and return as `cmd.run_all` does.

    With `template` the script is rendered first. A script that cannot be fetched has `"cache_error": True`.

    CLI Example::

        saltern run '*' cmd.script salt://scripts/runme.sh 'arg1 "arg 2"'
    """
    from saltern.plugin_api import scripts

    options = _options(kwargs, cwd, stdin, runas)
    content = _fetch(source, options, _variables_of(kwargs))
    if content is None:
        return {**_Result(0, 1)._asdict(), "cache_error": True}
    with scripts.script_file(content, options, os.path.splitext(source)[1], keep=bg) as path:
        argv = [*scripts.interpreter(content, options.shell), path, *command.arguments_of(args)]
        return _run(argv, options._replace(template=None, python_shell=False), bg=bg)._asdict()


def script_retcode(
    source: str,
    args: str | Sequence[Any] | None = None,
    cwd: str | None = None,
    stdin: Any = None,
    runas: str | None = None,
    *,
    template: str | None = "jinja",
    **kwargs: Any,
) -> int | None:
    """Fetch a script, render it, run it, and return its exit code.

    CLI Example::

        saltern run '*' cmd.script_retcode salt://scripts/runme.sh 'arg1 "arg 2"'
    """
    found: int | None = script(source, args, cwd, stdin, runas, template=template, **kwargs)["retcode"]
    return found


def exec_code(lang: str, code: str, cwd: str | None = None, args: Any = None, **kwargs: Any) -> str:
    """Run code in a language whose program `lang` is, and return its standard output.

    CLI Example::

        saltern run '*' cmd.exec_code python3 'print(7 * 6)'
    """
    output: str = exec_code_all(lang, code, cwd, args, **kwargs)["stdout"]
    return output


def exec_code_all(lang: str, code: str, cwd: str | None = None, args: Any = None, **kwargs: Any) -> dict[str, Any]:
    """Run code in a language whose program `lang` is, and return as `cmd.run_all` does.

    CLI Example::

        saltern run '*' cmd.exec_code_all python3 'print(7 * 6)'
    """
    from saltern.plugin_api import scripts

    options = _options(kwargs, cwd)._replace(python_shell=False)
    with scripts.script_file(os.fsencode(code), options._replace(cwd=None)) as path:
        return _execute([lang, path, *command.arguments_of(args)], options)._asdict()


def run_chroot(
    root: str,
    cmd: Any,
    cwd: str | None = None,
    stdin: Any = None,
    runas: str | None = None,
    group: str | None = None,
    shell: str | None = None,
    python_shell: bool = True,
    binds: Iterable[str] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Run a command inside a directory as root, and return as `cmd.run_all` does.

    `/dev`, `/proc` and `/sys` are there for the time of the command, and the directories of `binds`. `cwd`, `runas` and
    `group` are of the inside. What the command leaves running there is left alone.

    CLI Example::

        saltern run '*' cmd.run_chroot /var/lib/lxc/container_name/rootfs 'sh /tmp/bootstrap.sh'
    """
    from saltern.plugin_api import chroot

    if not os.path.isdir(root):
        raise CommandExecutionError(f"The directory {root} does not exist")
    inside = chroot.shell_inside(root, shell)
    words = process.shell_command(inside, command.text_of(cmd)) if python_shell else command.words_of(cmd)
    options = _options(kwargs, None, stdin)._replace(python_shell=False)
    with chroot.mounted(root, binds or ()):
        return _execute(chroot.argv_inside(root, words, inside, cwd, runas, group), options)._asdict()


def has_exec(cmd: str) -> bool:
    """Whether there is a program of this name.

    CLI Example::

        saltern run '*' cmd.has_exec rsync
    """
    return which(cmd) is not None


def which(cmd: str | None) -> str | None:
    """The path of a program, or None.

    CLI Example::

        saltern run '*' cmd.which cat
    """
    return process.find_program(cmd) if cmd else None


def which_bin(cmds: str | Sequence[str]) -> str | None:
    """The path of the first of these programs that is there, or None.

    CLI Example::

        saltern run '*' cmd.which_bin '[pip2, pip, pip-python]'
    """
    names = [cmds] if isinstance(cmds, str) else cmds
    return next((path for name in names if (path := which(name))), None)


def tty(device: str, echo: str = "") -> dict[str, str]:
    """Write a text to a terminal: `tty0`, `pts3`. The answer has the key `Success` or `Error`.

    CLI Example::

        saltern run '*' cmd.tty pts3 'This is a test'
    """
    number = re.fullmatch(r"pts/?(\d+)", device)
    path = f"/dev/pts/{number[1]}" if number else f"/dev/{device}"
    if not number and not re.fullmatch(r"tty\w+", device):
        return {"Error": "The specified device is not a valid TTY"}
    try:
        terminal = os.open(path, os.O_WRONLY | os.O_NOCTTY)
    except OSError as error:
        return {"Error": f"Echoing to {path} returned error {error.errno}"}
    with open(terminal, "wb", buffering=0) as file:
        if not file.isatty():
            return {"Error": "The specified device is not a valid TTY"}
        file.write(os.fsencode(str(echo)))
    return {"Success": f"Message was successfully echoed to {path}"}


def shells() -> list[str]:
    """The login shells of this system (`/etc/shells`).

    CLI Example::

        saltern run '*' cmd.shells
    """
    from saltern.plugin_api import shells as known

    return known.login_shells()


def shell_info(shell: str, list_modules: bool = False) -> dict[str, Any]:
    """What is known of a shell or script language: `installed`, `path`, `version` and its parts, `version_raw`.

    `list_modules` is accepted; modules are not listed.

    CLI Example::

        saltern run '*' cmd.shell_info bash
    """
    from saltern.plugin_api import shells as known

    del list_modules
    return known.describe(shell)


def _options(kwargs: Mapping[str, Any], *first: Any) -> command.Options:
    """The options by position and by name; by default a command of an operator goes through the shell.

    The minion marks what an operator called by `__pub_jid`.
    """
    named = {name: kwargs[name] for name in command.Options._fields if name in kwargs}
    options = command.Options(*first, **named)
    if options.python_shell is None:
        return options._replace(python_shell="__pub_jid" in kwargs or not __opts__.get("cmd_safe", True))
    return options


def _run(cmd: Any, options: command.Options, *, bg: bool, merge_stderr: bool = False) -> _Result:
    return _background(cmd, options) if bg else _execute(cmd, options, merge_stderr=merge_stderr)


def _execute(cmd: Any, options: command.Options, *, merge_stderr: bool = False) -> _Result:
    argv, around, shown = _prepare(cmd, options)
    try:
        done = process.run(
            argv,
            around,
            stdin=command.input_of(options.stdin),
            timeout=command.seconds_of(options.timeout),
            merge_stderr=merge_stderr,
            on_output=None if options.hide_output else globals().get("__progress__"),
        )
    except (OSError, ValueError) as error:
        raise _cannot_run(argv, around, options, error, merge_stderr=merge_stderr) from error
    if done.timed_out:
        _report(1, ignore=options.ignore_retcode)
        return _Result(done.pid, 1, f"{shown} : Timed out after {options.timeout} seconds")
    result = _Result(
        done.pid,
        done.retcode,
        process.text_of(done.stdout, options.output_encoding, strip=options.rstrip),
        process.text_of(done.stderr, options.output_encoding, strip=options.rstrip),
    )
    result = result._replace(retcode=_judged(result, options))
    _report(result.retcode or 0, ignore=options.ignore_retcode)
    _log_result(cmd, result, options)
    return result._replace(stdout="", stderr="") if options.hide_output else result


def _background(cmd: Any, options: command.Options) -> _Result:
    argv, around, _ = _prepare(cmd, options)
    try:
        pid = process.start(argv, around)
    except (OSError, ValueError) as error:
        raise _cannot_run(argv, around, options, error, bg=True) from error
    _report(0, ignore=False)
    return _Result(pid, None)


def _prepare(cmd: Any, options: command.Options) -> command.Prepared:
    if options.template:
        cmd = _rendered(cmd, options)
        options = options._replace(cwd=_rendered(options.cwd, options) if options.cwd else None)
    prepared = command.prepare(cmd, options)
    level = _log_level(options)
    if level is not None:
        log.log(level, "Executing command %s in directory '%s'", command.program_name(cmd), prepared.around.cwd)
    return prepared


def _cannot_run(
    argv: list[str],
    around: process.Surroundings,
    options: command.Options,
    error: Exception,
    *,
    merge_stderr: bool = False,
    bg: bool = False,
) -> CommandExecutionError:
    """The error in Salt's words, which tell the arguments of Python's `subprocess`."""
    shown = f"'{command.program_name(argv)}'" if options.output_loglevel == "quiet" else f"'{argv}'"
    context = {
        "cwd": around.cwd,
        "shell": bool(options.python_shell),
        "stdout": None if bg else subprocess.PIPE,
        "stderr": None if bg else subprocess.STDOUT if merge_stderr else subprocess.PIPE,
        "with_communicate": not bg,
        "timeout": options.timeout,
        "bg": bg,
        "close_fds": True,
    }
    return CommandExecutionError(f"Unable to run command {shown} with the context '{context}', reason: {error}")


def _judged(result: _Result, options: command.Options) -> int | None:
    """The exit code, or 0 where the caller said that it counts as success."""
    good = (
        result.retcode in command.numbers_of(options.success_retcodes)
        or any(text in result.stdout for text in command.texts_of(options.success_stdout))
        or any(text in result.stderr for text in command.texts_of(options.success_stderr))
    )
    return 0 if good else result.retcode


def _report(code: int, *, ignore: bool) -> None:
    __context__["retcode"] = 0 if ignore else code


def _log_level(options: command.Options) -> int | None:
    """None for `quiet`."""
    name = str(options.output_loglevel).lower()
    if name == "quiet":
        return None
    if name not in _LOG_LEVELS:
        valid = ", ".join([*_LOG_LEVELS, "quiet"])
        log.error("Invalid output_loglevel '%s'. Valid levels are: %s. Falling back to 'info'.", name, valid)
    return _LOG_LEVELS.get(name, logging.INFO)


def _log_result(cmd: Any, result: _Result, options: command.Options) -> None:
    level = _log_level(options)
    if level is None:
        return
    if result.retcode and not options.ignore_retcode:
        log.error("Command %s failed with return code: %s", command.program_name(cmd), result.retcode)
    if log.isEnabledFor(level):
        hide = options.log_callback or str
        for stream in ("stdout", "stderr"):
            if text := getattr(result, stream):
                log.log(level, "%s: %s", stream, hide(text[:_LOGGED_CHARACTERS]))


def _variables_of(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """What a script's template knows: `defaults`, `context`, and the keywords that are no options of commands."""
    own = (*command.Options._fields, "defaults", "context", "bg", "password")
    more = {key: value for key, value in kwargs.items() if key not in own and not key.startswith("__")}
    return {**more, **(kwargs.get("defaults") or {}), **(kwargs.get("context") or {})}


def _rendered(value: Any, options: command.Options, variables: Mapping[str, Any] | None = None) -> Any:
    if isinstance(value, list | tuple):
        return [_rendered(item, options) for item in value]
    render = __salt__.get("slsutil.renderer")
    if render is None or not __plugins__.table("renderers").functions_of(str(options.template)):
        raise CommandExecutionError(f"Attempted to render file paths with unavailable engine {options.template}")
    pillar = {"pillar": _pillar_under(options.pillar)} if options.pillar else {}
    rendered = render(
        string=command.text_of(value),
        default_renderer=options.template,
        saltenv=options.saltenv or "base",
        **{**(variables or {}), **pillar},
    )
    return rendered.read() if hasattr(rendered, "read") else rendered


def _pillar_under(given: Mapping[str, Any]) -> dict[str, Any]:
    from saltern.plugin_api.nested import merged

    return merged(__pillar__, given)


def _fetch(source: str, options: command.Options, variables: Mapping[str, Any]) -> bytes | None:
    """The content of a script; None if it cannot be had."""
    saltenv = options.saltenv or __opts__.get("saltenv") or "base"
    local = source.removeprefix("file://")
    if "://" not in local:
        path = local
    elif "cp.cache_file" in __salt__:
        path = __salt__["cp.cache_file"](source, saltenv)
    else:
        raise CommandExecutionError(f"{source} cannot be fetched: there is no function cp.cache_file")
    try:
        with open(path or "", "rb") as file:
            content = file.read()
    except OSError as error:
        log.error("The script %s cannot be read: %s", command.public_part(source), error.strerror)
        return None
    from saltern.plugin_api.filesystem.fetched import ENGINES

    if options.template and options.template not in ENGINES:
        log.error("The script %s: there is no template engine %s", command.public_part(source), options.template)
        return None
    needs_rendering = options.template and (options.template != "jinja" or b"{%" in content or b"{{" in content)
    return os.fsencode(_rendered(os.fsdecode(content), options, variables)) if needs_rendering else content
