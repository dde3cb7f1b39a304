"""Programs under supervisord, by supervisorctl.

`conf_file` is the configuration of another supervisord than the system's, `bin_env` the virtual environment (or its
directory of programs, or the program itself) whose supervisorctl is called, `user` who calls it.
"""

from __future__ import annotations

import configparser
import os
import shlex

from saltern.plugin_api import CommandExecutionError, CommandNotFoundError
from saltern.plugin_api.process import find_program
from saltern.plugin_api.program import Answer, ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CONFIGURATIONS = ("/etc/supervisor/supervisord.conf", "/etc/supervisord.conf")


def start(name: str = "all", user: str | None = None, conf_file: str | None = None, bin_env: str | None = None) -> str:
    """Start a program, a group (`group:`) or all; what supervisorctl says.

    CLI Example::

        saltern run '*' supervisord.start service
        saltern run '*' supervisord.start group:
    """
    return _ctl("start", _every(name), user, conf_file, bin_env).said


def restart(
    name: str = "all", user: str | None = None, conf_file: str | None = None, bin_env: str | None = None
) -> str:
    """Restart a program, a group (`group:`) or all; what supervisorctl says.

    CLI Example::

        saltern run '*' supervisord.restart service
        saltern run '*' supervisord.restart group:
    """
    return _ctl("restart", _every(name), user, conf_file, bin_env).said


def stop(name: str = "all", user: str | None = None, conf_file: str | None = None, bin_env: str | None = None) -> str:
    """Stop a program, a group (`group:`) or all; what supervisorctl says.

    CLI Example::

        saltern run '*' supervisord.stop service
        saltern run '*' supervisord.stop group:
    """
    return _ctl("stop", _every(name), user, conf_file, bin_env).said


def add(name: str, user: str | None = None, conf_file: str | None = None, bin_env: str | None = None) -> str:
    """Let supervisord take up a program or group of its configuration; what supervisorctl says.

    CLI Example::

        saltern run '*' supervisord.add service
    """
    return _ctl("add", name.rstrip(":"), user, conf_file, bin_env).said


def remove(name: str, user: str | None = None, conf_file: str | None = None, bin_env: str | None = None) -> str:
    """Let supervisord forget a program or group that is stopped; what supervisorctl says.

    CLI Example::

        saltern run '*' supervisord.remove service
    """
    return _ctl("remove", name.rstrip(":"), user, conf_file, bin_env).said


def reread(user: str | None = None, conf_file: str | None = None, bin_env: str | None = None) -> str:
    """Let supervisord read its configuration; what would change.

    CLI Example::

        saltern run '*' supervisord.reread
    """
    return _ctl("reread", None, user, conf_file, bin_env).said


def update(
    user: str | None = None, conf_file: str | None = None, bin_env: str | None = None, name: str | None = None
) -> str:
    """Let supervisord do what its configuration says, for all programs or one group; what was changed.

    CLI Example::

        saltern run '*' supervisord.update
        saltern run '*' supervisord.update name=group
    """
    return _ctl("update", name.rstrip(":") if name else None, user, conf_file, bin_env).said


def status(
    name: str | None = None, user: str | None = None, conf_file: str | None = None, bin_env: str | None = None
) -> dict[str, dict[str, str]]:
    """The state of each program, or of one, with its reason.

    CLI Example::

        saltern run '*' supervisord.status
        saltern run '*' supervisord.status service
    """
    found = {}
    for line in status_raw(name, user, conf_file, bin_env).splitlines():
        words = line.split(None, 2)
        if len(words) > 1:
            found[words[0]] = {"state": words[1], "reason": words[2] if len(words) > 2 else ""}
    return found


def status_raw(
    name: str | None = None, user: str | None = None, conf_file: str | None = None, bin_env: str | None = None
) -> str:
    """The lines that supervisorctl prints of all programs, or of one.

    CLI Example::

        saltern run '*' supervisord.status_raw
        saltern run '*' supervisord.status_raw service
    """
    return _ctl("status", name, user, conf_file, bin_env).said


def status_bool(
    name: str,
    expected_state: str | None = None,
    user: str | None = None,
    conf_file: str | None = None,
    bin_env: str | None = None,
) -> bool:
    """Whether a program runs, or is in the state `expected_state`.

    CLI Example::

        saltern run '*' supervisord.status_bool service expected_state=STOPPED
    """
    found = status(name, user, conf_file, bin_env).get(name, {})
    return found.get("state") == (expected_state or "RUNNING")


def custom(command: str, user: str | None = None, conf_file: str | None = None, bin_env: str | None = None) -> str:
    """Run any command of supervisorctl; what it says.

    CLI Example::

        saltern run '*' supervisord.custom "mstop '*gunicorn*'"
    """
    words = shlex.split(command)
    return ask([*_program(conf_file, bin_env), *words], user=user).said


def options(name: str, conf_file: str | None = None) -> dict[str, Any]:
    """The options of a program in the configuration.

    CLI Example::

        saltern run '*' supervisord.options service
    """
    parser = configparser.RawConfigParser()
    main = conf_file or next(filter(os.path.isfile, _CONFIGURATIONS), _CONFIGURATIONS[0])
    if not parser.read(main):
        raise CommandExecutionError(f"Unable to read from file {main}")
    if parser.has_option("include", "files"):
        parser.read(_included(parser.get("include", "files"), os.path.dirname(main)))
    section = f"program:{name}"
    if not parser.has_section(section):
        raise CommandExecutionError(f"Process '{name}' not found")
    return {key: _typed(value) for key, value in parser.items(section)}


def _included(patterns: str, here: str) -> list[str]:
    import glob

    return [path for pattern in patterns.split() for path in sorted(glob.glob(os.path.join(here, pattern)))]


def _typed(value: str) -> Any:
    """A value as YAML would have it: a number, True or False, or the text."""
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    try:
        return int(value)
    except ValueError:
        return value


def _every(name: str) -> str:
    """A group stands for its programs."""
    return f"{name}*" if name.endswith(":") else name


def _ctl(command: str, name: str | None, user: str | None, conf_file: str | None, bin_env: str | None) -> Answer:
    return ask([*_program(conf_file, bin_env), command, *([name] if name else [])], user=user)


def _program(conf_file: str | None, bin_env: str | None) -> list[str]:
    places = ["supervisorctl"]
    if bin_env:
        places = [os.path.join(bin_env, *below) for below in (("bin", "supervisorctl"), ("supervisorctl",), ())]
    path = next((path for place in places if not os.path.isdir(place) and (path := find_program(place))), None)
    if path is None:
        raise CommandNotFoundError(f"supervisorctl is not installed{f' in {bin_env}' if bin_env else ''}")
    return [path, *(["-c", conf_file] if conf_file else [])]
