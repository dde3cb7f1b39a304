"""Virtual environments of Python as states."""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, CommandNotFoundError, Functions, Opts
from saltern.plugin_api.python.environment import python_of

__virtualname__ = "virtualenv"

__opts__: Opts
__salt__: Functions
__env__: str


def __virtual__() -> str:
    return __virtualname__


def managed(
    name: str,
    venv_bin: str | None = None,
    requirements: str | None = None,
    system_site_packages: bool = False,
    distribute: bool = False,
    use_wheel: bool = False,
    clear: bool = False,
    python: str | None = None,
    extra_search_dir: Any = None,
    never_download: bool | None = None,
    prompt: str | None = None,
    user: str | None = None,
    cwd: str | None = None,
    index_url: str | None = None,
    extra_index_url: str | None = None,
    pre_releases: bool = False,
    no_deps: bool = False,
    pip_download: str | None = None,
    pip_download_cache: str | None = None,
    pip_exists_action: str | None = None,
    pip_ignore_installed: bool = False,
    proxy: str | None = None,
    use_vt: bool = False,
    env_vars: Any = None,
    no_use_wheel: bool = False,
    pip_upgrade: bool = False,
    pip_pkgs: Any = None,
    pip_no_cache_dir: bool = False,
    pip_cache_dir: str | None = None,
    process_dependency_links: bool = False,
    no_binary: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a virtual environment at the path `name`, with the packages of a requirements file and of `pip_pkgs`.

    `clear` makes it anew each time. Other arguments are those of `virtualenv.create` and `pip.install`.
    """
    made = python_of(name) is not None
    environment = {
        "venv_bin": venv_bin,
        "system_site_packages": system_site_packages,
        "distribute": distribute,
        "clear": clear,
        "python": python,
        "extra_search_dir": extra_search_dir,
        "never_download": never_download,
        "prompt": prompt,
        "user": user,
        **kwargs,
    }
    packages = {
        "pkgs": pip_pkgs,
        "requirements": requirements,
        "use_wheel": use_wheel,
        "no_use_wheel": no_use_wheel,
        "index_url": index_url,
        "extra_index_url": extra_index_url,
        "pre_releases": pre_releases,
        "no_deps": no_deps,
        "download": pip_download,
        "download_cache": pip_download_cache,
        "exists_action": pip_exists_action,
        "ignore_installed": pip_ignore_installed,
        "proxy": proxy,
        "upgrade": pip_upgrade,
        "no_cache_dir": pip_no_cache_dir,
        "cache_dir": pip_cache_dir,
        "process_dependency_links": process_dependency_links,
        "no_binary": no_binary,
        "env_vars": env_vars,
        "bin_env": name,
        "user": user,
        "cwd": cwd,
        "saltenv": __env__,
    }
    try:
        if __opts__["test"]:
            return _foreseen(name, packages, made=made, clear=clear)
        changes: dict[str, Any] = _cleared(name, user) if made and clear else {}
        comment = "virtualenv exists"
        if not made or clear:
            changes["new"] = _created(name, environment)
            comment = "Cleared existing virtualenv" if made else "Created new virtualenv"
        if requirements or pip_pkgs:
            return _with_packages(name, packages, comment, changes, upgrade=pip_upgrade)
    except (CommandExecutionError, CommandNotFoundError) as error:
        return _result(name, False, str(error))
    return _result(name, True, comment, changes)


manage = managed


def _foreseen(name: str, packages: dict[str, Any], *, made: bool, clear: bool) -> dict[str, Any]:
    if made and clear:
        return _result(name, None, f"Virtualenv {name} is set to be cleared", _cleared(name, packages["user"]))
    if not made:
        return _result(name, None, f"Virtualenv {name} is set to be created")
    if packages["requirements"] or packages["pkgs"]:
        trial = __salt__["pip.install"](**packages, extra_args=["--dry-run", "--quiet", "--report", "-"])
        if trial.get("retcode") == 0 and '"install": []' not in trial["stdout"]:
            return _result(name, None, f"Packages of the virtualenv {name} are set to be installed")
    return _result(name, True, f"Virtualenv {name} is already created")


def _cleared(name: str, user: str | None) -> dict[str, Any]:
    return {"cleared_packages": __salt__["pip.freeze"](bin_env=name, user=user), "old": _version(name, user)}


def _created(name: str, environment: dict[str, Any]) -> str:
    """Make it; the version of its Python."""
    done = __salt__["virtualenv.create"](name, **environment)
    if done["retcode"]:
        raise CommandExecutionError(f"{done['stdout']}{done['stderr']}")
    return _version(name, environment["user"])


def _version(name: str, user: str | None) -> str:
    done = __salt__["cmd.run_all"]([str(python_of(name)), "-V"], runas=user, python_shell=False)
    return str(done["stdout"] or done["stderr"])


def _with_packages(
    name: str, packages: dict[str, Any], comment: str, changes: dict[str, Any], *, upgrade: bool
) -> dict[str, Any]:
    before = __salt__["pip.freeze"](bin_env=name, user=packages["user"])
    done = __salt__["pip.install"](**packages)
    if done.get("retcode", 1):
        said = done.get("comment") or "\n".join(filter(None, (comment, done["stdout"], done.get("stderr"))))
        return _result(name, False, said, changes)
    after = __salt__["pip.freeze"](bin_env=name, user=packages["user"])
    if before != after:
        changes["packages"] = {
            "new": [one for one in after if one not in before] or "",
            "old": [one for one in before if one not in after] or "",
        }
    return _result(name, True, comment, changes)


def _result(name: str, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
