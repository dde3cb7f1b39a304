"""Packages of SUSE's systems, by zypper.

`root=` is the directory of another system.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Grains, Opts, SaltInvocationError, packages
from saltern.plugin_api.linux import repo_files, rpm, rpm_install, systemd, zypper
from saltern.plugin_api.linux.files import read_text
from saltern.plugin_api.remembered import remembered
from saltern.plugin_api.versions import compare_rpm, without_epoch

__salt__: Functions
__grains__: Grains
__opts__: Opts
__context__: Context

__virtualname__ = "pkg"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "Suse":
        return __virtualname__
    return False, "zypper is the package manager of SUSE's systems only"


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


def version_cmp(ver1: Any, ver2: Any, ignore_epoch: bool = False, **kwargs: Any) -> int | None:
    """-1, 0 or 1 for the first version being older, the same or newer; None for a text that is no version.

    CLI Example::

        saltern run '*' pkg.version_cmp '0.2-001' '0.2.0.1-002'
    """
    found: int | None = __salt__["lowpkg.version_cmp"](ver1, ver2, ignore_epoch=ignore_epoch)
    return found


def list_pkgs(
    versions_as_list: bool = False, root: str | None = None, includes: Any = None, **kwargs: Any
) -> dict[str, Any]:
    """The installed packages with their versions; several versions of one are joined by commas.

    `attr` names what to give of each besides the version: `epoch`, `release`, `arch`, `install_date`,
    `install_date_time_t`, or `all`. `includes` adds what is no package: `product`, `pattern`.

    CLI Example::

        saltern run '*' pkg.list_pkgs
        saltern run '*' pkg.list_pkgs attr=version,arch
        saltern run '*' pkg.list_pkgs includes='[product, pattern]'
    """
    attr = kwargs.get("attr")
    found: dict[str, list[dict[str, Any]]] = {}
    for one in _known(root):
        if one.name != "gpg-pubkey":
            fields = one.described() if attr else {"version": one.evr}
            found.setdefault(one.name_on(_arch()), []).append(fields)
    for kind in packages.words_of(includes):
        for row in _search("--type", kind, "--installed-only", "--details", root=root):
            fields = {"version": row.get("edition", ""), "arch": row.get("arch", "")}
            found.setdefault(f"{kind}:{row['name']}", []).append(fields)
    listed: dict[str, Any] = __salt__["pkg_resource.format_pkg_list"](found, versions_as_list, attr)
    return listed


def info_installed(*names: str, **kwargs: Any) -> dict[str, Any]:
    """What is known of installed packages: version, architecture, vendor, description and so on.

    `attr` names the fields that are wanted, `all_versions` gives a list for each package.

    CLI Example::

        saltern run '*' pkg.info_installed bash zsh all_versions=True
    """
    return rpm_install.info_of(__salt__["lowpkg.info"], names, kwargs)


def info_available(*names: str, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """What the repositories tell of packages.

    CLI Example::

        saltern run '*' pkg.info_available bash zsh
    """
    if not names:
        return {}
    if kwargs.get("refresh", True):
        refresh_db(root=kwargs.get("root"))
    argv = [*_command(kwargs.get("root"), xml=False), "info", "--type", "package", *names]
    return zypper.info(_run(argv)["stdout"])


def latest_version(*names: str, **kwargs: Any) -> Any:
    """The version to which a package can be installed or upgraded, empty when there is none; of several by name.

    CLI Example::

        saltern run '*' pkg.latest_version bash zsh
    """
    if not names:
        return ""
    if kwargs.get("refresh", True):
        refresh_db(root=kwargs.get("root"))
    available = _available(names, kwargs)
    installed = list_pkgs(versions_as_list=True, root=kwargs.get("root"))
    found = {}
    for name in names:
        here, there = rpm_install.newest(installed.get(name, [])), rpm_install.newest(available.get(name, []))
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


def list_upgrades(refresh: bool = True, root: str | None = None, **kwargs: Any) -> dict[str, str]:
    """The packages that an upgrade would bring, with their new versions; `fromrepo` from one repository only.

    CLI Example::

        saltern run '*' pkg.list_upgrades
    """
    if refresh:
        refresh_db(root=root)
    repo = ["--repo", str(kwargs["fromrepo"])] if kwargs.get("fromrepo") else []
    return zypper.updates(_run([*_command(root), "list-updates", *repo])["stdout"])


def list_updates(refresh: bool = True, root: str | None = None, **kwargs: Any) -> dict[str, str]:
    """The same as `pkg.list_upgrades`.

    CLI Example::

        saltern run '*' pkg.list_updates
    """
    return list_upgrades(refresh, root, **kwargs)


def list_repo_pkgs(*args: str, **kwargs: Any) -> dict[str, Any]:
    """The versions that can be had of packages (names and globs), the newest first; of all without a name.

    With `byrepo` they are in dictionaries by repository, `fromrepo` names one.

    CLI Example::

        saltern run '*' pkg.list_repo_pkgs 'samba4*' fromrepo=base
        saltern run '*' pkg.list_repo_pkgs 'python3-*' byrepo=True
    """
    repos: dict[str, dict[str, list[str]]] = {}
    for row in _rows(args, kwargs):
        repos.setdefault(row["repository"], {}).setdefault(row["name"], []).append(row["edition"])
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


def refresh_db(
    force: bool | None = None, root: str | None = None, gpgautoimport: bool = False, **kwargs: Any
) -> dict[str, bool]:
    """Fetch the lists of packages: repository to True, or False when it failed.

    `force` fetches what is up to date too, `gpgautoimport` trusts the keys of the repositories.

    CLI Example::

        saltern run '*' pkg.refresh_db force=False
    """
    forced = __salt__["config.get"]("zypper:refreshdb_force", True) if force is None else force
    trusting = ["--gpg-auto-import-keys"] if gpgautoimport else []
    argv = [*_command(root, xml=False, refresh=True), *trusting, "refresh", *(["--force"] if forced else [])]
    done = _run(argv)
    found: dict[str, bool] = {}
    for line in done["stdout"].splitlines():
        name = re.search(r"'([^']*)'", line)
        if name and line.startswith(("Repository", "Building", "Retrieving", "Skipping", "Forcing")):
            found[name[1]] = not line.startswith("Skipping") and "error" not in line.lower()
    if zypper.failed(done["retcode"]) and not found:
        raise CommandExecutionError(f"Zypper command failure: {done['stderr'] or done['stdout']}")
    return found


def install(
    name: str | None = None,
    refresh: bool = False,
    fromrepo: str | None = None,
    pkgs: Any = None,
    sources: Any = None,
    downloadonly: bool | None = None,
    skip_verify: bool = False,
    version: str | None = None,
    ignore_repo_failure: bool = False,
    no_recommends: bool = False,
    root: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Install packages from repositories, or from files, and return what changed.

    `version` is that of the one package that `name` names; `>=1.2`, `1.2*` and conditions joined by commas work, in
    `pkgs` too. `skip_verify` does without signatures, `downloadonly` only fetches, `reinstall` installs again what is
    there, `ignore_repo_failure` goes on without a repository that cannot be read. `diff_attr` names what to tell of
    each package besides the version.

    CLI Example::

        saltern run '*' pkg.install vim
        saltern run '*' pkg.install pkgs='["foo", {"bar": ">=1.2"}]' refresh=True
        saltern run '*' pkg.install sources='[{"foo": "salt://foo.rpm"}]'
    """
    if refresh:
        refresh_db(root=root)
    targets, kind = __salt__["pkg_resource.parse_targets"](name, pkgs, sources, version=version, **kwargs)
    if not targets:
        return {}
    installed = list_pkgs(versions_as_list=True, root=root)
    again = bool(kwargs.get("reinstall"))
    if kind == "file":
        plan = rpm_install.plan_files(targets, installed, __salt__["lowpkg.bin_pkg_info"], reinstall=again)
    else:
        plan = rpm_install.plan(
            targets,
            installed,
            lambda one: _available([one], {"fromrepo": fromrepo, "root": root}).get(one, []),
            reinstall=again,
            ignore_epoch=bool(kwargs.get("ignore_epoch")),
            written=_word,
        )
    options = [
        "--name",
        "--auto-agree-with-licenses",
        *(["--download-only"] if downloadonly else []),
        *(["--from", fromrepo] if fromrepo else []),
        *(["--no-recommends"] if no_recommends else []),
        *(["--allow-unsigned-rpm"] if skip_verify and kind == "file" else []),
    ]
    before = _state(kwargs.get("diff_attr"), root, bool(downloadonly))
    errors = list(plan.errors)
    for more, words in (
        ([], plan.install),
        (["--oldpackage"], plan.downgrade),
        (["--force"], plan.again),
    ):
        if words:
            errors += _change(
                ["install", *options, *more, *words], root, unchecked=skip_verify, lenient=ignore_repo_failure
            )
    changed = packages.changes(before, _state(kwargs.get("diff_attr"), root, bool(downloadonly)))
    if not errors and not downloadonly:
        unchanged = (one for one in plan.again_names if one not in changed)
        changed.update({one: {"old": before[one], "new": before[one]} for one in unchanged})
    packages.raise_problem("Problem encountered installing package(s)", errors, changed)
    return changed


