"""Python packages, by pip.

Functions take these arguments beside those of their own:

``bin_env``
    The virtual environment that is meant, or a path of pip or Python; by default the Python that runs this.
``user``, ``cwd``
    Run pip as this user, in this directory.
``use_vt``
    Accepted; what pip prints is in the return either way.
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import CommandExecutionError, CommandNotFoundError, Functions
from saltern.plugin_api.python import requirement
from saltern.plugin_api.python.environment import pip_of
from saltern.plugin_api.python.pip_options import Wanted, words_of
from saltern.plugin_api.python.requirement_files import MissingFile, on_this_host

__salt__: Functions

__func_alias__ = {"list_": "list"}


def install(
    pkgs: Any = None,
    requirements: Any = None,
    bin_env: str | None = None,
    use_wheel: bool = False,
    no_use_wheel: bool = False,
    log: str | None = None,
    proxy: str | None = None,
    timeout: Any = None,
    editable: Any = None,
    find_links: Any = None,
    index_url: str | None = None,
    extra_index_url: str | None = None,
    no_index: bool = False,
    mirrors: Any = None,
    build: str | None = None,
    target: str | None = None,
    download: str | None = None,
    download_cache: str | None = None,
    source: str | None = None,
    upgrade: bool = False,
    force_reinstall: bool = False,
    ignore_installed: bool = False,
    exists_action: str | None = None,
    no_deps: bool = False,
    no_install: bool = False,
    no_download: bool = False,
    global_options: Any = None,
    install_options: Any = None,
    user: str | None = None,
    cwd: str | None = None,
    pre_releases: bool = False,
    cert: str | None = None,
    allow_all_external: bool = False,
    allow_external: Any = None,
    allow_unverified: Any = None,
    process_dependency_links: bool = False,
    saltenv: str = "base",
    env_vars: Any = None,
    use_vt: bool = False,
    trusted_host: str | None = None,
    no_cache_dir: bool = False,
    extra_args: Any = None,
    cache_dir: str | None = None,
    no_binary: Any = None,
    disable_version_check: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Install packages (a list, or a text in which commas part them), requirements files and editable directories.

    The arguments are pip's own options. Requirements files may be `salt://` URLs, with those that they name. Options
    that the pip at hand has no more are left out, with a line in the log.

    CLI Example::

        saltern run '*' pip.install 'requests>=2,flask'
        saltern run '*' pip.install requirements=salt://requirements.txt bin_env=/path/to/virtualenv
    """
    command = pip_of(bin_env)
    options = {name: value for name, value in locals().items() if name in Wanted.__annotations__}
    words = words_of(Wanted(**options), lambda: _version_numbers(bin_env, cwd, user))
    if not (pkgs or requirements or editable):
        return {"retcode": 0, "stdout": "No packages to install."}
    return _with_files(
        [*command, "install", *words], requirements, saltenv, user=user, cwd=cwd, env=env_vars, **_quiet(kwargs)
    )


def uninstall(
    pkgs: Any = None,
    requirements: Any = None,
    bin_env: str | None = None,
    log: str | None = None,
    proxy: str | None = None,
    timeout: Any = None,
    user: str | None = None,
    cwd: str | None = None,
    saltenv: str = "base",
    use_vt: bool = False,
    extra_args: Any = None,
) -> dict[str, Any]:
    """Remove packages, and those of requirements files.

    CLI Example::

        saltern run '*' pip.uninstall requests,flask
        saltern run '*' pip.uninstall requirements=/path/to/requirements.txt bin_env=/path/to/virtualenv
    """
    command = pip_of(bin_env)
    wanted = Wanted(pkgs=pkgs, log=log, proxy=proxy, timeout=timeout, extra_args=extra_args)
    words = words_of(wanted, lambda: _version_numbers(bin_env, cwd, user))
    return _with_files([*command, "uninstall", "-y", *words], requirements, saltenv, user=user, cwd=cwd)


