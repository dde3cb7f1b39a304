"""Packages of Red Hat's systems and their relatives, by dnf or, on old ones, by yum.

Functions that reach repositories take these arguments beside those in their signatures:

``fromrepo``
    Use these repositories and no others.
``enablerepo``, ``disablerepo``
    Use these as well, or not.
``disableexcludes``, ``branch``, ``setopt``
    Options of dnf of these names.

Several values are a list, or a text with commas.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saltern.plugin_api import (
    CommandExecutionError,
    Context,
    Functions,
    Grains,
    Opts,
    SaltInvocationError,
    packages,
    process,
)
from saltern.plugin_api.linux import dnf, repo_files, rpm, rpm_install, systemd
from saltern.plugin_api.remembered import remembered
from saltern.plugin_api.versions import compare_rpm, without_epoch

__salt__: Functions
__grains__: Grains
__opts__: Opts
__context__: Context

__virtualname__ = "pkg"

_REPO_DIRECTORIES = ("/etc/yum/repos.d", "/etc/yum.repos.d")
_SOURCES = ("baseurl", "mirrorlist", "metalink")
_CACHES = ("/var/cache/libdnf5", "/var/cache/dnf", "/var/cache/yum")


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "RedHat":
        return __virtualname__
    return False, "dnf and yum are the package managers of the family of Red Hat only"


def normalize_name(name: str) -> str:
    """The name without the architecture, if that is the machine's own.

    CLI Example::

        saltern run '*' pkg.normalize_name zsh.x86_64
    """
    return rpm.normal_name(name, _arch())


def parse_arch(name: str) -> dict[str, str | None]:
    """Name and architecture (None when it names none) of `name.arch`.

    CLI Example::

        saltern run '*' pkg.parse_arch zsh.x86_64
    """
    base, arch = rpm.split_arch(name)
    return {"name": base, "arch": arch or None}


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

        saltern run '*' pkg.version_cmp '0.2-001' '0.2.0.1-002'
    """
    found: int | None = __salt__["lowpkg.version_cmp"](pkg1, pkg2, ignore_epoch=ignore_epoch)
    return found


def list_pkgs(versions_as_list: bool = False, **kwargs: Any) -> dict[str, Any]:
    """The installed packages with their versions; several versions of one are joined by commas.

    `attr` names what to give of each besides the version: `epoch`, `release`, `arch`, `install_date`,
    `install_date_time_t`, or `all`.

    CLI Example::

        saltern run '*' pkg.list_pkgs
        saltern run '*' pkg.list_pkgs attr=version,arch
    """
    attr = kwargs.get("attr")
    found: dict[str, list[dict[str, Any]]] = {}
    for one in _known(kwargs.get("root")):
        fields = one.described() if attr else {"version": one.evr}
        found.setdefault(one.name_on(_arch()), []).append(fields)
    listed: dict[str, Any] = __salt__["pkg_resource.format_pkg_list"](found, versions_as_list, attr)
    return listed


def latest_version(*names: str, **kwargs: Any) -> Any:
    """The version to which a package can be installed or upgraded, empty when there is none; of several by name.

    CLI Example::

        saltern run '*' pkg.latest_version bash
        saltern run '*' pkg.latest_version bash zsh fromrepo=epel-testing
    """
    if not names:
        return ""
    if kwargs.get("refresh", True):
        refresh_db(**_repos(kwargs))
    rows = dnf.by_name(_list("--showduplicates", *names, options=dnf.repo_options(kwargs)), _arch())
    installed = list_pkgs(versions_as_list=True)
    found = {}
    for name in names:
        here = rpm_install.newest(installed.get(name, []))
        there = rpm_install.newest(row.version for row in rows.get(normalize_name(name), []) if not row.installed)
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


def list_repo_pkgs(*args: str, **kwargs: Any) -> dict[str, Any]:
    """The versions that can be had of packages (names and globs), the newest first; of all without a name.

    With `byrepo` they are in dictionaries by repository. `cacheonly` does not fetch the lists anew.

    CLI Example::

        saltern run '*' pkg.list_repo_pkgs 'samba4*' fromrepo=base,updates
        saltern run '*' pkg.list_repo_pkgs 'python3-*' byrepo=True
    """
    options = dnf.repo_options(kwargs) + (["--cacheonly"] if kwargs.get("cacheonly") else [])
    repos: dict[str, dict[str, list[str]]] = {}
    for row in _list("--showduplicates", *args, options=options):
        if not row.installed:
            name = rpm.qualified_name(row.name, row.arch, _arch())
            repos.setdefault(row.repo, {}).setdefault(name, []).append(row.version)
    if kwargs.get("byrepo"):
        return {
            repo: {name: rpm_install.newest_first(versions) for name, versions in names.items()}
            for repo, names in repos.items()
        }
    joined: dict[str, list[str]] = {}
    for names in repos.values():
        for name, versions in names.items():
            joined.setdefault(name, []).extend(versions)
    return {name: rpm_install.newest_first(versions) for name, versions in joined.items()}


