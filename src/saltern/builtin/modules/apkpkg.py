"""Packages of Alpine Linux, by apk."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Grains, SaltInvocationError, packages
from saltern.plugin_api.linux import apk
from saltern.plugin_api.linux.files import read_text
from saltern.plugin_api.remembered import remembered
from saltern.plugin_api.versions import compare_apk

__salt__: Functions
__grains__: Grains
__context__: Context

__virtualname__ = "pkg"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "Alpine":
        return __virtualname__
    return False, "apk is the package manager of Alpine Linux only"


def version(*names: str, **kwargs: Any) -> Any:
    """The installed version of a package, empty when it is not installed; of several, or of a glob, by name.

    CLI Example::

        saltern run '*' pkg.version bash
        saltern run '*' pkg.version bash 'lib*'
    """
    return __salt__["pkg_resource.version"](*names, **kwargs)


def version_cmp(pkg1: Any, pkg2: Any, ignore_epoch: bool = False, **kwargs: Any) -> int | None:
    """-1, 0 or 1 for the first version being older, the same or newer; None for a text that is no version.

    CLI Example::

        saltern run '*' pkg.version_cmp '1.2.3-r0' '1.2.3-r1'
    """
    return compare_apk(str(pkg1), str(pkg2))


def list_pkgs(versions_as_list: bool = False, **kwargs: Any) -> dict[str, Any]:
    """The installed packages with their versions.

    CLI Example::

        saltern run '*' pkg.list_pkgs
        saltern run '*' pkg.list_pkgs versions_as_list=True
    """
    found = {name: one.fields.get("version", "") for name, one in _installed().items()}
    return {name: [one] for name, one in found.items()} if versions_as_list else dict(found)


def latest_version(*names: str, **kwargs: Any) -> Any:
    """The version to which a package can be installed or upgraded, empty when there is none; of several by name.

    CLI Example::

        saltern run '*' pkg.latest_version bash zsh
    """
    if not names:
        return ""
    if kwargs.get("refresh", True):
        refresh_db()
    installed, available = list_pkgs(), list_repo_pkgs(*names)
    found = {}
    for name in names:
        here, there = installed.get(name, ""), next(iter(available.get(name, [])), "")
        found[name] = there if there and (not here or compare_apk(there, here) == 1) else ""
    return packages.one_or_all(found, names)


def available_version(*names: str, **kwargs: Any) -> Any:
    """The same as `pkg.latest_version`.

    CLI Example::

        saltern run '*' pkg.available_version bash
    """
    return latest_version(*names, **kwargs)


def upgrade_available(name: str, **kwargs: Any) -> bool:
    """Whether a newer version of a package can be installed.

    CLI Example::

        saltern run '*' pkg.upgrade_available bash
    """
    return bool(latest_version(name, **kwargs))


def list_repo_pkgs(*args: str, **kwargs: Any) -> dict[str, list[str]]:
    """The versions that can be had of packages (names and globs), the newest first.

    CLI Example::

        saltern run '*' pkg.list_repo_pkgs bash
    """
    if not args:
        raise SaltInvocationError("Name the packages that are asked for: apk cannot list the versions of all")
    names = [name for name in args if not any(mark in name for mark in "*?[")]
    globs = [name for name in args if name not in names]
    if globs:
        known = _run("search", "--quiet")["stdout"].split()
        names += [one for one in known if any(fnmatch.fnmatchcase(one, pattern) for pattern in globs)]
    found = apk.parse_policy(_run("policy", *names)["stdout"]) if names else {}
    return {name: list(reversed(versions)) for name, versions in found.items() if versions}


def list_upgrades(refresh: bool = True, **kwargs: Any) -> dict[str, str]:
    """The packages that an upgrade would bring, with their new versions.

    CLI Example::

        saltern run '*' pkg.list_upgrades
    """
    if refresh:
        refresh_db()
    return apk.parse_upgradable(_run("list", "--upgradable")["stdout"])


def refresh_db(**kwargs: Any) -> dict[str, bool]:
    """Fetch the lists of packages: repository to True, or False when it failed.

    CLI Example::

        saltern run '*' pkg.refresh_db
    """
    done = _run("update")
    found = apk.parse_update(f"{done['stdout']}\n{done['stderr']}")
    if done["retcode"] and not found:
        raise CommandExecutionError(f"Error refreshing package database: {done['stderr'] or done['stdout']}")
    return found


def install(
    name: str | None = None, refresh: bool = False, pkgs: Any = None, sources: Any = None, **kwargs: Any
) -> packages.Changes:
    """Install packages from repositories, or from files, and return what changed.

    `version` is that of the one package that `name` names; `>=1.2` and `~1.2` work, in `pkgs` too.

    CLI Example::

        saltern run '*' pkg.install vim
        saltern run '*' pkg.install pkgs='["foo", {"bar": ">=1.2"}]' refresh=True
        saltern run '*' pkg.install sources='[{"foo": "salt://foo.apk"}]'
    """
    if refresh:
        refresh_db()
    targets, kind = __salt__["pkg_resource.parse_targets"](name, pkgs, sources, **kwargs)
    if not targets:
        return {}
    if kind == "file":
        words = ["--allow-untrusted", *targets]
    else:
        words = [_word(one, wanted) for one, wanted in targets.items()]
    return _changed("installing", "add", *words)


def upgrade(name: str | None = None, pkgs: Any = None, refresh: bool = True, **kwargs: Any) -> packages.Changes:
    """Upgrade all packages, or these, and return what changed.

    CLI Example::

        saltern run '*' pkg.upgrade
        saltern run '*' pkg.upgrade pkgs='["foo", "bar"]'
    """
    if refresh:
        refresh_db()
    names = packages.names_of(name, pkgs)
    return _changed("upgrading", *(["add", "--upgrade", *names] if names else ["upgrade"]))


def remove(name: str | None = None, pkgs: Any = None, purge: bool = False, **kwargs: Any) -> packages.Changes:
    """Remove packages and return what changed.

    CLI Example::

        saltern run '*' pkg.remove vim
        saltern run '*' pkg.remove pkgs='["foo", "bar"]'
    """
    asked = packages.names_of(name, pkgs)
    if not asked:
        raise SaltInvocationError("One of name and pkgs is needed")
    installed = list_pkgs()
    words = [one for one in asked if one in installed]
    return _changed("removing", "del", *(["--purge"] if purge else []), *words) if words else {}


def purge(name: str | None = None, pkgs: Any = None, **kwargs: Any) -> packages.Changes:
    """Remove packages with their changed configuration files, and return what changed.

    CLI Example::

        saltern run '*' pkg.purge vim
    """
    return remove(name=name, pkgs=pkgs, purge=True)


def info_installed(*names: str, **kwargs: Any) -> dict[str, dict[str, str]]:
    """What is known of installed packages: version, architecture, packager, licence and so on.

    `attr` names the fields that are wanted; with `failhard=False` a package that is not installed is left out.

    CLI Example::

        saltern run '*' pkg.info_installed bash zsh failhard=False
    """
    installed = _installed()
    missing = [name for name in names if name not in installed]
    if missing and kwargs.get("failhard", True):
        raise CommandExecutionError(f"Error getting packages information: {', '.join(missing)} not installed")
    wanted = packages.words_of(kwargs.get("attr"))
    return {
        name: {key: value for key, value in installed[name].fields.items() if not wanted or key in wanted}
        for name in names or installed
        if name in installed
    }


def file_list(*packages: str, **kwargs: Any) -> dict[str, list[str]]:
    """The files of packages, as `{"errors": […], "files": […]}`; of all packages when none is named.

    CLI Example::

        saltern run '*' pkg.file_list bash zsh
    """
    found = file_dict(*packages)
    return {"errors": found["errors"], "files": sorted({path for one in found["packages"].values() for path in one})}


def file_dict(*packages: str, **kwargs: Any) -> dict[str, Any]:
    """The files of packages by package, as `{"errors": […], "packages": {…}}`; of all when none is named.

    CLI Example::

        saltern run '*' pkg.file_dict bash zsh
    """
    installed = _installed()
    names = packages or tuple(installed)
    return {
        "errors": [f"package {name} is not installed" for name in names if name not in installed],
        "packages": {name: list(installed[name].files) for name in names if name in installed},
    }


def owner(*paths: str, **kwargs: Any) -> Any:
    """The package that a file belongs to, empty when none does; of several files by path.

    CLI Example::

        saltern run '*' pkg.owner /usr/bin/apachectl /usr/bin/basename
    """
    if not paths:
        return ""
    owners = {file: name for name, one in _installed().items() for file in one.files}
    return packages.one_or_all({path: owners.get(path, "") for path in paths}, paths)


def _installed() -> dict[str, apk.Package]:
    """All installed packages; read again only when the database has changed."""

    def read() -> dict[str, apk.Package]:
        return apk.parse_installed(read_text(apk.DATABASE))

    return remembered(__context__, "pkg.list_pkgs", (apk.DATABASE,), read)


def _word(name: str, wanted: str | None) -> str:
    """A package with the version that is wanted of it: apk knows the operators itself."""
    if not wanted:
        return name
    if wanted.startswith("~"):
        return f"{name}{wanted}"
    condition = packages.condition_of(wanted)
    if condition.operator == "!=" or "," in wanted or (not condition.operator and condition.needs_list):
        versions = list_repo_pkgs(name).get(name, [])
        return f"{name}={packages.newest_that_fits(name, wanted, versions, compare_apk)}"
    return f"{name}{condition.operator or '='}{condition.version}"


def _changed(action: str, *words: str) -> packages.Changes:
    """Run what changes packages, and return what is different then."""
    before = list_pkgs()
    done = _run(*words)
    changed = packages.changes(before, list_pkgs())
    errors = [str(done["stderr"] or done["stdout"])] if done["retcode"] else []
    packages.raise_problem(f"Problem encountered {action} package(s)", errors, changed)
    return changed


def _run(*words: str) -> Mapping[str, Any]:
    done: Mapping[str, Any] = __salt__["cmd.run_all"](["apk", "--no-progress", *words], python_shell=False)
    return done