def upgrade(
    name: str | None = None,
    pkgs: Any = None,
    refresh: bool = True,
    dryrun: bool = False,
    dist_upgrade: bool = False,
    fromrepo: str | None = None,
    novendorchange: bool = False,
    skip_verify: bool = False,
    no_recommends: bool = False,
    root: str | None = None,
    diff_attr: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Upgrade all packages, or these, and return what changed; with `dist_upgrade` to another release.

    `dryrun` changes nothing, and with `dist_upgrade` shows what would be done.

    CLI Example::

        saltern run '*' pkg.upgrade
        saltern run '*' pkg.upgrade name=openssl
        saltern run '*' pkg.upgrade dist_upgrade=True fromrepo=MyRepo novendorchange=True
    """
    if refresh:
        refresh_db(root=root)
    names = packages.names_of(name, pkgs)
    verb = "dist-upgrade" if dist_upgrade else "update"
    options = [
        "--auto-agree-with-licenses",
        *(["--dry-run"] if dryrun else []),
        *(["--from" if dist_upgrade else "--repo", fromrepo] if fromrepo else []),
        *(["--no-allow-vendor-change"] if novendorchange and dist_upgrade else []),
        *(["--no-recommends"] if no_recommends else []),
    ]
    before = _state(diff_attr, root)
    errors = _change([verb, *options, *names], root, unchecked=skip_verify)
    changed = packages.changes(before, _state(diff_attr, root))
    packages.raise_problem("Problem encountered upgrading packages", errors, changed)
    return changed


def remove(name: str | None = None, pkgs: Any = None, root: str | None = None, **kwargs: Any) -> packages.Changes:
    """Remove packages and return what changed.

    CLI Example::

        saltern run '*' pkg.remove vim
        saltern run '*' pkg.remove pkgs='["foo", "bar"]'
    """
    return _remove(name, pkgs, root, [], kwargs)


def purge(name: str | None = None, pkgs: Any = None, root: str | None = None, **kwargs: Any) -> packages.Changes:
    """Remove packages with what was installed for them alone, and return what changed.

    CLI Example::

        saltern run '*' pkg.purge vim
    """
    return _remove(name, pkgs, root, ["--clean-deps"], kwargs)


def hold(name: str | None = None, pkgs: Any = None, root: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """Keep packages at their version, by a lock of zypper; what came of it by name, in the form of a state's result.

    CLI Example::

        saltern run '*' pkg.hold vim
        saltern run '*' pkg.hold pkgs='["foo", "bar"]'
    """
    return _lock(True, packages.names_of(name, pkgs or kwargs.get("sources")), root)


def unhold(name: str | None = None, pkgs: Any = None, root: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """Let packages be upgraded again; what came of it by name, in the form of a state's result.

    CLI Example::

        saltern run '*' pkg.unhold vim
        saltern run '*' pkg.unhold pkgs='["foo", "bar"]'
    """
    return _lock(False, packages.names_of(name, pkgs or kwargs.get("sources")), root)


def list_holds(pattern: str | None = None, full: bool = True, root: str | None = None, **kwargs: Any) -> list[str]:
    """The packages that are held and installed, with their versions, or with `full=False` by name only.

    CLI Example::

        saltern run '*' pkg.list_holds
        saltern run '*' pkg.list_holds full=False
    """
    installed = list_pkgs(root=root)
    held = [one for one in list_locks(root) if one in installed and re.match(pattern or "", one)]
    return [f"{one}-{_with_epoch(installed[one])}.*" for one in held] if full else held


def list_locks(root: str | None = None) -> dict[str, dict[str, str]]:
    """The locks of zypper by the name of the package.

    CLI Example::

        saltern run '*' pkg.list_locks
    """
    return zypper.locks(read_text(f"{root or ''}{zypper.LOCKS}"))


def clean_locks(root: str | None = None) -> dict[str, Any]:
    """Remove the locks that lock nothing, and return how many.

    CLI Example::

        saltern run '*' pkg.clean_locks
    """
    before = list_locks(root)
    _must(_run([*_command(root), "cleanlocks"]))
    return {"removed": len(before) - len(list_locks(root))}


def verify(*names: str, **kwargs: Any) -> Any:
    """The files that are not as their packages had them, and in which way; see `lowpkg.verify`.

    CLI Example::

        saltern run '*' pkg.verify httpd ignore_types='[config, doc]'
    """
    return __salt__["lowpkg.verify"](*names, **kwargs)


def file_list(*packages: str, **kwargs: Any) -> Any:
    """The files of packages, as `{"errors": […], "files": […]}`; of all packages when none is named.

    CLI Example::

        saltern run '*' pkg.file_list httpd postfix
    """
    return __salt__["lowpkg.file_list"](*packages, **kwargs)


def file_dict(*packages: str, **kwargs: Any) -> Any:
    """The files of packages by package, as `{"errors": […], "packages": {…}}`; of all when none is named.

    CLI Example::

        saltern run '*' pkg.file_dict httpd postfix
    """
    return __salt__["lowpkg.file_dict"](*packages, **kwargs)


def modified(*packages: str, **flags: Any) -> Any:
    """The files that were changed, with what is different about them; see `lowpkg.modified`.

    CLI Example::

        saltern run '*' pkg.modified httpd postfix
    """
    return __salt__["lowpkg.modified"](*packages, **flags)


def owner(*paths: str, **kwargs: Any) -> Any:
    """The package that a file belongs to, empty when none does; of several files by path.

    CLI Example::

        saltern run '*' pkg.owner /usr/bin/apachectl /etc/httpd/conf/httpd.conf
    """
    return __salt__["lowpkg.owner"](*paths, **kwargs)


def search(criteria: str, refresh: bool = False, **kwargs: Any) -> dict[str, dict[str, str]]:
    """The packages whose names have a text in them, with what zypper tells of them.

    `match` is `exact`, `words` or `substrings`; `provides`, `recommends`, `requires`, `suggests`, `conflicts`,
    `obsoletes`, `case_sensitive`, `installed_only`, `not_installed_only` and `details` are zypper's options.

    CLI Example::

        saltern run '*' pkg.search nginx match=exact details=True
    """
    if refresh:
        refresh_db(root=kwargs.get("root"))
    names = ("provides", "recommends", "requires", "suggests", "conflicts", "obsoletes", "file_list")
    switches = (*names, "search_descriptions", "case_sensitive", "installed_only", "not_installed_only", "details")
    words = [f"--{name.replace('_', '-')}" for name in switches if kwargs.get(name)]
    match = {"exact": "--match-exact", "words": "--match-words", "substrings": "--match-substrings"}
    words += [match[kwargs["match"]]] if kwargs.get("match") in match else []
    found: dict[str, dict[str, str]] = {}
    for row in _search(*words, criteria, root=kwargs.get("root")):
        found.setdefault(row["name"], row)
    if not found:
        raise CommandExecutionError(f"No packages found matching '{criteria}'")
    return found


def list_patterns(refresh: bool = False, root: str | None = None) -> dict[str, dict[str, Any]]:
    """The patterns that the repositories have, with whether they are installed.

    CLI Example::

        saltern run '*' pkg.list_patterns
    """
    if refresh:
        refresh_db(root=root)
    rows = _search("--type", "pattern", root=root)
    return {
        row["name"]: {"installed": row.get("status") == "installed", "summary": row.get("summary", "")} for row in rows
    }


def list_installed_patterns(root: str | None = None) -> list[str]:
    """The names of the patterns that are installed.

    CLI Example::

        saltern run '*' pkg.list_installed_patterns
    """
    return [name for name, one in list_patterns(root=root).items() if one["installed"]]


def list_products(all: bool = False, refresh: bool = False, root: str | None = None) -> list[dict[str, Any]]:
    """The products that are installed, or with `all` those that the repositories have too.

    CLI Example::

        saltern run '*' pkg.list_products all=True
    """
    if refresh:
        refresh_db(root=root)
    argv = [*_command(root), "products", *([] if all else ["--installed-only"])]
    return zypper.products(_must(_run(argv))["stdout"])


def list_patches(refresh: bool = False, root: str | None = None, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The patches that the repositories have, with whether they are installed.

    CLI Example::

        saltern run '*' pkg.list_patches
    """
    if refresh:
        refresh_db(root=root)
    return zypper.patches(_run([*_command(root), "patches", "--all"])["stdout"])


def list_installed_patches(root: str | None = None, **kwargs: Any) -> list[str]:
    """The names of the patches that are installed.

    CLI Example::

        saltern run '*' pkg.list_installed_patches
    """
    return [name for name, one in list_patches(root=root).items() if one["installed"]]


def list_provides(root: str | None = None, **kwargs: Any) -> dict[str, list[str]]:
    """What installed packages provide, with the names of those packages.

    CLI Example::

        saltern run '*' pkg.list_provides
    """
    argv = ["rpm", *(["--root", root] if root else []), "--query", "--all"]
    done = _run([*argv, "--queryformat", "[%{PROVIDES}\t%{=NAME}\n]"])
    found: dict[str, set[str]] = {}
    for line in done["stdout"].splitlines():
        capability, tab, name = line.partition("\t")
        if tab:
            found.setdefault(capability, set()).add(name)
    return {capability: sorted(names) for capability, names in found.items()}


def resolve_capabilities(pkgs: Any, refresh: bool = False, root: str | None = None, **kwargs: Any) -> list[Any]:
    """Names of packages and of what packages provide, as names of packages.

    CLI Example::

        saltern run '*' pkg.resolve_capabilities '["w3m_ssl"]'
    """
    if refresh:
        refresh_db(root=root)
    found: list[Any] = []
    for item in pkgs:
        name = next(iter(item)) if isinstance(item, Mapping) else item
        wanted = item[name] if isinstance(item, Mapping) else None
        if not _search("--match-exact", name, root=root):
            providers = zypper.package_names(_search("--provides", "--match-exact", name, root=root))
            if not providers:
                raise CommandExecutionError(f"No package provides '{name}'")
            if len(providers) > 1:
                raise SaltInvocationError(
                    f"Capability '{name}' is provided by several packages: {', '.join(providers)}"
                )
            name = providers[0]
        found.append({name: wanted} if wanted else name)
    return found


def download(*packages: str, **kwargs: Any) -> dict[str, dict[str, str]]:
    """Download package files without installing them, and return where they lie by name.

    CLI Example::

        saltern run '*' pkg.download httpd postfix
    """
    if not packages:
        raise SaltInvocationError("No packages specified")
    if kwargs.get("refresh"):
        refresh_db(root=kwargs.get("root"))
    done = _run([*_command(kwargs.get("root")), "download", *packages])
    found = zypper.downloads(done["stdout"])
    missing = [name for name in packages if name not in found]
    if missing:
        raise CommandExecutionError(
            f"Unable to download packages: {', '.join(missing)}", info=zypper.errors(done["stdout"])
        )
    return found


def list_downloaded(root: str | None = None, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The package files in zypper's cache, by name and version.

    CLI Example::

        saltern run '*' pkg.list_downloaded
    """

    def parts_of(file_name: str) -> tuple[str, str, str] | None:
        found = re.fullmatch(r"(.+)-([^-]+-[^-]+)\.([^.]+)\.rpm", file_name)
        return (found[1], found[2], found[3]) if found else None

    return packages.downloaded(f"{root or ''}{zypper.CACHE}/packages", parts_of)


def diff(*paths: str, **kwargs: Any) -> dict[str, str]:
    """How files differ from what their packages had, by path; the packages are downloaded for that.

    CLI Example::

        saltern run '*' pkg.diff /etc/apache2/httpd.conf
    """
    found: dict[str, str] = {}
    for path in paths:
        package = __salt__["lowpkg.owner"](path)
        if not package:
            found[path] = "Not managed"
            continue
        found[path] = __salt__["lowpkg.diff"](download(package)[package]["path"], path) or "Unchanged"
    return found


def services_need_restart(root: str | None = None, **kwargs: Any) -> list[str]:
    """The services that still run code which an upgrade has replaced.

    CLI Example::

        saltern run '*' pkg.services_need_restart
    """
    return str(_run([*_command(root, xml=False), "ps", "-sss"])["stdout"]).split()


def list_repos(root: str | None = None, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The repositories with their options.

    CLI Example::

        saltern run '*' pkg.list_repos
    """
    files = repo_files.read_all([f"{root or ''}{zypper.REPOSITORIES}"])
    return {alias: zypper.repository(alias, options) for repos in files.values() for alias, options in repos.items()}


def get_repo(repo: str, root: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """The options of a repository; empty when there is none of that alias.

    CLI Example::

        saltern run '*' pkg.get_repo alias
    """
    return list_repos(root).get(repo, {})


def del_repo(repo: str, root: str | None = None) -> dict[str, Any]:
    """Remove a repository.

    CLI Example::

        saltern run '*' pkg.del_repo alias
    """
    if repo not in list_repos(root):
        raise CommandExecutionError(f"Repository '{repo}' not found.")
    _must(_run([*_command(root), "removerepo", "--loose-auth", "--loose-query", repo]))
    return {repo: True, "message": f"Repository '{repo}' has been removed."}


def mod_repo(repo: str, **kwargs: Any) -> dict[str, Any]:
    """Make the options of a repository be as said, or add it, and return it.

    A new one needs `url` (or `baseurl`) or `mirrorlist`. `enabled`, `refresh` (fetch its list by itself), `cache` (keep
    packages), `gpgcheck`, `priority` and `humanname` can be said. `gpgautoimport` trusts its key. With `test`
    nothing is changed, and what would be there is returned.

    CLI Example::

        saltern run '*' pkg.mod_repo alias url=http://example.com/repo priority=50
        saltern run '*' pkg.mod_repo alias enabled=False
    """
    root = kwargs.get("root")
    known = list_repos(root)
    added = repo not in known
    if added:
        url = kwargs.get("url") or kwargs.get("baseurl") or kwargs.get("mirrorlist")
        if not url:
            raise CommandExecutionError(
                f"Repository '{repo}' not found, and neither 'baseurl' nor 'mirrorlist' was specified"
            )
        same = next(
            (alias for alias, one in known.items() if one.get("baseurl", "").rstrip("/") == url.rstrip("/")), None
        )
        if same is not None:
            raise CommandExecutionError(f"Repository '{repo}' already exists as '{same}'.")
        if kwargs.get("test"):
            return {**zypper.foreseen(kwargs), "baseurl": str(url), "alias": repo}
        _must(_run([*_command(root), "addrepo", *([] if kwargs.get("gpgcheck", True) else ["-G"]), str(url), repo]))
    if kwargs.get("test"):
        return {**known[repo], **zypper.foreseen(kwargs)}
    words = zypper.change_words(kwargs)
    if words:
        _must(_run([*_command(root), "modifyrepo", *words, repo]))
    if kwargs.get("gpgautoimport"):
        _must(_run([*_command(root, refresh=True), "--gpg-auto-import-keys", "refresh", repo]))
    found = get_repo(repo, root)
    if not added and not words and not kwargs.get("gpgautoimport"):
        found["comment"] = "Specified arguments did not result in modification of repo"
    return found


def _command(root: str | None, *, xml: bool = True, refresh: bool = False) -> list[str]:
    return [
        "zypper",
        "--non-interactive",
        *(["--root", root] if root else []),
        *(["--xmlout"] if xml else []),
        *([] if refresh else ["--no-refresh"]),
    ]


def _run(argv: list[str]) -> dict[str, Any]:
    # Zypper tells by its exit code what is no failure, too.
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)
    return done


def _must(done: dict[str, Any]) -> dict[str, Any]:
    if zypper.failed(done["retcode"]):
        said = "\n".join(zypper.errors(done["stdout"])) or done["stderr"] or "Check Zypper's logs."
        raise CommandExecutionError(f"Zypper command failure: {said}")
    return done


def _change(words: list[str], root: str | None, *, unchecked: bool = False, lenient: bool = False) -> list[str]:
    """Run what changes packages, and return what went wrong."""
    argv = [*_command(root), *(["--no-gpg-checks"] if unchecked else []), *words]
    done = _run(systemd.scoped(argv, __salt__["config.get"]("systemd.scope", True)))
    if not zypper.failed(done["retcode"]) and not (done["retcode"] == 106 and not lenient):
        return []
    return zypper.errors(done["stdout"]) or [done["stderr"] or f"zypper ended with exit code {done['retcode']}"]


def _remove(
    name: str | None, pkgs: Any, root: str | None, options: list[str], kwargs: Mapping[str, Any]
) -> packages.Changes:
    targets, _ = __salt__["pkg_resource.parse_targets"](name, pkgs, None, **kwargs)
    if not targets:
        raise SaltInvocationError("One of name and pkgs is needed")
    before = list_pkgs(root=root)
    words = [_word(one, wanted) for one, wanted in targets.items() if one in before]
    if not words:
        return {}
    errors = _change(["remove", *options, *words], root)
    changed = packages.changes(before, list_pkgs(root=root))
    packages.raise_problem("Problem encountered removing package(s)", errors, changed)
    return changed


def _word(name: str, version: str | None) -> str:
    return f"{name}={version}" if version else name


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


def _state(attr: Any, root: str | None, downloads: bool = False) -> dict[str, Any]:
    if downloads:
        return {name: ",".join(sorted(versions)) for name, versions in list_downloaded(root).items()}
    return list_pkgs(root=root, attr=attr) if attr else list_pkgs(root=root)


def _search(*words: str, root: str | None = None) -> list[dict[str, str]]:
    done = _run([*_command(root), "search", *words])
    if done["retcode"] == zypper.NOT_FOUND:
        return []
    return zypper.solvables(_must(done)["stdout"])


def _rows(names: Any, kwargs: Mapping[str, Any]) -> list[dict[str, str]]:
    """The packages that the repositories have."""
    repo = ["--repo", str(kwargs["fromrepo"])] if kwargs.get("fromrepo") else []
    words = ["--type", "package", "--details", "--match-exact", *repo, *names]
    return [row for row in _search(*words, root=kwargs.get("root")) if row.get("repository") != "(System Packages)"]


def _available(names: Any, kwargs: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in _rows(names, kwargs):
        found.setdefault(row["name"], []).append(row["edition"])
    return {name: rpm_install.newest_first(versions) for name, versions in found.items()}


def _with_epoch(version: str) -> str:
    return version if version != without_epoch(version) else f"0:{version}"


def _lock(wanted: bool, names: list[str], root: str | None) -> dict[str, Any]:
    if not names:
        raise CommandExecutionError("Unable to hold packages: one of name and pkgs is needed")
    locked, test = list_locks(root), bool(__opts__.get("test"))
    old, new = ("", "hold") if wanted else ("hold", "")
    found = {}
    for name in names:
        if (name in locked) == wanted:
            found[name] = packages.already_held(name, wanted=wanted)
            continue
        if not test:
            _must(_run([*_command(root), "addlock" if wanted else "removelock", name]))
        found[name] = packages.newly_held(name, wanted=wanted, old=old, new=new, test=test)
    return found
