"""Packages of Arch Linux and its relatives, by pacman."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Grains, SaltInvocationError, packages
from saltern.plugin_api.linux import pacman, systemd
from saltern.plugin_api.remembered import remembered
from saltern.plugin_api.versions import compare_rpm, without_epoch

__salt__: Functions
__grains__: Grains
__context__: Context

__virtualname__ = "pkg"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "Arch":
        return __virtualname__
    return False, "pacman is the package manager of Arch Linux and its relatives only"


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

        saltern run '*' pkg.version_cmp '0.2-1' '0.2.1-1'
    """
    one, other = str(pkg1), str(pkg2)
    return compare_rpm(without_epoch(one), without_epoch(other)) if ignore_epoch else compare_rpm(one, other)


def list_pkgs(versions_as_list: bool = False, **kwargs: Any) -> dict[str, Any]:
    """The installed packages with their versions; `root` is the directory of another system.

    CLI Example::

        saltern run '*' pkg.list_pkgs
        saltern run '*' pkg.list_pkgs versions_as_list=True
    """
    found = _known(kwargs.get("root"))
    return {name: [one] for name, one in found.items()} if versions_as_list else dict(found)


def latest_version(*names: str, **kwargs: Any) -> Any:
    """The version to which a package can be installed or upgraded, empty when there is none; of several by name.

    CLI Example::

        saltern run '*' pkg.latest_version bash zsh
    """
    if not names:
        return ""
    if kwargs.get("refresh", False):
        refresh_db(root=kwargs.get("root"))
    installed = list_pkgs(root=kwargs.get("root"))
    available = {name: one for _, name, one in _sync(kwargs.get("root"))}
    found = {}
    for name in names:
        here, there = installed.get(name, ""), available.get(name, "")
        found[name] = there if there and (not here or compare_rpm(there, here) == 1) else ""
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


def list_upgrades(refresh: bool = False, root: str | None = None, **kwargs: Any) -> dict[str, str]:
    """The packages that an upgrade would bring, with their new versions.

    CLI Example::

        saltern run '*' pkg.list_upgrades
    """
    if refresh:
        refresh_db(root=root)
    # It fails when there is nothing to upgrade.
    return pacman.parse_upgrades(_run("-Qu", root=root, ignore_retcode=True)["stdout"])


def list_repo_pkgs(*args: str, **kwargs: Any) -> dict[str, Any]:
    """The versions that can be had of packages (names and globs); of all without a name.

    With `byrepo` they are in dictionaries by repository, `fromrepo` names the repositories.

    CLI Example::

        saltern run '*' pkg.list_repo_pkgs 'samba*' fromrepo=extra
        saltern run '*' pkg.list_repo_pkgs 'python-*' byrepo=True
    """
    if kwargs.get("refresh"):
        refresh_db()
    wanted = packages.words_of(kwargs.get("fromrepo"))
    repos: dict[str, dict[str, list[str]]] = {}
    for repo, name, one in _sync(None):
        chosen = not args or any(fnmatch.fnmatchcase(name, pattern) for pattern in args)
        if chosen and (not wanted or repo in wanted):
            repos.setdefault(repo, {}).setdefault(name, []).append(one)
    if kwargs.get("byrepo"):
        return repos
    joined: dict[str, list[str]] = {}
    for names in repos.values():
        for name, versions in names.items():
            joined.setdefault(name, []).extend(versions)
    return joined


def refresh_db(root: str | None = None, **kwargs: Any) -> dict[str, bool | None]:
    """Fetch the lists of packages: database to True (fetched) or None (up to date).

    CLI Example::

        saltern run '*' pkg.refresh_db
    """
    done = _run("-Sy", root=root)
    if done["retcode"]:
        raise CommandExecutionError(f"Error refreshing package database: {done['stderr'] or done['stdout']}")
    return pacman.parse_refresh(done["stdout"])


def install(
    name: str | None = None,
    refresh: bool = False,
    sysupgrade: bool | None = None,
    pkgs: Any = None,
    sources: Any = None,
    **kwargs: Any,
) -> packages.Changes:
    """Install packages from repositories, or from files, and return what changed.

    With `sysupgrade` all packages are upgraded as well; so they are with `refresh` unless it is False, because
    pacman's repositories fit a system only as a whole. `version` is that of the one package that `name` names.

    CLI Example::

        saltern run '*' pkg.install vim
        saltern run '*' pkg.install pkgs='["foo", "bar"]' refresh=True
        saltern run '*' pkg.install sources='[{"foo": "salt://foo.pkg.tar.zst"}]'
    """
    targets, kind = __salt__["pkg_resource.parse_targets"](name, pkgs, sources, **kwargs)
    if not targets:
        return {}
    root = kwargs.get("root")
    before = list_pkgs(root=root)
    if kind == "file":
        words = ["-U", *targets]
    else:
        upgraded = refresh if sysupgrade is None else sysupgrade
        operation = "-S" + ("y" if refresh else "") + ("u" if upgraded else "")
        words = [operation, "--needed", *(_word(one, wanted) for one, wanted in targets.items())]
    errors = _change(words, root)
    changed = packages.changes(before, list_pkgs(root=root))
    packages.raise_problem("Problem encountered installing package(s)", errors, changed)
    return changed


def upgrade(refresh: bool = False, root: str | None = None, **kwargs: Any) -> packages.Changes:
    """Upgrade all packages and return what changed.

    CLI Example::

        saltern run '*' pkg.upgrade refresh=True
    """
    before = list_pkgs(root=root)
    errors = _change(["-Syu" if refresh else "-Su"], root)
    changed = packages.changes(before, list_pkgs(root=root))
    packages.raise_problem("Problem encountered upgrading packages", errors, changed)
    return changed