def freeze(
    bin_env: str | None = None,
    user: str | None = None,
    cwd: str | None = None,
    use_vt: bool = False,
    env_vars: Any = None,
    **kwargs: Any,
) -> list[str]:
    """The installed packages in the form of requirements.

    CLI Example::

        saltern run '*' pip.freeze bin_env=/path/to/virtualenv
    """
    done = _run([*pip_of(bin_env), "freeze", "--all"], user=user, cwd=cwd, env=env_vars, **_quiet(kwargs))
    return _good(done).splitlines()


def list_freeze_parse(
    prefix: str | None = None,
    bin_env: str | None = None,
    user: str | None = None,
    cwd: str | None = None,
    env_vars: Any = None,
    **kwargs: Any,
) -> dict[str, str]:
    """The installed packages with their versions, as `pip freeze` tells them; `prefix` is how their names begin.

    CLI Example::

        saltern run '*' pip.list_freeze_parse salt
    """
    found = {}
    for line in freeze(bin_env, user, cwd, env_vars=env_vars, **kwargs):
        if line.startswith(("-f", "#", "warning:")):
            continue
        name, version = _frozen(line)
        if name and _begins(name, prefix):
            found[name] = version
    return found


def list_(
    prefix: str | None = None,
    bin_env: str | None = None,
    user: str | None = None,
    cwd: str | None = None,
    env_vars: Any = None,
    **kwargs: Any,
) -> dict[str, str]:
    """The installed packages with their versions; `prefix` is how their names begin.

    CLI Example::

        saltern run '*' pip.list salt
    """
    command = [*pip_of(bin_env), "list", "--format=json"]
    done = _run(command, user=user, cwd=cwd, env=env_vars, **_quiet(kwargs))
    return {one["name"]: one["version"] for one in _listed(done) if _begins(one["name"], prefix)}


def version(bin_env: str | None = None, cwd: str | None = None, user: str | None = None) -> str:
    """The version of pip.

    CLI Example::

        saltern run '*' pip.version
    """
    said = str(_run([*pip_of(bin_env), "--version"], user=user, cwd=cwd)["stdout"]).split()
    if said[:1] != ["pip"]:
        raise CommandNotFoundError("Could not find a `pip` binary")
    return said[1]


def list_upgrades(bin_env: str | None = None, user: str | None = None, cwd: str | None = None) -> dict[str, str]:
    """The packages of which there is a newer version: that version and the kind of its file.

    CLI Example::

        saltern run '*' pip.list_upgrades
    """
    done = _run([*pip_of(bin_env), "list", "--outdated", "--format=json"], user=user, cwd=cwd)
    return {one["name"]: f"{one['latest_version']} [{one['latest_filetype']}]" for one in _listed(done)}


def is_installed(pkgname: str, bin_env: str | None = None, user: str | None = None, cwd: str | None = None) -> bool:
    """Whether a package is installed; upper and lower case are alike.

    CLI Example::

        saltern run '*' pip.is_installed salt
    """
    return any(name.lower() == str(pkgname).lower() for name in list_freeze_parse(None, bin_env, user, cwd))


def upgrade_available(pkg: str, bin_env: str | None = None, user: str | None = None, cwd: str | None = None) -> bool:
    """Whether there is a newer version of a package.

    CLI Example::

        saltern run '*' pip.upgrade_available requests
    """
    return pkg in list_upgrades(bin_env, user, cwd)


def upgrade(
    bin_env: str | None = None, user: str | None = None, cwd: str | None = None, use_vt: bool = False
) -> dict[str, Any]:
    """Bring all packages to their newest versions: what changed, and where one fails what pip said.

    CLI Example::

        saltern run '*' pip.upgrade bin_env=/path/to/virtualenv
    """
    answer: dict[str, Any] = {"changes": {}, "result": True, "comment": ""}
    command = pip_of(bin_env)
    before = list_(None, bin_env, user, cwd)
    for name in list_upgrades(bin_env, user, cwd):
        done = _run([*command, "install", "--upgrade", name], user=user, cwd=cwd)
        if done["retcode"]:
            answer["result"] = False
            answer["comment"] += str(done["stderr"])
    after = list_(None, bin_env, user, cwd)
    answer["changes"] = {
        name: {"old": before.get(name, ""), "new": after.get(name, "")}
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }
    return answer


