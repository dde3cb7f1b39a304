"""Python packages as states, by pip. The arguments are those of `pip.install`."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import CommandExecutionError, CommandNotFoundError, Functions, Opts
from saltern.plugin_api.python.pip_options import Wanted
from saltern.plugin_api.python.requirement import Requirement, normalize, parse

__opts__: Opts
__salt__: Functions
__env__: str

_PASSED_ON = {*Wanted._fields, "env_vars"} - {"pkgs", "editable", "disable_version_check"}


def installed(
    name: Any,
    pkgs: Any = None,
    pip_bin: str | None = None,
    requirements: str | None = None,
    bin_env: str | None = None,
    use_wheel: bool = False,
    no_use_wheel: bool = False,
    log: str | None = None,
    proxy: str | None = None,
    timeout: Any = None,
    repo: str | None = None,
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
    install_options: Any = None,
    global_options: Any = None,
    user: str | None = None,
    cwd: str | None = None,
    pre_releases: bool = False,
    cert: str | None = None,
    allow_all_external: bool = False,
    allow_external: Any = None,
    allow_unverified: Any = None,
    process_dependency_links: bool = False,
    env_vars: Any = None,
    use_vt: bool = False,
    trusted_host: str | None = None,
    no_cache_dir: bool = False,
    cache_dir: str | None = None,
    no_binary: Any = None,
    extra_args: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Have a package installed (`name`, with versions: `django>=4,<5`), or those of `pkgs`, or of a requirements file.

    `repo` is a URL to install the package from, `editable` a directory or repository that is installed as it stands.
    With `upgrade` the newest version that fits is wanted.
    """
    options = {key: value for key, value in locals().items() if key in _PASSED_ON}
    where = {"bin_env": bin_env or pip_bin, "user": user, "cwd": cwd}
    if pkgs is not None and not isinstance(pkgs, list):
        return _result(name, False, "pkgs argument must be formatted as a list")
    if repo is not None:
        pkgs = None
    if requirements or editable:
        return _other_sources(name, requirements, editable, where, options)
    try:
        wanted = [_wanted(one) for one in ([repo] if repo else _named(name, pkgs))]
        have = _installed(where, env_vars)
        present = {text: _fine(text, one, have, where, options) for text, one in wanted}
    except (CommandExecutionError, CommandNotFoundError) as error:
        return _result(name, False, _reason(name, error))
    missing = [(text, one) for text, one in wanted if present[text] is None]
    if __opts__["test"] and missing:
        return _result(name, None, _foreseen([text for text, _ in missing], several=pkgs is not None))
    said = [comment for comment in present.values() if comment is not None]
    if not missing:
        rest = " and up-to-date" if upgrade else ""
        return _result(name, True, "\n".join([*said, f"All specified packages are already installed{rest}"]))
    return _installed_now(name, missing, said, where, options)


def removed(
    name: str,
    requirements: str | None = None,
    bin_env: str | None = None,
    log: str | None = None,
    proxy: str | None = None,
    timeout: Any = None,
    user: str | None = None,
    cwd: str | None = None,
    use_vt: bool = False,
) -> dict[str, Any]:
    """Have a package not installed, or those of a requirements file."""
    where = {"bin_env": bin_env, "user": user, "cwd": cwd}
    try:
        have = _installed(where, None)
    except (CommandExecutionError, CommandNotFoundError) as error:
        return _result(name, False, f"Error uninstalling '{name}': {error}")
    if normalize(name) not in have and not (requirements and _listed(requirements) & set(have)):
        return _result(name, True, "Package is not installed.")
    if __opts__["test"]:
        return _result(name, None, f"Package {name} is set to be removed")
    done = __salt__["pip.uninstall"](
        pkgs=None if requirements else name,
        requirements=requirements,
        log=log,
        proxy=proxy,
        timeout=timeout,
        saltenv=__env__,
        **where,
    )
    if done.get("retcode", 1):
        return _result(name, False, done.get("comment") or "Package was not removed.")
    what = requirements or name
    return _result(name, True, "Package was successfully removed.", {what: "Removed"})


def uptodate(
    name: str, bin_env: str | None = None, user: str | None = None, cwd: str | None = None, use_vt: bool = False
) -> dict[str, Any]:
    """Have all packages at their newest versions."""
    where = {"bin_env": bin_env, "user": user, "cwd": cwd}
    try:
        newer = __salt__["pip.list_upgrades"](**where)
    except (CommandExecutionError, CommandNotFoundError) as error:
        return _result(name, False, str(error))
    if not newer:
        return _result(name, True, "System is already up-to-date.")
    if __opts__["test"]:
        return _result(name, None, "System update will be performed")
    done = __salt__["pip.upgrade"](**where)
    if done["result"]:
        return _result(name, True, "Upgrade successful.", done)
    return _result(name, False, "Could not upgrade.", done["changes"])


def _named(name: Any, pkgs: list[Any] | None) -> list[Any]:
    return [name] if pkgs is None else pkgs


def _wanted(given: Any) -> tuple[str, Requirement]:
    """What was given as a text for pip, and read. A mapping is a name with its version."""
    if isinstance(given, dict) and given:
        key, version = next(iter(given.items()))
        text = f"{key}=={version}" if version and str(version)[:1].isdigit() else f"{key}{version or ''}"
    else:
        text = str(given)
    if text.endswith(".whl") and text.rpartition("/")[2].count("-") < 4:
        file = text.rpartition("/")[2]
        raise _Unreadable(f"pip raised an exception while parsing '{text}': {file} is not a valid wheel filename.")
    read = parse(text)
    if not read.name and ("://" not in text and os.path.sep not in text):
        raise _Unreadable(f"pip raised an exception while parsing '{text}': Invalid requirement: '{text}'")
    return text, read