def remove(name: str | None = None, pkgs: Any = None, **kwargs: Any) -> packages.Changes:
    """Remove packages, keep their configuration, and return what changed.

    CLI Example::

        saltern run '*' pkg.remove vim
        saltern run '*' pkg.remove pkgs='["foo", "bar"]'
    """
    return _remove("-R", name, pkgs, kwargs.get("root"))


def purge(name: str | None = None, pkgs: Any = None, **kwargs: Any) -> packages.Changes:
    """Remove packages with their configuration and with what they alone needed, and return what changed.

    CLI Example::

        saltern run '*' pkg.purge vim
    """
    return _remove("-Rsc", name, pkgs, kwargs.get("root"))


def file_list(*packages: str, **kwargs: Any) -> dict[str, list[str]]:
    """The files of packages, as `{"errors": […], "files": […]}`; of all packages when none is named.

    CLI Example::

        saltern run '*' pkg.file_list httpd postfix
    """
    found = file_dict(*packages, **kwargs)
    return {"errors": found["errors"], "files": sorted({path for one in found["packages"].values() for path in one})}


def file_dict(*packages: str, **kwargs: Any) -> dict[str, Any]:
    """The files of packages by package, as `{"errors": […], "packages": {…}}`; of all when none is named.

    CLI Example::

        saltern run '*' pkg.file_dict httpd postfix
    """
    done = _run("-Ql", *packages, root=kwargs.get("root"))
    return {"errors": pacman.errors(done["stderr"]), "packages": pacman.parse_files(done["stdout"])}


def owner(*paths: str, **kwargs: Any) -> Any:
    """The package that a file belongs to, empty when none does; of several files by path.

    CLI Example::

        saltern run '*' pkg.owner /usr/bin/apachectl /etc/httpd/conf/httpd.conf
    """
    if not paths:
        return ""
    found = {path: str(_run("-Qqo", path, root=kwargs.get("root"))["stdout"]) for path in paths}
    return packages.one_or_all(found, paths)


def group_list() -> dict[str, list[str]]:
    """The groups of packages: installed as a whole, in part, and not at all.

    CLI Example::

        saltern run '*' pkg.group_list
    """
    found: dict[str, list[str]] = {"installed": [], "partially_installed": [], "available": []}
    installed = list_pkgs()
    for group, names in pacman.parse_groups(_run("-Sgg")["stdout"]).items():
        here = sum(name in installed for name in names)
        where = "installed" if here == len(names) else "partially_installed" if here else "available"
        found[where].append(group)
    return {where: sorted(groups) for where, groups in found.items()}


def group_info(name: str) -> dict[str, list[str]]:
    """The packages of a group; all of them are default ones.

    CLI Example::

        saltern run '*' pkg.group_info xorg
    """
    names = pacman.parse_groups(_run("-Sgg", name)["stdout"]).get(name, [])
    return {"mandatory": [], "optional": [], "default": sorted(names), "conditional": []}


def group_diff(name: str) -> dict[str, dict[str, list[str]]]:
    """Which packages of a group are installed and which are not.

    CLI Example::

        saltern run '*' pkg.group_diff xorg
    """
    installed = list_pkgs()
    return {
        part: {
            "installed": [one for one in names if one in installed],
            "not installed": [one for one in names if one not in installed],
        }
        for part, names in group_info(name).items()
    }


def _known(root: str | None) -> dict[str, str]:
    """All installed packages; read again only when the database has changed."""

    def read() -> dict[str, str]:
        # A system without any package makes it fail without a word.
        done = _run("-Q", root=root, ignore_retcode=True)
        failed = pacman.errors(done["stderr"])
        if failed:
            raise CommandExecutionError(f"The packages cannot be listed: {failed[0]}")
        return pacman.parse_pairs(done["stdout"])

    return read() if root else remembered(__context__, "pkg.list_pkgs", (pacman.LOCAL_DATABASE,), read)


def _sync(root: str | None) -> list[tuple[str, str, str]]:
    return pacman.parse_sync(_run("-Sl", root=root)["stdout"])


def _word(name: str, wanted: str | None) -> str:
    """A package with the version that is wanted of it: pacman knows the operators itself."""
    if not wanted:
        return name
    condition = packages.condition_of(wanted)
    if not condition.operator and condition.needs_list:
        versions = list_repo_pkgs(name).get(name, [])
        return f"{name}={packages.newest_that_fits(name, wanted, versions, compare_rpm)}"
    return f"{name}{condition.operator or '='}{condition.version}"


def _remove(operation: str, name: str | None, pkgs: Any, root: str | None) -> packages.Changes:
    asked = packages.names_of(name, pkgs)
    if not asked:
        raise SaltInvocationError("One of name and pkgs is needed")
    before = list_pkgs(root=root)
    words = [one for one in asked if one in before]
    if not words:
        return {}
    errors = _change([operation, *words], root)
    changed = packages.changes(before, list_pkgs(root=root))
    packages.raise_problem("Problem encountered removing package(s)", errors, changed)
    return changed


def _argv(words: Sequence[str], root: str | None) -> list[str]:
    quiet = [] if words[0].startswith("-Q") else ["--noconfirm", "--noprogressbar"]
    return ["pacman", words[0], *quiet, *(["--root", root] if root else []), *words[1:]]


def _run(*words: str, root: str | None = None, ignore_retcode: bool = False) -> dict[str, Any]:
    argv = _argv(words, root)
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=ignore_retcode)
    return done


def _change(words: Sequence[str], root: str | None) -> list[str]:
    """Run what changes packages, and return what went wrong."""
    argv = systemd.scoped(_argv(words, root), __salt__["config.get"]("systemd.scope", True))
    done: Mapping[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False)
    return [str(done["stderr"] or done["stdout"])] if done["retcode"] else []
