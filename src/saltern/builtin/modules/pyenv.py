"""Versions of Python under pyenv: of all users in `/usr/local/pyenv`, or of one (`runas`) in `~/.pyenv`.

The option `pyenv.root` names another directory.
"""

from __future__ import annotations

import os
import shlex
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError
from saltern.plugin_api.process import identity_of
from saltern.plugin_api.program import Answer, ask

__salt__: Functions

__func_alias__ = {"list_": "list"}

_SOURCE = "https://github.com/pyenv/pyenv.git"
_EVERYONE = "/usr/local/pyenv"


def is_installed(runas: str | None = None) -> bool:
    """Whether there is a pyenv.

    CLI Example::

        saltern run '*' pyenv.is_installed
    """
    return os.path.isfile(_program(runas))


def install(runas: str | None = None, path: str | None = None) -> bool:
    """Fetch pyenv into its directory or `path`, by git.

    CLI Example::

        saltern run '*' pyenv.install
    """
    where = path or _root(runas)
    if os.path.isfile(f"{where}/bin/pyenv"):
        return True
    return ask(["git", "clone", "--quiet", _SOURCE, where], user=runas, env=_home(runas)).retcode == 0


def update(runas: str | None = None, path: str | None = None) -> bool:
    """Bring pyenv to its newest version, by git; False where there is none.

    CLI Example::

        saltern run '*' pyenv.update
    """
    where = path or _root(runas)
    if not os.path.isfile(f"{where}/bin/pyenv"):
        return False
    return ask(["git", "-C", where, "pull", "--quiet", "--ff-only"], user=runas, env=_home(runas)).retcode == 0


def install_python(python: str, runas: str | None = None) -> str | bool:
    """Build and install a version; what pyenv said of it, or False if it failed: then nothing of it is left.

    CLI Example::

        saltern run '*' pyenv.install_python 3.12.1
    """
    version = _version(python)
    answer = _pyenv(["install", version], runas)
    if answer.retcode:
        _pyenv(["uninstall", "--force", version], runas)
        return False
    rehash(runas)
    return answer.stderr


def uninstall_python(python: str, runas: str | None = None) -> bool:
    """Remove a version.

    CLI Example::

        saltern run '*' pyenv.uninstall_python 3.12.1
    """
    return _pyenv(["uninstall", "--force", _version(python)], runas).retcode == 0


def versions(runas: str | None = None) -> list[str]:
    """The installed versions.

    CLI Example::

        saltern run '*' pyenv.versions
    """
    return _well(["versions", "--bare"], runas).split()


def default(python: str | None = None, runas: str | None = None) -> str | bool:
    """The version that is used where nothing else is said; with `python` that one is.

    CLI Example::

        saltern run '*' pyenv.default
        saltern run '*' pyenv.default 3.12.1
    """
    if python:
        _well(["global", _version(python)], runas)
        return True
    return next(iter(_well(["global"], runas).split()), "")


def list_(runas: str | None = None) -> list[str]:
    """The versions that can be installed.

    CLI Example::

        saltern run '*' pyenv.list
    """
    lines = _well(["install", "--list"], runas).splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("Available")]


def rehash(runas: str | None = None) -> bool:
    """Make the shims of installed programs anew.

    CLI Example::

        saltern run '*' pyenv.rehash
    """
    _well(["rehash"], runas)
    return True


def do(cmdline: str | None = None, runas: str | None = None) -> str | bool:
    """Run a command with the programs of pyenv before all others; what it printed, or False if it failed.

    CLI Example::

        saltern run '*' pyenv.do 'python --version'
    """
    return _done(cmdline, runas, {})


def do_with_python(python: str, cmdline: str | None = None, runas: str | None = None) -> str | bool:
    """Run a command with the programs of one version; what it printed, or False if it failed.

    CLI Example::

        saltern run '*' pyenv.do_with_python 3.12.1 'python --version'
    """
    return _done(cmdline, runas, {"PYENV_VERSION": _version(python)})


def _done(cmdline: str | None, runas: str | None, more: dict[str, str]) -> str | bool:
    if not cmdline:
        raise SaltInvocationError("Command must be specified")
    root, words = _root(runas), shlex.split(cmdline)
    path = f"{root}/shims:{root}/bin:{os.environ.get('PATH', '')}"
    # The program is looked for in that PATH, not in this process's.
    env = {**_home(runas), "PYENV_ROOT": root, "PATH": path, **more}
    answer = ask(["/usr/bin/env", *words], user=runas, env=env)
    return answer.stdout if answer.retcode == 0 else False


def _well(words: list[str], runas: str | None) -> str:
    answer = _pyenv(words, runas)
    if answer.retcode:
        raise CommandExecutionError(f"pyenv {' '.join(words)}: {answer.reason}")
    return answer.stdout


def _pyenv(words: list[str], runas: str | None) -> Answer:
    return ask([_program(runas), *words], user=runas, env={**_home(runas), "PYENV_ROOT": _root(runas)})


def _program(runas: str | None) -> str:
    return f"{_root(runas)}/bin/pyenv"


def _root(runas: str | None) -> str:
    named: Any = __salt__["config.option"]("pyenv.root")
    identity = identity_of(runas)
    return str(named or (f"{identity.home}/.pyenv" if identity else _EVERYONE))


def _home(runas: str | None) -> dict[str, str]:
    identity = identity_of(runas)
    return {"HOME": identity.home} if identity else {}


def _version(python: str) -> str:
    return str(python).removeprefix("python-")