class _Unreadable(CommandExecutionError):
    """A requirement that pip would not take either."""


def _installed(where: dict[str, Any], env_vars: Any) -> dict[str, str]:
    found = __salt__["pip.list"](None, env_vars=env_vars, **where)
    return {normalize(name): version for name, version in found.items()}


def _fine(
    text: str, wanted: Requirement, have: dict[str, str], where: dict[str, Any], options: dict[str, Any]
) -> str | None:
    """What is said of a package that is as it should be; None for one that is to be installed."""
    version = have.get(wanted.name)
    if version is None or options["force_reinstall"] or options["ignore_installed"] or not wanted.met_by(version):
        return None
    if wanted.source and not wanted.versions and options["upgrade"]:
        return None
    if not options["upgrade"]:
        return f"Python package {text} was already installed"
    newest = _newest(wanted, where, options)
    if newest is not None and newest != version:
        return None
    return (
        f"Python package {text} was already installed and\n"
        "the available upgrade doesn't fulfills the version requirements"
    )


def _newest(wanted: Requirement, where: dict[str, Any], options: dict[str, Any]) -> str | None:
    """The newest version that pip would install."""
    before_release = bool(options["pre_releases"]) or any(mark in wanted.versions for mark in ("a", "b", "rc"))
    found = __salt__["pip.list_all_versions"](
        wanted.name,
        include_alpha=before_release,
        include_beta=before_release,
        include_rc=before_release,
        index_url=options["index_url"],
        extra_index_url=options["extra_index_url"],
        find_links=options["find_links"],
        no_index=options["no_index"],
        **where,
    )
    fit = [version for version in found or () if wanted.met_by(version)]
    return fit[-1] if fit else None


def _foreseen(texts: list[str], *, several: bool) -> str:
    if several:
        return "\n".join(["Python package(s) set to be installed:", *texts])
    return f"Python package {texts[0]} is set to be installed"


def _installed_now(
    name: Any,
    missing: list[tuple[str, Requirement]],
    said: list[str],
    where: dict[str, Any],
    options: dict[str, Any],
) -> dict[str, Any]:
    texts = [text for text, _ in missing]
    try:
        done = __salt__["pip.install"](pkgs=texts, saltenv=__env__, **where, **options)
        failed = done["retcode"] != 0
        output = f"{done['stdout']} {done.get('stderr', '')}".rstrip()
        have = {} if failed or options["target"] else _installed(where, options["env_vars"])
    except (CommandExecutionError, CommandNotFoundError, ValueError) as error:
        return _result(name, False, _reason(name, error))
    if failed:
        said.append(f"Failed to install packages: {', '.join(texts)}. Error: {output}")
        return _result(name, False, "\n".join(said))
    said.append("All packages were successfully installed")
    return _result(name, True, "\n".join(said), _changes(missing, have))


def _changes(missing: list[tuple[str, Requirement]], have: dict[str, str]) -> dict[str, str]:
    changes = {}
    for text, one in missing:
        name = one.name or text
        changes[f"{name}=={have.get(one.name, '???')}"] = "Installed"
    return changes


def _other_sources(
    name: Any, requirements: str | None, editable: Any, where: dict[str, Any], options: dict[str, Any]
) -> dict[str, Any]:
    if __opts__["test"]:
        comment = ""
        if requirements:
            comment = f"Requirements file '{requirements}' will be processed."
        if editable:
            comment += f'Package will be installed in editable mode (i.e. setuptools "develop mode") from {editable}.'
        return _result(name, None, comment)
    try:
        done = __salt__["pip.install"](
            requirements=requirements, editable=editable, saltenv=__env__, **where, **options
        )
    except (CommandNotFoundError, ValueError) as error:
        return _result(name, False, _reason(name, error))
    except CommandExecutionError as error:
        return _result(name, False, _unable(requirements, editable, str(error)))
    if done.get("retcode", 1):
        output = done.get("comment") or f"{done['stdout']} {done.get('stderr', '')}".rstrip()
        return _result(name, False, _unable(requirements, editable, output))
    if requirements and not editable:
        lines = [line for line in str(done["stdout"]).splitlines() if not line.startswith(("Looking in", "WARNING"))]
        if all("Requirement already satisfied" in line or "Cleaning up" in line for line in lines):
            return _result(name, True, "Requirements were already installed.")
    comment, changes = "", {}
    if requirements:
        changes["requirements"] = True
        comment = f"Successfully processed requirements file {requirements}."
    if editable:
        changes["editable"] = True
        comment = f"Package successfully installed from VCS checkout {editable}."
    return _result(name, True, comment, changes)


def _unable(requirements: str | None, editable: Any, output: str) -> str:
    said = f'Unable to process requirements file "{requirements}" ' if requirements else ""
    if editable:
        said += f"Unable to install from VCS checkout {editable}. "
    return f"{said}Error: {output}"


def _listed(requirements: str) -> set[str]:
    """The names in a requirements file of this host or the tree."""
    path = requirements
    if "://" in requirements:
        path = str(__salt__["cp.cache_file"](requirements, __env__) or "")
    try:
        with open(path, encoding="utf-8") as file:
            return {one.name for one in (parse(line) for line in file if line.strip()[:1] not in ("", "#", "-"))}
    except OSError:
        return set()


def _reason(name: Any, error: Exception) -> str:
    return str(error) if isinstance(error, _Unreadable) else f"Error installing '{name}': {error}"


def _result(name: Any, result: bool | None, comment: str, changes: Any = None) -> dict[str, Any]:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}