def list_upgrades(refresh: bool = True, **kwargs: Any) -> dict[str, str]:
    """The packages that an upgrade would bring, with their new versions.

    CLI Example::

        saltern run '*' pkg.list_upgrades
    """
    if refresh:
        refresh_db(**_repos(kwargs), check_update=False)
    what = "updates" if _program() == "yum" else "--upgrades"
    rows = _list(what, options=dnf.repo_options(kwargs))
    return {rpm.qualified_name(row.name, row.arch, _arch()): row.version for row in rows if not row.installed}


def list_updates(refresh: bool = True, **kwargs: Any) -> dict[str, str]:
    """The same as `pkg.list_upgrades`.

    CLI Example::

        saltern run '*' pkg.list_updates
    """
    return list_upgrades(refresh=refresh, **kwargs)


def list_downloaded(**kwargs: Any) -> dict[str, dict[str, Any]]:
    """The package files in the caches of dnf and yum, by name and version.

    CLI Example::

        saltern run '*' pkg.list_downloaded
    """

    def parts_of(file_name: str) -> tuple[str, str, str] | None:
        found = re.fullmatch(r"(.+)-([^-]+-[^-]+)\.([^.]+)\.rpm", file_name)
        return (found[1], found[2], found[3]) if found else None

    found: dict[str, dict[str, Any]] = {}
    for directory in _CACHES:
        for name, versions in packages.downloaded(directory, parts_of).items():
            found.setdefault(name, {}).update(versions)
    return found


def info_installed(*names: str, **kwargs: Any) -> dict[str, Any]:
    """What is known of installed packages: version, architecture, vendor, description and so on.

    `attr` names the fields that are wanted, `all_versions` gives a list for each package.

    CLI Example::

        saltern run '*' pkg.info_installed bash zsh all_versions=True
    """
    return rpm_install.info_of(__salt__["lowpkg.info"], names, kwargs)


def refresh_db(**kwargs: Any) -> bool | None:
    """Fetch the lists of packages: True when there are updates, None when there are none, False when it failed.

    `check_update=False` only forgets the lists, so that the next question fetches them.

    CLI Example::

        saltern run '*' pkg.refresh_db
        saltern run '*' pkg.refresh_db enablerepo=epel
    """
    options = dnf.repo_options(kwargs)
    cleaned = _run("clean", "expire-cache", *options)
    if not kwargs.get("check_update", True):
        return True
    answers = {0: None, 100: True}
    done = _run("check-update", "--setopt=autocheck_running_kernel=false", *options, ignore_retcode=True)
    return False if cleaned["retcode"] else answers.get(done["retcode"], False)


def clean_metadata(**kwargs: Any) -> bool | None:
    """The same as `pkg.refresh_db`.

    CLI Example::

        saltern run '*' pkg.clean_metadata
    """
    return refresh_db(**kwargs)


