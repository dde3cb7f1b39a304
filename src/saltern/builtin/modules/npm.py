"""Packages of Node.js, by npm: those of a directory, or without one those of the whole system.

Functions take these arguments beside those of their own: `runas`, the user to run npm as, and `env`, variables of its
environment.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, process

__salt__: Functions

__func_alias__ = {"list_": "list"}


def __virtual__() -> bool | tuple[bool, str]:
    if process.find_program("npm"):
        return True
    return False, "The program npm is not installed"


def install(
    pkg: str | None = None,
    pkgs: list[str] | None = None,
    dir: str | None = None,
    runas: str | None = None,
    registry: str | None = None,
    env: Any = None,
    dry_run: bool = False,
    silent: bool = True,
) -> Any:
    """Install a package (`name@version`, a path or a URL) or several; without any what `package.json` in `dir` names.

    What npm tells in JSON is returned, or else its lines.

    CLI Example::

        saltern run '*' npm.install coffee-script
        saltern run '*' npm.install coffee-script@1.0.1 dir=/path/to/project
    """
    import json

    words = ["install", "--json"]
    words += ["--silent"] if silent else []
    words += ["--dry-run"] if dry_run else []
    words += [] if dir else ["--global"]
    words += [f"--registry={registry}"] if registry else []
    words += ["--", *(str(one) for one in pkgs or ([pkg] if pkg else []))]
    said = _npm(words, dir, runas, env)
    try:
        return json.loads(said)
    except ValueError:
        return said.splitlines()


def uninstall(pkg: str, dir: str | None = None, runas: str | None = None, env: Any = None) -> bool:
    """Remove a package; False where npm refuses.

    CLI Example::

        saltern run '*' npm.uninstall coffee-script
    """
    words = ["uninstall", "--silent", *([] if dir else ["--global"]), "--", pkg]
    try:
        _npm(words, dir, runas, env)
    except CommandExecutionError:
        return False
    return True


def list_(
    pkg: str | None = None,
    dir: str | None = None,
    runas: str | None = None,
    env: Any = None,
    depth: int | None = None,
) -> dict[str, Any]:
    """The installed packages, each with what npm tells of it; `depth` is how far their own packages are told.

    CLI Example::

        saltern run '*' npm.list
    """
    import json

    words = ["list", "--json", "--silent", *([] if dir else ["--global"])]
    words += [f"--depth={int(depth)}"] if depth is not None else []
    words += ["--", pkg] if pkg else []
    # npm fails where a package is not there or does not fit, and still tells what there is.
    said = _npm(words, dir, runas, env, good=(0, 1))
    found = json.loads(said or "{}")
    return dict(found.get("dependencies") or {})


def cache_clean(path: str | None = None, runas: str | None = None, env: Any = None, force: bool = False) -> bool:
    """Empty npm's cache, or take one package from it. npm 5 and newer want `force` for the whole.

    CLI Example::

        saltern run '*' npm.cache_clean force=True
    """
    words = ["cache", "clean", *([path] if path else []), *(["--force"] if force else [])]
    try:
        _npm(words, None, runas, env)
    except CommandExecutionError:
        return False
    return True


def cache_list(path: str | None = None, runas: str | None = None, env: Any = None) -> str:
    """What npm's cache holds.

    CLI Example::

        saltern run '*' npm.cache_list
    """
    return _npm(["cache", "ls", *([path] if path else [])], None, runas, env)


def cache_path(runas: str | None = None, env: Any = None) -> str:
    """The directory of npm's cache.

    CLI Example::

        saltern run '*' npm.cache_path
    """
    return _npm(["config", "get", "cache"], None, runas, env)


def _npm(words: list[str], dir: str | None, runas: str | None, env: Any, good: tuple[int, ...] = (0,)) -> str:
    done = __salt__["cmd.run_all"](
        ["npm", *words], cwd=dir, runas=runas, env=env, python_shell=False, ignore_retcode=any(good)
    )
    if done["retcode"] not in good:
        raise CommandExecutionError(str(done["stderr"] or _error_in(done["stdout"])))
    return str(done["stdout"])


def _error_in(text: str) -> str:
    """The message in what npm says as JSON, where it is told to be silent."""
    import json

    try:
        error = json.loads(text)["error"]
        return str(error.get("summary") or error)
    except (ValueError, KeyError, TypeError, AttributeError):
        return text or "npm failed"
