"""Virtual environments of Python, made by the program virtualenv or by Python's own venv."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, process
from saltern.plugin_api.python.environment import python_of

__virtualname__ = "virtualenv"

__salt__: Functions
__opts__: Opts

_VENV = {"venv", "pyvenv"}


def __virtual__() -> str:
    return __virtualname__


def virtualenv_ver(venv_bin: str, user: str | None = None, **kwargs: Any) -> tuple[int, ...]:
    """The version of the program virtualenv, as numbers.

    CLI Example::

        saltern run '*' virtualenv.virtualenv_ver virtualenv
    """
    import re

    done = __salt__["cmd.run_all"]([venv_bin, "--version"], runas=user, python_shell=False, **kwargs)
    found = re.search(r"(\d+(?:\.\d+)+)", str(done["stdout"]))
    if done["retcode"] or found is None:
        raise CommandExecutionError(
            f"Unable to get the virtualenv version output using '{venv_bin}'. Returned data: {done}"
        )
    return tuple(int(number) for number in found[1].split("."))


def create(
    path: str,
    venv_bin: str | None = None,
    system_site_packages: bool = False,
    distribute: bool = False,
    clear: bool = False,
    python: str | None = None,
    extra_search_dir: Any = None,
    never_download: bool | None = None,
    prompt: str | None = None,
    pip: bool = False,
    symlinks: bool | None = None,
    upgrade: bool | None = None,
    user: str | None = None,
    use_vt: bool = False,
    saltenv: str = "base",
    **kwargs: Any,
) -> dict[str, Any]:
    """Make a virtual environment at `path`, by the program `venv_bin` or, with `venv`, by Python's own module.

    By default it is virtualenv where that is installed, and `venv` elsewhere. `clear` empties the environment before.
    `python` is the interpreter that is wanted; `never_download`, `extra_search_dir` and `distribute` are for
    virtualenv, `upgrade` and `symlinks` for venv.

    CLI Example::

        saltern run '*' virtualenv.create /path/to/new/virtualenv venv_bin=venv
    """
    program = venv_bin or str(__opts__.get("venv_bin") or "") or _usual_program()
    if _is_venv(program):
        command = _venv_command(program, python, distribute, extra_search_dir, never_download)
        command += ["--prompt", prompt] if prompt else []
        command += ["--upgrade"] if upgrade else []
        command += ["--symlinks"] if symlinks else []
    else:
        command = _virtualenv_command(program, python, extra_search_dir, never_download, prompt, upgrade, symlinks)
    command += ["--system-site-packages"] if system_site_packages else []
    command += ["--clear"] if clear else []
    done: dict[str, Any] = __salt__["cmd.run_all"]([*command, path], runas=user, python_shell=False, **kwargs)
    if done["retcode"] == 0 and (pip or distribute) and not Path(path, "bin", "pip").exists():
        python_there = str(python_of(path))
        return dict(__salt__["cmd.run_all"]([python_there, "-m", "ensurepip"], runas=user, python_shell=False))
    return done


def get_site_packages(venv: str) -> str:
    """The directory of the packages of a virtual environment.

    CLI Example::

        saltern run '*' virtualenv.get_site_packages /path/to/virtualenv
    """
    return _asked(venv, "import sysconfig; print(sysconfig.get_path('purelib'))")


def get_distribution_path(venv: str, distribution: str) -> str:
    """The directory in which the files of an installed distribution are.

    CLI Example::

        saltern run '*' virtualenv.get_distribution_path /path/to/virtualenv my_distribution
    """
    return _asked(
        venv,
        "import sys, importlib.metadata as m; print(m.distribution(sys.argv[1]).locate_file(''))",
        distribution,
    )


def get_resource_path(venv: str, package: str | None = None, resource: str | None = None) -> str:
    """The path of a file that belongs to a package in a virtual environment.

    CLI Example::

        saltern run '*' virtualenv.get_resource_path /path/to/virtualenv package=my_package resource=some/file.txt
    """
    name, file = _named_resource(package, resource)
    return _asked(venv, f"{_FILE}; print(file)", name, file)


def get_resource_content(venv: str, package: str | None = None, resource: str | None = None) -> str:
    """The text of a file that belongs to a package in a virtual environment.

    CLI Example::

        saltern run '*' virtualenv.get_resource_content /path/to/virtualenv package=my_package resource=some/file.txt
    """
    name, file = _named_resource(package, resource)
    return _asked(venv, f"{_FILE}; print(file.read_text())", name, file)


_FILE = "import sys, importlib.resources as r; file = r.files(sys.argv[1]).joinpath(sys.argv[2])"


def _named_resource(package: str | None, resource: str | None) -> tuple[str, str]:
    if package is None or resource is None:
        raise CommandExecutionError("'package' and 'resource' are both needed.")
    return package, resource


def _usual_program() -> str:
    return "virtualenv" if process.find_program("virtualenv") else "venv"


def _is_venv(program: str) -> bool:
    return os.path.basename(program) in _VENV or "-m venv" in program


def _venv_command(
    program: str, python: str | None, distribute: bool, extra_search_dir: Any, never_download: bool | None
) -> list[str]:
    for name, given in (
        ("distribute", distribute), ("extra_search_dir", extra_search_dir), ("never_download", never_download)
    ):  # fmt: skip
        if given:
            raise CommandExecutionError(
                f"The `{name}` parameter is not supported when creating a venv by Python itself"
            )
    if "-m venv" in program:
        return program.split()
    if os.path.sep in program and os.access(program, os.X_OK):
        return [program]
    interpreter = process.find_program(python) if python else os.path.normpath(sys.executable)
    if interpreter is None:
        raise CommandExecutionError(f"Requested python ({python}) does not appear executable.")
    return [interpreter, "-m", "venv"]


def _virtualenv_command(
    program: str,
    python: str | None,
    extra_search_dir: Any,
    never_download: bool | None,
    prompt: str | None,
    upgrade: bool | None,
    symlinks: bool | None,
) -> list[str]:
    for name, given in (("upgrade", upgrade), ("symlinks", symlinks)):
        if given:
            raise CommandExecutionError(f"The `{name}`(`--{name}`) option is not supported by '{program}'")
    found = process.find_program(program)
    if found is None:
        raise CommandExecutionError(f"The program {program} was not found.")
    command = [found]
    if python is not None:
        if python.strip() and process.find_program(python) is None:
            raise CommandExecutionError(f"Requested python ({python}) does not appear executable.")
        command.append(f"--python={python}")
    directories = extra_search_dir.split(",") if isinstance(extra_search_dir, str) else extra_search_dir or ()
    command += [f"--extra-search-dir={one}" for one in directories]
    command += ["--never-download"] if never_download else []
    return command + (["--prompt", prompt] if prompt else [])


def _asked(venv: str, program: str, *words: str) -> str:
    python = python_of(venv)
    if python is None:
        raise CommandExecutionError(f"Path '{venv}' does not appear to be a virtualenv: '{venv}/bin/python' not found.")
    done = __salt__["cmd.run_all"]([python, "-c", program, *words], python_shell=False)
    if done["retcode"]:
        last = "".join(str(done["stderr"]).strip().splitlines()[-1:])
        raise CommandExecutionError(f"{last}{done['stdout']}" or f"{python} ended with {done['retcode']}")
    return str(done["stdout"])