def install(
    name: str | None = None,
    refresh: bool = False,
    skip_verify: bool = False,
    pkgs: Any = None,
    sources: Any = None,
    downloadonly: bool = False,
    reinstall: bool = False,
    normalize: bool = True,
    update_holds: bool = False,
    saltenv: str = "base",
    ignore_epoch: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Install packages from repositories, or from files, and return what changed.

    `version` is that of the one package that `name` names; `>=1.2`, `1.2*` and conditions joined by commas work, in
    `pkgs` too. `skip_verify` does without signatures, `downloadonly` only fetches, `reinstall` installs again what is
    there, `update_holds` changes packages that are held. `diff_attr` names what to tell of each besides the version.

    CLI Example::

        saltern run '*' pkg.install vim
        saltern run '*' pkg.install pkgs='["foo", {"bar": ">=1.2"}]' refresh=True
        saltern run '*' pkg.install sources='[{"foo": "salt://foo.rpm"}]'
    """
    if refresh:
        refresh_db(**_repos(kwargs))
    targets, kind = __salt__["pkg_resource.parse_targets"](
        name, pkgs, sources, saltenv=saltenv, normalize=normalize, **kwargs
    )
    if not targets:
        return {}
    installed = list_pkgs(versions_as_list=True)
    if kind == "file":
        plan = rpm_install.plan_files(targets, installed, __salt__["lowpkg.bin_pkg_info"], reinstall=bool(reinstall))
    else:
        plan = rpm_install.plan(
            targets,
            installed,
            lambda one: list_repo_pkgs(one, **_repos(kwargs)).get(one, []),
            reinstall=bool(reinstall),
            ignore_epoch=bool(ignore_epoch),
        )
    before = _state(kwargs.get("diff_attr"), downloadonly)
    options = [
        *dnf.repo_options(kwargs),
        *(["--nogpgcheck"] if skip_verify else []),
        *(["--downloadonly"] if downloadonly else []),
    ]
    held = [one for one in list_holds(full=False) if one in plan.names] if update_holds else []
    errors = list(plan.errors)
    if held:
        unhold(pkgs=held)
    try:
        for verb, words in (("install", plan.install), ("downgrade", plan.downgrade), ("reinstall", plan.again)):
            if words:
                errors += _errors_of(_change(verb, *options, *words))
    finally:
        if held:
            hold(pkgs=held)
    changed = packages.changes(before, _state(kwargs.get("diff_attr"), downloadonly))
    if not errors and not downloadonly:
        changed.update(
            {one: {"old": before[one], "new": before[one]} for one in plan.again_names if one not in changed}
        )
    packages.raise_problem("Error occurred installing package(s)", errors, changed)
    return changed


def upgrade(
    name: str | None = None,
    pkgs: Any = None,
    refresh: bool = True,
    skip_verify: bool = False,
    normalize: bool = True,
    minimal: bool = False,
    obsoletes: bool = True,
    diff_attr: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Upgrade all packages, or these, and return what changed.

    `minimal` goes to the first version that fixes something, `obsoletes=False` does not follow renamed packages. Other
    arguments become options of dnf (`security=True`, `exclude='kernel*'`).

    CLI Example::

        saltern run '*' pkg.upgrade
        saltern run '*' pkg.upgrade name=openssl
        saltern run '*' pkg.upgrade security=True exclude='kernel*'
    """
    if refresh:
        refresh_db(**_repos(kwargs))
    targets = {}
    if name or pkgs:
        targets, _ = __salt__["pkg_resource.parse_targets"](name, pkgs, None, normalize=normalize, **kwargs)
    installed = list_pkgs()
    words = [rpm_install.word(one, wanted) for one, wanted in targets.items() if one in installed]
    if targets and not words:
        return {}
    before = _state(diff_attr)
    verb, more = _upgrade_verb(minimal, obsoletes)
    options = [*dnf.repo_options(kwargs), *dnf.other_options(kwargs), *(["--nogpgcheck"] if skip_verify else []), *more]
    errors = _errors_of(_change(verb, *options, *words))
    changed = packages.changes(before, _state(diff_attr))
    packages.raise_problem("Problem encountered upgrading packages", errors, changed)
    return changed


def update(
    name: str | None = None,
    pkgs: Any = None,
    refresh: bool = True,
    skip_verify: bool = False,
    normalize: bool = True,
    minimal: bool = False,
    obsoletes: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """The same as `pkg.upgrade`, without following renamed packages.

    CLI Example::

        saltern run '*' pkg.update
    """
    return upgrade(name, pkgs, refresh, skip_verify, normalize, minimal, obsoletes, **kwargs)


def remove(name: str | None = None, pkgs: Any = None, **kwargs: Any) -> packages.Changes:
    """Remove packages and return what changed. `split_arch=False` takes names as they are.

    CLI Example::

        saltern run '*' pkg.remove vim
        saltern run '*' pkg.remove pkgs='["foo", {"kernel": "5.14.0-1.el9"}]'
    """
    before = list_pkgs(versions_as_list=True)
    targets, _ = __salt__["pkg_resource.parse_targets"](name, pkgs, None, **kwargs)
    if not targets:
        raise SaltInvocationError("One of name and pkgs is needed")
    words = [rpm_install.word(one, wanted) for one, wanted in targets.items() if one in before]
    if not words:
        return {}
    errors = _errors_of(_change("remove", *words))
    changed = packages.changes(_joined(before), list_pkgs())
    packages.raise_problem("Error occurred removing package(s)", errors, changed)
    return changed


def purge(name: str | None = None, pkgs: Any = None, **kwargs: Any) -> packages.Changes:
    """The same as `pkg.remove`: rpm knows of no other removal.

    CLI Example::

        saltern run '*' pkg.purge vim
    """
    return remove(name=name, pkgs=pkgs, **kwargs)


def hold(
    name: str | None = None, pkgs: Any = None, sources: Any = None, normalize: bool = True, **kwargs: Any
) -> dict[str, Any]:
    """Keep packages at their version, by dnf's versionlock; what came of it by name, in the form of a state's result.

    CLI Example::

        saltern run '*' pkg.hold vim
        saltern run '*' pkg.hold pkgs='["foo", "bar"]'
    """
    return _lock(True, name, pkgs, sources, normalize)


def unhold(name: str | None = None, pkgs: Any = None, sources: Any = None, **kwargs: Any) -> dict[str, Any]:
    """Let packages be upgraded again; what came of it by name, in the form of a state's result.

    CLI Example::

        saltern run '*' pkg.unhold vim
        saltern run '*' pkg.unhold pkgs='["foo", "bar"]'
    """
    return _lock(False, name, pkgs, sources, True)


def list_holds(pattern: str = r"[\w+]+(?:[.-][^-]+)*", full: bool = True) -> list[str]:
    """The packages that are held, with their versions, or with `full=False` by name only.

    CLI Example::

        saltern run '*' pkg.list_holds
        saltern run '*' pkg.list_holds full=False
    """
    found = {name: one for name, one in _locks().items() if re.match(pattern, name)}
    return [f"{name}-{_with_epoch(one)}.*" for name, one in found.items()] if full else list(found)


def get_locked_packages(pattern: str = r"[\w+]+(?:[.-][^-]+)*", full: bool = True) -> list[str]:
    """The same as `pkg.list_holds`.

    CLI Example::

        saltern run '*' pkg.get_locked_packages
    """
    return list_holds(pattern, full)


def verify(*names: str, **kwargs: Any) -> Any:
    """The files that are not as their packages had them, and in which way; see `lowpkg.verify`.

    CLI Example::

        saltern run '*' pkg.verify httpd ignore_types='[config, doc]'
    """
    return __salt__["lowpkg.verify"](*names, **kwargs)


def group_list() -> dict[str, Any]:
    """The groups of packages: installed, available, environments and languages.

    CLI Example::

        saltern run '*' pkg.group_list
    """
    return dnf.parse_groups(_run("--quiet", "group", "list", "--verbose")["stdout"])


def group_info(name: str, expand: bool = False, ignore_groups: Any = None, **kwargs: Any) -> dict[str, Any]:
    """The packages of a group by how much they belong to it; of an environment its groups, or with `expand` theirs.

    CLI Example::

        saltern run '*' pkg.group_info 'Development Tools'
    """
    done = _run("--quiet", "group", "info", "--verbose", *dnf.repo_options(kwargs), name)
    found = dnf.parse_group(done["stdout"])
    if not found["group"]:
        raise CommandExecutionError(f"Group '{name}' not found")
    if expand and found["type"] == "environment group":
        ignored = {name, *packages.words_of(ignore_groups)}
        for part in ("mandatory", "default", "optional", "conditional"):
            inner = [one for one in found[part] if one not in ignored]
            members = (group_info(one, ignore_groups=[*ignored, *inner], **kwargs) for one in inner)
            found[part] = sorted({one for info in members for one in (*info["mandatory"], *info["default"])})
    return found


def group_diff(name: str, **kwargs: Any) -> dict[str, Any]:
    """Which packages of a group are installed and which are not.

    CLI Example::

        saltern run '*' pkg.group_diff 'Development Tools'
    """
    installed = list_pkgs()
    info = group_info(name, expand=True, **kwargs)
    return {
        part: {
            "installed": [one for one in info[part] if one in installed],
            "not installed": [one for one in info[part] if one not in installed],
        }
        for part in ("mandatory", "optional", "default", "conditional")
    }


def group_install(name: Any, skip: Any = (), include: Any = (), **kwargs: Any) -> dict[str, Any]:
    """Install the mandatory and default packages of groups, without `skip` and with `include`; what changed.

    CLI Example::

        saltern run '*' pkg.group_install 'My Group' skip='[foo]' include='[bar]'
    """
    wanted: list[str] = []
    for group in packages.words_of(name):
        info = group_info(group, expand=True, **kwargs)
        wanted += [*info["mandatory"], *info["default"]]
    wanted = [*(one for one in wanted if one not in packages.words_of(skip)), *packages.words_of(include)]
    installed = list_pkgs()
    missing = [one for one in dict.fromkeys(wanted) if one not in installed]
    return install(pkgs=missing, **kwargs) if missing else {}


def groupinstall(name: Any, skip: Any = (), include: Any = (), **kwargs: Any) -> dict[str, Any]:
    """The same as `pkg.group_install`.

    CLI Example::

        saltern run '*' pkg.groupinstall 'My Group'
    """
    return group_install(name, skip, include, **kwargs)


def list_repos(basedir: Any = None, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The repositories with their options, and the file that each is in; `basedir` names other directories.

    CLI Example::

        saltern run '*' pkg.list_repos
        saltern run '*' pkg.list_repos basedir=/path/to/dir
    """
    files = repo_files.read_all(_directories(basedir))
    return {repo: {**options, "file": file} for file, repos in files.items() for repo, options in repos.items()}


def get_repo(repo: str, basedir: Any = None, **kwargs: Any) -> dict[str, Any]:
    """The options of a repository; empty when there is none of that name.

    CLI Example::

        saltern run '*' pkg.get_repo myrepo
    """
    found = list_repos(basedir).get(repo, {})
    return {name: value for name, value in found.items() if name != "file"}


def del_repo(repo: str, basedir: Any = None, **kwargs: Any) -> str:
    """Remove a repository; a file that is empty then goes with it.

    CLI Example::

        saltern run '*' pkg.del_repo myrepo
    """
    known = list_repos(basedir)
    if repo not in known:
        return f"Error: the {repo} repo does not exist in {_directories(basedir)}"
    path = known[repo]["file"]
    file = repo_files.read(path)
    file.remove(repo)
    if file:
        repo_files.write(path, file)
        return f"Repo {repo} has been removed from {path}"
    os.unlink(path)
    return f"File {path} containing repo {repo} has been removed"


def mod_repo(repo: str, basedir: Any = None, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """Make the options of a repository be as said, or add it, and return it by its file.

    A new one needs `name` and one of `baseurl`, `mirrorlist` and `metalink`. All other arguments are its options; one
    that is empty goes. `comments` are added behind it. With `test` nothing is changed, and what would be there is
    returned.

    CLI Example::

        saltern run '*' pkg.mod_repo myrepo enabled=1 gpgcheck=1
        saltern run '*' pkg.mod_repo myrepo name='My repo' baseurl=http://example.com/repo
    """
    options = {name: value for name, value in kwargs.items() if not name.startswith("__") and name not in _NO_OPTIONS}
    comments = packages.words_of(kwargs.get("comments"))
    given = [one for one in _SOURCES if options.get(one)]
    if len(given) > 1:
        raise SaltInvocationError("One and only one of baseurl, mirrorlist, metalink can be used")
    known = list_repos(basedir)
    if repo not in known:
        if not options.get("name"):
            raise SaltInvocationError("The repo does not exist and needs to be created, but a name was not given")
        if not given:
            raise SaltInvocationError(
                "The repo does not exist and needs to be created, but none of baseurl, mirrorlist, metalink was given"
            )
    path = known[repo]["file"] if repo in known else _new_file(repo, basedir)
    gone = {one: None for one in _SOURCES if given and one not in given}
    gone.update({name: None for name, value in options.items() if value in (None, "")})
    file = repo_files.read(path)
    file.change(repo, {**options, **gone}, comments)
    if not kwargs.get("test"):
        repo_files.write(path, file)
    now = {name: value for name, value in file.repos()[repo].items() if name != "comments"}
    return {path: {repo: {**now, **{name: options[name] for name in now if name in options}}}}


def file_list(*packages: str, **kwargs: Any) -> Any:
    """The files of packages, as `{"errors": […], "files": […]}`; of all packages when none is named.

    CLI Example::

        saltern run '*' pkg.file_list httpd postfix
    """
    return __salt__["lowpkg.file_list"](*packages)


def file_dict(*packages: str, **kwargs: Any) -> Any:
    """The files of packages by package, as `{"errors": […], "packages": {…}}`; of all when none is named.

    CLI Example::

        saltern run '*' pkg.file_dict httpd postfix
    """
    return __salt__["lowpkg.file_dict"](*packages)


def owner(*paths: str, **kwargs: Any) -> Any:
    """The package that a file belongs to, empty when none does; of several files by path.

    CLI Example::

        saltern run '*' pkg.owner /usr/bin/apachectl /etc/httpd/conf/httpd.conf
    """
    return __salt__["lowpkg.owner"](*paths)


def modified(*packages: str, **flags: Any) -> Any:
    """The files that were changed, with what is different about them; see `lowpkg.modified`.

    CLI Example::

        saltern run '*' pkg.modified httpd postfix
    """
    return __salt__["lowpkg.modified"](*packages, **flags)


def download(*packages: str, **kwargs: Any) -> dict[str, str]:
    """Download package files without installing them, and return their paths by name.

    CLI Example::

        saltern run '*' pkg.download httpd postfix
    """
    if not packages:
        raise SaltInvocationError("No packages were specified")
    directory = os.path.join(_CACHES[1], "packages")
    os.makedirs(directory, exist_ok=True)
    if not process.find_program("dnf"):
        argv = ["yumdownloader", "--quiet", *dnf.repo_options(kwargs), f"--destdir={directory}", *packages]
        done = __salt__["cmd.run_all"](argv, python_shell=False)
    else:
        done = _run("--quiet", "download", *dnf.repo_options(kwargs), f"--destdir={directory}", *packages)
    files = list_downloaded()
    found = {name: one["path"] for name in packages for one in files.get(name, {}).values()}
    missing = [name for name in packages if name not in found]
    if missing:
        said = done["stderr"] or done["stdout"]
        raise CommandExecutionError(f"The following package(s) failed to download: {', '.join(missing)}: {said}")
    return found


def diff(*paths: str, **kwargs: Any) -> dict[str, str]:
    """How files differ from what their packages had, by path; the packages are downloaded for that.

    CLI Example::

        saltern run '*' pkg.diff /etc/httpd/conf/httpd.conf
    """
    found: dict[str, str] = {}
    for path in paths:
        package = __salt__["lowpkg.owner"](path)
        if not package:
            found[path] = "Not managed"
            continue
        found[path] = __salt__["lowpkg.diff"](download(package)[package], path) or "Unchanged"
    return found


def list_patches(refresh: bool = False, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The advisories that the repositories have, with their packages and whether they are installed.

    CLI Example::

        saltern run '*' pkg.list_patches
    """
    if refresh:
        refresh_db()
    return _advisories(installed_only=False)


def list_installed_patches(**kwargs: Any) -> dict[str, dict[str, Any]]:
    """The advisories that are installed, with their packages.

    CLI Example::

        saltern run '*' pkg.list_installed_patches
    """
    return _advisories(installed_only=True)


def services_need_restart(**kwargs: Any) -> list[str]:
    """The services that still run code which an upgrade has replaced; needs systemd and dnf's needs-restarting.

    CLI Example::

        saltern run '*' pkg.services_need_restart
    """
    if not systemd.booted():
        raise CommandExecutionError("systemd is required to list outdated services.")
    done = _run("--quiet", "needs-restarting", "--services")
    return sorted({line.strip().removesuffix(".service") for line in done["stdout"].splitlines() if line.strip()})


_NO_OPTIONS = (
    "saltenv",
    "comments",
    "basedir",
    "file",
    "refresh",
    "refresh_db",
    "keyid",
    "key_url",
    "keyserver",
    "test",
    "repo",
)


def _program() -> str:
    return next((name for name in ("dnf5", "dnf", "yum") if process.find_program(name)), "dnf")


def _run(*words: str, ignore_retcode: bool = False) -> dict[str, Any]:
    argv = [_program(), *words]
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=ignore_retcode)
    return done


def _change(*words: str) -> dict[str, Any]:
    """Run what changes packages."""
    argv = systemd.scoped([_program(), "-y", *words], __salt__["config.get"]("systemd.scope", True))
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, redirect_stderr=True)
    return done


def _errors_of(done: Mapping[str, Any]) -> list[str]:
    return [str(done["stdout"] or done["stderr"])] if done["retcode"] else []


def _list(*words: str, options: Sequence[str] = ()) -> list[dnf.Row]:
    # It fails when nothing matches, which is an answer.
    return dnf.parse_list(_run("--quiet", "list", *options, *words, ignore_retcode=True)["stdout"])


def _arch() -> str:
    return str(__grains__.get("osarch", ""))


def _known(root: str | None = None) -> list[rpm.Package]:
    """All installed packages; read again only when the database has changed."""

    def read() -> list[rpm.Package]:
        argv = ["rpm", *(["--root", root] if root else []), "--query", "--all", "--queryformat", rpm.LIST_FORMAT]
        done = __salt__["cmd.run_all"](argv, python_shell=False)
        if done["retcode"]:
            raise CommandExecutionError(f"The packages cannot be listed: {done['stderr']}")
        return rpm.parse_list(done["stdout"])

    return read() if root else remembered(__context__, "pkg.list_pkgs", rpm.DATABASE, read)


def _state(attr: Any, downloads: bool = False) -> dict[str, Any]:
    """What a change is told by: the installed packages, or those that were downloaded."""
    if downloads:
        return {name: ",".join(sorted(versions)) for name, versions in list_downloaded().items()}
    return list_pkgs(attr=attr) if attr else list_pkgs()


def _joined(listed: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: ",".join(versions) for name, versions in listed.items()}


def _repos(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    names = ("fromrepo", "repo", "enablerepo", "disablerepo", "disableexcludes", "branch", "setopt")
    return {name: kwargs[name] for name in names if name in kwargs}


def _upgrade_verb(minimal: bool, obsoletes: bool) -> tuple[str, list[str]]:
    if minimal:
        return ("update-minimal" if _program() == "yum" else "upgrade-minimal"), []
    if obsoletes:
        return "upgrade", []
    return ("update", []) if _program() == "yum" else ("upgrade", ["--obsoletes=False"])


def _locks() -> dict[str, str]:
    done = _run("--quiet", "versionlock", "list", ignore_retcode=True)
    if done["retcode"]:
        raise CommandExecutionError(
            "Holding packages needs the versionlock plugin (python3-dnf-plugin-versionlock, yum-plugin-versionlock): "
            f"{done['stderr'] or done['stdout']}"
        )
    return dnf.parse_locks(done["stdout"])


def _with_epoch(version: str) -> str:
    return version if version != without_epoch(version) else f"0:{version}"


def _lock(wanted: bool, name: str | None, pkgs: Any, sources: Any, normalize: bool) -> dict[str, Any]:
    if sum(map(bool, (name, pkgs, sources))) != 1:
        raise SaltInvocationError("One of name, pkgs or sources must be specified.")
    locked = _locks()
    names: Iterable[str] = packages.names_of(name, pkgs or sources)
    found = {}
    for one in names:
        package = normalize_name(one) if normalize else one
        there = (package in locked) == wanted
        found[one] = packages.already_held(one, wanted=wanted) if there else _lock_one(one, package, wanted)
    return found


def _lock_one(name: str, package: str, wanted: bool) -> dict[str, Any]:
    test = bool(__opts__.get("test"))
    done = {"retcode": 0} if test else _run("versionlock", "add" if wanted else "delete", package)
    if done["retcode"]:
        said = done["stderr"] or done["stdout"]
        what = "failed to be held" if wanted else "was unable to be unheld"
        return packages.hold_result(name, comment=f"Package {name} {what}: {said}")
    old, new = ("", "hold") if wanted else ("hold", "")
    return packages.newly_held(name, wanted=wanted, old=old, new=new, test=test)


def _directories(basedir: Any) -> list[str]:
    given = packages.words_of(basedir)
    return given if given and given != ["default"] else list(_REPO_DIRECTORIES)


def _new_file(repo: str, basedir: Any) -> str:
    directory = next((one for one in _directories(basedir) if os.path.isdir(one)), None)
    if directory is None:
        raise SaltInvocationError(
            f"The repo does not exist and there is none of the directories {_directories(basedir)}"
        )
    return f"{directory}/{repo}.repo"


def _advisories(*, installed_only: bool) -> dict[str, dict[str, Any]]:
    done = _run("--quiet", "updateinfo", "list", "--installed" if installed_only else "--all")
    found: dict[str, dict[str, Any]] = {}
    for line in done["stdout"].splitlines():
        match = re.match(r"([i ]) ?(\S+)\s+(\S+)\s+(\S+)", line)
        if match:
            summary: dict[str, Any] = {"installed": installed_only or match[1] == "i", "summary": []}
            found.setdefault(match[2], summary)["summary"].append(match[4])
    return found