def list_all_versions(
    pkg: str,
    bin_env: str | None = None,
    include_alpha: bool = False,
    include_beta: bool = False,
    include_rc: bool = False,
    user: str | None = None,
    cwd: str | None = None,
    index_url: str | None = None,
    extra_index_url: str | None = None,
    find_links: Any = None,
    no_index: bool = False,
) -> list[str] | None:
    """All versions of a package that can be had, from the oldest to the newest; None where there is none.

    CLI Example::

        saltern run '*' pip.list_all_versions requests include_beta=True
    """
    wanted = Wanted(index_url=index_url, extra_index_url=extra_index_url, find_links=find_links, no_index=no_index)
    words = words_of(wanted, lambda: _version_numbers(bin_env, cwd, user))
    if include_alpha or include_beta or include_rc:
        words.append("--pre")
    done = _run([*pip_of(bin_env), "index", "versions", *words, pkg], user=user, cwd=cwd)
    _, mark, rest = str(done["stdout"]).partition("Available versions:")
    if done["retcode"] or not mark:
        return None
    listed = rest.partition("\n")[0].replace(",", " ").split()
    return requirement.ordered(listed, alpha=include_alpha, beta=include_beta, rc=include_rc) or None


def normalize(name: str) -> str:
    """A name as package indexes compare it: in lower case, with `-` for each run of `-`, `_` and `.`.

    CLI Example::

        saltern run '*' pip.normalize Flask_SQLAlchemy
    """
    return requirement.normalize(name)


def _with_files(
    command: list[str], requirements: Any, saltenv: str, *, user: str | None, **options: Any
) -> dict[str, Any]:
    try:
        with on_this_host(__salt__, requirements, saltenv, user) as files:
            words = [word for file in files for word in ("--requirement", file)]
            return _run([*command, *words], user=user, **options)
    except MissingFile as error:
        return {"result": False, "comment": str(error)}


def _run(
    command: list[str],
    *,
    user: str | None = None,
    cwd: str | None = None,
    env: Any = None,
    **quiet: Any,
) -> dict[str, Any]:
    environment = {str(key): str(value) for key, value in (env or {}).items()} if isinstance(env, dict) else {}
    done: dict[str, Any] = __salt__["cmd.run_all"](
        command, runas=user, cwd=cwd, env=environment, python_shell=False, **quiet
    )
    return done


def _quiet(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kwargs.items() if not name.startswith("__")}


def _good(done: dict[str, Any]) -> str:
    if done["retcode"]:
        raise CommandExecutionError(str(done["stderr"] or done["stdout"]))
    return str(done["stdout"])


def _listed(done: dict[str, Any]) -> list[dict[str, str]]:
    import json

    try:
        found: list[dict[str, str]] = json.loads(_good(done))
    except ValueError as error:
        raise CommandExecutionError("Invalid JSON", info=str(done["stdout"])) from error
    return found


def _frozen(line: str) -> tuple[str, str]:
    if line.startswith("-e"):
        source = line.removeprefix("-e").strip()
        name = source.rpartition("#egg=")[2] if "#egg=" in source else source
        return name, source.partition("#egg=")[0]
    for mark in ("===", "==", " @ "):
        name, found, rest = line.partition(mark)
        if found:
            return name.strip(), rest.strip()
    return "", ""


def _begins(name: str, prefix: str | None) -> bool:
    return prefix is None or requirement.normalize(name).startswith(requirement.normalize(prefix))


def _version_numbers(bin_env: str | None, cwd: str | None, user: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in version(bin_env, cwd, user).split(".") if part.isdecimal())
