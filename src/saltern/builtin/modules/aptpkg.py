"""Packages of Debian and its relatives, by apt and dpkg.

Functions that install take these arguments beside those in their signatures:

``version``
    Of the one package that `name` names; `>=1.2`, `1.2*` and conditions joined by commas work, in `pkgs` too.
``cache_valid_time``
    Seconds for which an earlier refresh is good enough.
``force_conf_new``
    Take the new versions of configuration files; by default the ones on the machine stay.
``install_recommends``, ``only_upgrade``
    False: leave recommended packages out. True: upgrade what is installed, and install nothing new.
``update_holds``
    Change packages that are held.
"""

from __future__ import annotations

import fnmatch
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from saltern.plugin_api import (
    CommandExecutionError,
    CommandNotFoundError,
    Context,
    Functions,
    Grains,
    Opts,
    SaltInvocationError,
    packages,
)
from saltern.plugin_api.linux import apt, apt_install, apt_keys, apt_source_files, apt_sources, dpkg, systemd
from saltern.plugin_api.remembered import remembered
from saltern.plugin_api.versions import compare_deb, without_epoch

__salt__: Functions
__grains__: Grains
__opts__: Opts
__context__: Context

__virtualname__ = "pkg"

_QUIET = {
    "APT_LISTBUGS_FRONTEND": "none",
    "APT_LISTCHANGES_FRONTEND": "none",
    "DEBIAN_FRONTEND": "noninteractive",
    "UCF_FORCE_CONFFOLD": "1",
}
_STATES = ("install", "hold", "deinstall", "purge")
_ARCHIVES = "/var/cache/apt/archives"
_LISTS = "/var/lib/apt/lists"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "Debian":
        return __virtualname__
    return False, "apt is the package manager of Debian and its relatives only"


def normalize_name(name: str) -> str:
    """The name without the architecture, if that is the machine's own.

    CLI Example::

        saltern run '*' pkg.normalize_name zsh:amd64
    """
    base, colon, arch = name.rpartition(":")
    return base if colon and arch in (_arch(), "all", "any") else name


def parse_arch(name: str) -> dict[str, str | None]:
    """Name and architecture (None when it names none) of `name:arch`.

    CLI Example::

        saltern run '*' pkg.parse_arch zsh:amd64
    """
    base, colon, arch = name.rpartition(":")
    return {"name": base, "arch": arch} if colon else {"name": name, "arch": None}


def version(*names: str, **kwargs: Any) -> Any:
    """The installed version of a package, empty when it is not installed; of several, or of a glob, by name.

    CLI Example::

        saltern run '*' pkg.version bash
        saltern run '*' pkg.version bash 'lib*'
    """
    return __salt__["pkg_resource.version"](*names, **kwargs)


def list_pkgs(
    versions_as_list: bool = False, removed: bool = False, purge_desired: bool = False, **kwargs: Any
) -> dict[str, Any]:
    """The installed packages with their versions.

    `removed` lists those that are removed but not purged, `purge_desired` those that shall be purged and are still
    there.

    CLI Example::

        saltern run '*' pkg.list_pkgs
        saltern run '*' pkg.list_pkgs versions_as_list=True
    """
    found: dict[str, list[str]] = {}
    for one in _known():
        if _is_listed(one, removed=bool(removed), purge_desired=bool(purge_desired)):
            found.setdefault(one.name_on(_arch()), []).append(one.version)
    if versions_as_list:
        return dict(found)
    return {name: ",".join(versions) for name, versions in found.items()}


def latest_version(*names: str, **kwargs: Any) -> Any:
    """The version to which a package can be installed or upgraded, empty when there is none; of several by name.

    `fromrepo` names the release to take it from. `refresh=False` uses the lists that are there.

    CLI Example::

        saltern run '*' pkg.latest_version bash
        saltern run '*' pkg.latest_version bash zsh fromrepo=unstable
    """
    if not names:
        return ""
    if kwargs.get("refresh", True):
        refresh_db(kwargs.get("cache_valid_time", 0))
    known = _policy(names, kwargs.get("fromrepo"))
    found = {name: _upgrade_of(known.get(name)) for name in names}
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


def version_cmp(pkg1: Any, pkg2: Any, ignore_epoch: bool = False, **kwargs: Any) -> int | None:
    """-1, 0 or 1 for the first version being older, the same or newer; None for a text that is no version.

    CLI Example::

        saltern run '*' pkg.version_cmp '0.2.4-0ubuntu1' '0.2.4.1-0ubuntu1'
    """
    one, other = str(pkg1), str(pkg2)
    return compare_deb(without_epoch(one), without_epoch(other)) if ignore_epoch else compare_deb(one, other)


def refresh_db(cache_valid_time: Any = 0, failhard: bool = False, **kwargs: Any) -> dict[str, bool | None]:
    """Fetch the lists of packages: source to True (fetched), None (nothing new) or False (failed).

    An earlier refresh within `cache_valid_time` seconds is good enough. With `failhard` a source that fails is an
    error.

    CLI Example::

        saltern run '*' pkg.refresh_db
        saltern run '*' pkg.refresh_db cache_valid_time=3600
    """
    if cache_valid_time and _age_of_lists() < float(cache_valid_time):
        return {}
    done = _run("apt-get", "-q", "update")
    if done["retcode"] and not apt.parse_update(done["stdout"]):
        raise CommandExecutionError(done["stderr"] or "apt-get update failed")
    failed = apt.failed_sources(done["stdout"])
    if failed and failhard:
        raise CommandExecutionError(f"Error getting repos: {', '.join(failed)}")
    return apt.parse_update(done["stdout"])


def install(
    name: str | None = None,
    refresh: bool = False,
    fromrepo: str | None = None,
    skip_verify: bool = False,
    debconf: str | None = None,
    pkgs: Any = None,
    sources: Any = None,
    reinstall: bool = False,
    downloadonly: bool = False,
    ignore_epoch: bool = False,
    normalize: bool = True,
    **kwargs: Any,
) -> packages.Changes:
    """Install packages from a repository, or from files, and return what changed.

    `pkgs` is a list of names or of `{name: version}`, `sources` one of `{name: file}` whose files may be the master's;
    dependencies are installed too. `debconf` is a file of answers, `fromrepo` a release. `skip_verify` does without
    signatures, `downloadonly` only fetches, `reinstall` installs again what is there.

    CLI Example::

        saltern run '*' pkg.install vim
        saltern run '*' pkg.install pkgs='["foo", {"bar": ">=1.2"}]' refresh=True
        saltern run '*' pkg.install sources='[{"foo": "salt://foo.deb"}]'
    """
    if refresh:
        refresh_db(kwargs.get("cache_valid_time", 0))
    if debconf:
        __salt__["debconf.set_file"](debconf)
    before = list_pkgs()
    plan = _plan(before, name, pkgs, sources, reinstall, ignore_epoch, normalize, kwargs)
    choices = {**kwargs, "fromrepo": fromrepo, "skip_verify": skip_verify, "downloadonly": downloadonly}
    errors = [*plan.errors, *(one for argv in plan.commands(choices) for one in _errors_of(_change(argv)))]
    changed = packages.changes(before, list_pkgs())
    if not errors and not downloadonly:
        changed.update(plan.repeated(before, changed))
    packages.raise_problem("Problem encountered installing package(s)", errors, changed)
    return changed


def remove(name: str | None = None, pkgs: Any = None, **kwargs: Any) -> packages.Changes:
    """Remove packages, keep their configuration, and return what changed.

    CLI Example::

        saltern run '*' pkg.remove vim
        saltern run '*' pkg.remove pkgs='["foo", "bar"]'
    """
    before = list_pkgs()
    targets = _installed_among(name, pkgs, before)
    if not targets:
        return {}
    errors = _errors_of(_change(["apt-get", "-q", "-y", "remove", "--", *targets]))
    changed = packages.changes(before, list_pkgs())
    packages.raise_problem("Problem encountered removing package(s)", errors, changed)
    return changed


def purge(name: str | None = None, pkgs: Any = None, **kwargs: Any) -> dict[str, packages.Changes]:
    """Remove packages with their configuration; what changed is in `installed` and `removed` (but not purged).

    CLI Example::

        saltern run '*' pkg.purge vim
        saltern run '*' pkg.purge pkgs='["foo", "bar"]'
    """
    before = (list_pkgs(), list_pkgs(removed=True))
    targets = _installed_among(name, pkgs, {**before[1], **before[0]})
    if not targets:
        return {}
    errors = _errors_of(_change(["apt-get", "-q", "-y", "purge", "--", *targets]))
    changed = {
        "removed": packages.changes(before[1], list_pkgs(removed=True)),
        "installed": packages.changes(before[0], list_pkgs()),
    }
    packages.raise_problem(
        "Problem encountered removing package(s)", errors, {**changed["removed"], **changed["installed"]}
    )
    return changed


def predict(
    action: str,
    name: str | None = None,
    pkgs: Any = None,
    sources: Any = None,
    reinstall: bool = False,
    ignore_epoch: bool = False,
    normalize: bool = True,
    **kwargs: Any,
) -> dict[str, Any]:
    """What `pkg.install`, `pkg.remove`, `pkg.purge` or `pkg.upgrade` would change, as apt foresees it.

    The arguments are those of that function.

    CLI Example::

        saltern run '*' pkg.predict install vim
        saltern run '*' pkg.predict purge pkgs='["foo", "bar"]'
    """
    before = list_pkgs()
    if action == "install":
        plan = _plan(before, name, pkgs, sources, reinstall, ignore_epoch, normalize, kwargs)
        packages.raise_problem("Problem encountered installing package(s)", plan.errors, {})
        commands = plan.commands(kwargs)
    elif action == "upgrade":
        commands = [["apt-get", "dist-upgrade" if kwargs.get("dist_upgrade") else "upgrade"]]
    else:
        removed = list_pkgs(removed=True) if action == "purge" else {}
        commands = [["apt-get", action, "--", *_installed_among(name, pkgs, {**removed, **before})]]
    answers = [_run(*_simulated(argv), ignore_retcode=True) for argv in commands]
    foreseen = [apt.parse_simulation(_must(done, "apt-get foresees")["stdout"]) for done in answers]
    if action != "purge":
        return apt.changes_of(foreseen, before)
    return {"removed": apt.changes_of(foreseen, removed), "installed": apt.changes_of(foreseen, before)}


def autoremove(list_only: bool = False, purge: bool = False) -> Any:
    """Remove packages that were installed for others and are not needed any more, and return what changed.

    With `list_only` their names are returned and nothing is done.

    CLI Example::

        saltern run '*' pkg.autoremove list_only=True
        saltern run '*' pkg.autoremove purge=True
    """
    if list_only:
        done = _run(*_simulated(["apt-get", "autoremove", *(["--purge"] if purge else [])]))
        found = apt.parse_simulation(done["stdout"])
        return sorted({**found["Remv"], **found["Purg"]})
    before = list_pkgs()
    errors = _errors_of(_change(["apt-get", "-q", "-y", "autoremove", *(["--purge"] if purge else [])]))
    changed = packages.changes(before, list_pkgs())
    packages.raise_problem("Problem encountered removing package(s)", errors, changed)
    return changed


def upgrade(refresh: bool = True, dist_upgrade: bool = False, **kwargs: Any) -> packages.Changes:
    """Upgrade all packages and return what changed; with `dist_upgrade` others are removed where that is needed.

    `download_only` fetches, `skip_verify` does without signatures, `allow_downgrades` does what it says.

    CLI Example::

        saltern run '*' pkg.upgrade
        saltern run '*' pkg.upgrade dist_upgrade=True
    """
    if refresh:
        refresh_db(kwargs.get("cache_valid_time", 0))
    before = list_pkgs()
    options = [
        *(["--allow-unauthenticated"] if kwargs.get("skip_verify") else []),
        *(["--allow-downgrades"] if kwargs.get("allow_downgrades") else []),
        *(["--download-only"] if kwargs.get("download_only") or kwargs.get("downloadonly") else []),
    ]
    verb = "dist-upgrade" if dist_upgrade else "upgrade"
    errors = _errors_of(_change(["apt-get", "-q", "-y", *apt_install.conf_options(kwargs), *options, verb]))
    changed = packages.changes(before, list_pkgs())
    packages.raise_problem("Problem encountered upgrading package(s)", errors, changed)
    return changed


def list_upgrades(refresh: bool = True, dist_upgrade: bool = True, **kwargs: Any) -> dict[str, str]:
    """The packages that an upgrade would bring, with their new versions.

    CLI Example::

        saltern run '*' pkg.list_upgrades refresh=False
    """
    if refresh:
        refresh_db(kwargs.get("cache_valid_time", 0))
    done = _run(*_simulated(["apt-get", "dist-upgrade" if dist_upgrade else "upgrade"]))
    if done["retcode"]:
        raise CommandExecutionError(f"Problem listing upgrades: {done['stderr'] or done['stdout']}")
    return apt.parse_simulation(done["stdout"])["Inst"]


def hold(name: str | None = None, pkgs: Any = None, sources: Any = None, **kwargs: Any) -> dict[str, Any]:
    """Keep packages at their version; what came of it by name, in the form of a state's result.

    CLI Example::

        saltern run '*' pkg.hold vim
        saltern run '*' pkg.hold pkgs='["foo", "bar"]'
    """
    return _select("hold", name, pkgs, sources)


def unhold(name: str | None = None, pkgs: Any = None, sources: Any = None, **kwargs: Any) -> dict[str, Any]:
    """Let packages be upgraded again; what came of it by name, in the form of a state's result.

    CLI Example::

        saltern run '*' pkg.unhold vim
        saltern run '*' pkg.unhold pkgs='["foo", "bar"]'
    """
    return _select("install", name, pkgs, sources)


def get_selections(pattern: str | None = None, state: str | None = None) -> dict[str, list[str]]:
    """The packages by what is selected for them (`install`, `hold`, `deinstall`, `purge`).

    CLI Example::

        saltern run '*' pkg.get_selections
        saltern run '*' pkg.get_selections 'openssh*' state=hold
    """
    done = _run("dpkg", "--get-selections", *([pattern] if pattern else []))
    found = dpkg.parse_selections(done["stdout"])
    return found if state is None else {state: found[state]} if state in found else {}


def set_selections(
    path: str | None = None, selection: Any = None, clear: bool = False, saltenv: str = "base"
) -> dict[str, dict[str, str]]:
    """Select what shall become of packages (`{"hold": [names]}`, or a file in dpkg's form); what differs by name.

    `clear` deselects all packages first.

    CLI Example::

        saltern run '*' pkg.set_selections selection='{"hold": ["openssh-server", "openssh-client"]}'
        saltern run '*' pkg.set_selections salt://path/to/file
    """
    if path and selection:
        raise SaltInvocationError("The 'selection' and 'path' arguments to pkg.set_selections are mutually exclusive")
    wanted = _selections_in(path, saltenv) if path else _mapping(selection or {})
    unknown = sorted(set(wanted) - set(_STATES))
    if unknown:
        raise SaltInvocationError(f"Invalid state(s): {', '.join(unknown)}")
    before = _selected()
    if clear and not __opts__.get("test"):
        _must(_run("dpkg", "--clear-selections"), "dpkg --clear-selections")
    return _apply_selections(wanted, before)


def list_repo_pkgs(*args: str, **kwargs: Any) -> dict[str, list[str]]:
    """The versions that can be installed of packages (names and globs), the newest first; of all without a name.

    CLI Example::

        saltern run '*' pkg.list_repo_pkgs bash 'zsh*'
    """
    if args and not any(mark in name for name in args for mark in "*?["):
        return {name: one.versions for name, one in _policy(args).items() if one.versions}
    found = apt.parse_dump(_run("apt-cache", "dump")["stdout"])
    if not args:
        return found
    return {name: found[name] for name in found if any(fnmatch.fnmatchcase(name, pattern) for pattern in args)}


def show(*names: str, **kwargs: Any) -> dict[str, dict[str, dict[str, str]]]:
    """What the repositories tell of packages, by name and version; `filter` names the fields that are wanted.

    CLI Example::

        saltern run '*' pkg.show bash
        saltern run '*' pkg.show bash filter=description,provides
    """
    if kwargs.get("refresh"):
        refresh_db()
    if not names:
        return {}
    only = kwargs.get("filter")
    wanted = {one.strip().lower() for one in (only.split(",") if isinstance(only, str) else only or ())}
    found: dict[str, dict[str, dict[str, str]]] = {}
    for stanza in dpkg.parse_control(_run("apt-cache", "show", "--", *names)["stdout"]):
        name, one = stanza.pop("Package", ""), stanza.pop("Version", "")
        fields = {key: value for key, value in stanza.items() if not wanted or key.lower() in wanted}
        found.setdefault(name, {})[one] = fields
    return found


def info_installed(*names: str, **kwargs: Any) -> dict[str, dict[str, str]]:
    """What is known of installed packages: version, architecture, packager, description, licence and so on.

    With `failhard=False` a package that is not installed is left out; else it is an error. `attr` names the fields
    that are wanted.

    CLI Example::

        saltern run '*' pkg.info_installed bash zsh failhard=False
    """
    renamed = {"package": "name", "maintainer": "packager", "section": "group", "homepage": "url"}
    found = {
        name: {renamed.get(key, key): value for key, value in fields.items() if key != "status"}
        for name, fields in __salt__["lowpkg.info"](*names, failhard=kwargs.get("failhard", True)).items()
    }
    only = kwargs.get("attr")
    if not only:
        return found
    wanted = only.split(",") if isinstance(only, str) else list(only)
    return {name: {key: value for key, value in fields.items() if key in wanted} for name, fields in found.items()}


def owner(*paths: str, **kwargs: Any) -> Any:
    """The package that a file belongs to, empty when none does; of several files by path.

    CLI Example::

        saltern run '*' pkg.owner /usr/bin/apachectl
        saltern run '*' pkg.owner /usr/bin/apachectl /usr/bin/basename
    """
    if not paths:
        return ""
    found = {}
    for path in paths:
        owners = dpkg.base_names(dpkg.parse_owners(_run("dpkg-query", "--search", path)["stdout"]), _arch())
        found[path] = ", ".join(owners)
    return packages.one_or_all(found, paths)


def which(path: str) -> Any:
    """The package that a file belongs to, as `pkg.owner`.

    CLI Example::

        saltern run '*' pkg.which /usr/bin/apachectl
    """
    return owner(path)


def file_list(*packages: str, **kwargs: Any) -> Any:
    """The files of packages, as `{"errors": […], "files": […]}`; of all packages when none is named.

    CLI Example::

        saltern run '*' pkg.file_list bash zsh
    """
    return __salt__["lowpkg.file_list"](*packages)


def file_dict(*packages: str, **kwargs: Any) -> Any:
    """The files of packages by package, as `{"errors": […], "packages": {…}}`; of all when none is named.

    CLI Example::

        saltern run '*' pkg.file_dict bash zsh
    """
    return __salt__["lowpkg.file_dict"](*packages)


def list_downloaded(root: str | None = None, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The package files in apt's cache, by name and version; `root` is the directory of another system.

    CLI Example::

        saltern run '*' pkg.list_downloaded
    """
    directory = os.path.join(root or "/", _ARCHIVES.lstrip("/"))
    return packages.downloaded(directory, dpkg.deb_file_parts)


def services_need_restart(**kwargs: Any) -> list[str]:
    """The services that still run code which an upgrade has replaced; needs `checkrestart` (debian-goodies).

    CLI Example::

        saltern run '*' pkg.services_need_restart
    """
    if not __salt__["cmd.which"]("checkrestart"):
        raise CommandNotFoundError(
            "'checkrestart' is needed. It is part of the 'debian-goodies' package which can be installed from official "
            "repositories."
        )
    lines = _run("checkrestart", "--machine", "--package")["stdout"].splitlines()
    return sorted({line.split(",")[0].removeprefix("SERVICE:") for line in lines if line.startswith("SERVICE:")})


def list_repos(**kwargs: Any) -> dict[str, list[dict[str, Any]]]:
    """The sources of apt by URI; with `disabled=True` those that are disabled too.

    CLI Example::

        saltern run '*' pkg.list_repos
        saltern run '*' pkg.list_repos disabled=True
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for file, source in apt_source_files.sources():
        if source.enabled or kwargs.get("disabled"):
            found.setdefault(source.uris[0], []).extend(source.described(file, kind) for kind in source.types)
    return found


def get_repo(repo: str, **kwargs: Any) -> dict[str, Any]:
    """The source that a line such as `deb URI SUITE COMPONENTS` names; empty when there is none.

    CLI Example::

        saltern run '*' pkg.get_repo "deb http://deb.debian.org/debian bookworm main"
    """
    wanted = apt_sources.parse_line(repo)
    found = apt_source_files.find(wanted) if wanted else None
    return found[1].described(found[0], wanted.types[0]) if wanted and found else {}


def mod_repo(repo: str, saltenv: str = "base", aptkey: bool = True, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """Make a source of apt be as said, or add it, and return it.

    `repo` is a line such as `deb URI SUITE COMPONENTS`, or on Ubuntu `ppa:owner/name`. `comps` and `architectures`
    (lists, or texts with commas), `disabled`, `signedby` and `comments` say more; `file` is where a new one goes.
    With `test` nothing is changed, and what would be there is returned.

    The key that signs it comes by `key_url`, `key_text`, or `keyserver` and `keyid`: by apt-key, or with `aptkey=False`
    into `/etc/apt/keyrings`. `refresh=False` does not fetch the lists afterwards.

    CLI Example::

        saltern run '*' pkg.mod_repo 'deb http://deb.debian.org/debian bookworm main' comps=main,contrib
    """
    if repo.startswith("ppa:"):
        return _add_ppa(repo, kwargs)
    wanted = apt_sources.parse_line(repo)
    if wanted is None:
        raise SaltInvocationError(
            f"Name {repo} is not valid. This must be the complete repo entry as seen in the sources file"
        )
    test = bool(kwargs.get("test"))
    signed_by = str(kwargs.get("signedby") or "") if test else _fetch_keys(saltenv, aptkey, kwargs)
    wanted = wanted.with_arguments({**kwargs, "signedby": signed_by})
    found = apt_source_files.find(wanted)
    file = str(kwargs.get("file") or (found[0] if found else apt_source_files.MAIN_FILE))
    source = wanted
    if found is not None:
        file, source = found[0], found[1].merged(wanted, keep_enabled=not apt_sources.says_enabled(kwargs))
    if test:
        return {repo: source.described(file, wanted.types[0])}
    if found is None:
        apt_source_files.add(file, source)
    elif source != found[1]:
        apt_source_files.replace(file, found[1], source)
    if kwargs.get("refresh", kwargs.get("refresh_db", True)):
        refresh_db()
    return {repo: source.described(file, wanted.types[0])}


def del_repo(repo: str, **kwargs: Any) -> str:
    """Remove a source of apt, or only some of its components; a file of parts that is empty then goes with it.

    CLI Example::

        saltern run '*' pkg.del_repo "deb http://deb.debian.org/debian bookworm main"
    """
    if repo.startswith("ppa:"):
        _must(_run("add-apt-repository", "--yes", "--remove", repo), f"Unable to remove {repo}")
        return f"Repo '{repo}' has been removed."
    wanted = apt_sources.parse_line(repo)
    found = apt_source_files.find(wanted) if wanted else None
    if wanted is None or found is None or not found[1].covers(wanted):
        raise CommandExecutionError(f"Repo {repo} doesn't exist in the sources.list(s)")
    file, source = found
    left = apt_sources.without_components(source, wanted.comps) if source.comps else None
    if apt_source_files.replace(file, source, left):
        said = f"Repo '{repo}' has been removed from {file}.\n"
    else:
        said = f"File {file} containing repo '{repo}' has been removed."
    if kwargs.get("refresh", kwargs.get("refresh_db", True)):
        refresh_db()
    return said


def get_repo_keys(aptkey: bool = True, keydir: str | None = None) -> dict[str, dict[str, Any]]:
    """The keys that apt trusts, by key id; with `aptkey=False` those in `/etc/apt/keyrings` or `keydir`.

    CLI Example::

        saltern run '*' pkg.get_repo_keys aptkey=False
    """
    if aptkey and __salt__["cmd.which"]("apt-key"):
        done = _run("apt-key", "adv", "--batch", "--list-public-keys", "--with-fingerprint", "--with-colons")
        return apt_keys.parse_colons(done["stdout"])
    directory = keydir or apt_keys.DIRECTORY
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
        argv = [*apt_keys.SHOW, os.path.join(directory, file)]
        found.update(apt_keys.parse_colons(_run(*argv)["stdout"]))
    return found


def add_repo_key(
    path: str | None = None,
    text: str | None = None,
    keyserver: str | None = None,
    keyid: str | None = None,
    saltenv: str = "base",
    aptkey: bool = True,
    keydir: str | None = None,
    keyfile: str | None = None,
) -> bool:
    """Let apt trust a key: a file, a text, or one that a key server has.

    With `aptkey=False` it goes into `keydir` (`/etc/apt/keyrings`) as `keyfile` or under the name of the file.

    CLI Example::

        saltern run '*' pkg.add_repo_key salt://apt/sources/test.key aptkey=False
        saltern run '*' pkg.add_repo_key keyserver=keyserver.example keyid=0000AAAA
    """
    local = _cached(path, saltenv) if path else None
    if not local and not text and not (keyserver and keyid):
        raise TypeError("add_repo_key() takes at least 1 argument (0 given)")
    if aptkey and __salt__["cmd.which"]("apt-key"):
        return int(_run(*apt_keys.apt_key(local, keyserver, keyid), stdin=text)["retcode"]) == 0
    directory = keydir or apt_keys.DIRECTORY
    name = keyfile or (os.path.basename(local) if local else "")
    if not name:
        raise SaltInvocationError("A key that comes as text or from a key server needs keyfile: the name of its file")
    target = os.path.join(directory, name)
    if keyserver and keyid:
        os.makedirs(directory, exist_ok=True)
        return int(_run(*apt_keys.receive(target, keyserver, keyid))["retcode"]) == 0
    apt_keys.store(target, local, text)
    return True


def del_repo_key(
    name: str | None = None, aptkey: bool = True, keydir: str | None = None, **kwargs: Any
) -> bool | dict[str, Any]:
    """Let apt trust a key no longer: `keyid`, with `aptkey=False` a file in `keydir` (`/etc/apt/keyrings`).

    CLI Example::

        saltern run '*' pkg.del_repo_key keyid=0123ABCD
    """
    keyid = str(kwargs.get("keyid") or "")
    if not keyid:
        raise SaltInvocationError("keyid or keyid_ppa and PPA name must be passed")
    if aptkey and __salt__["cmd.which"]("apt-key"):
        return int(_run("apt-key", "del", keyid)["retcode"]) == 0
    directory = keydir or apt_keys.DIRECTORY
    for file in sorted(os.listdir(directory)) if os.path.isdir(directory) else []:
        path = os.path.join(directory, file)
        keys = apt_keys.parse_colons(_run(*apt_keys.SHOW, path)["stdout"])
        if any(key.endswith(keyid[-8:].upper()) for key in keys):
            os.unlink(path)
            return True
    return False


def _run(*argv: str, stdin: str | None = None, ignore_retcode: bool = False) -> dict[str, Any]:
    done: dict[str, Any] = __salt__["cmd.run_all"](
        list(argv), stdin=stdin, env=_QUIET, python_shell=False, ignore_retcode=ignore_retcode
    )
    return done


def _change(argv: Sequence[str]) -> dict[str, Any]:
    """Run what changes packages."""
    return _run(*systemd.scoped(argv, __salt__["config.get"]("systemd.scope", True)))


def _must(done: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    if done["retcode"]:
        raise CommandExecutionError(f"{what}: {done['stderr'] or done['stdout']}")
    return done


def _plan(
    installed: Mapping[str, str],
    name: str | None,
    pkgs: Any,
    sources: Any,
    reinstall: bool,
    ignore_epoch: bool,
    normalize: bool,
    kwargs: Mapping[str, Any],
) -> apt_install.Plan:
    targets, kind = __salt__["pkg_resource.parse_targets"](name, pkgs, sources, normalize=normalize, **kwargs)
    if not targets:
        return apt_install.Plan()
    if kind != "file":
        return apt_install.plan(targets, installed, _versions_of, reinstall=reinstall, ignore_epoch=ignore_epoch)
    missing = next((path for path in targets if not os.path.isfile(path)), None)
    if missing is not None:
        raise CommandExecutionError(f"{missing} does not exist on minion")
    return apt_install.Plan(again=list(targets)) if reinstall else apt_install.Plan(words=list(targets))


def _simulated(argv: Sequence[str]) -> list[str]:
    # The log of what was planned is written even when nothing is done.
    return [argv[0], "--just-print", "-o", "Dir::Log::Planner=/dev/null", *argv[1:]]


def _errors_of(done: Mapping[str, Any]) -> list[str]:
    return [str(done["stderr"] or done["stdout"])] if done["retcode"] else []


def _arch() -> str:
    return str(__grains__.get("osarch", ""))


def _known() -> list[dpkg.Package]:
    """All packages that dpkg knows; read again only when its status has changed."""

    def read() -> list[dpkg.Package]:
        done = _run("dpkg-query", "--show", f"--showformat={dpkg.LIST_FORMAT}")
        _must(done, "The packages cannot be listed")
        return dpkg.parse_list(done["stdout"])

    return remembered(__context__, "pkg.list_pkgs", (dpkg.STATUS_FILE,), read)


def _is_listed(one: dpkg.Package, *, removed: bool, purge_desired: bool) -> bool:
    if removed:
        return one.status == "config-files"
    if purge_desired:
        return one.want == "purge" and one.status == "installed"
    return one.status in ("installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending")


def _policy(names: Iterable[str], fromrepo: str | None = None) -> dict[str, apt.Policy]:
    release = ["-o", f"APT::Default-Release={fromrepo}"] if fromrepo else []
    return apt.parse_policy(_run("apt-cache", "-q", *release, "policy", "--", *names)["stdout"])


def _upgrade_of(known: apt.Policy | None) -> str:
    if known is None or not known.candidate:
        return ""
    newer = not known.installed or compare_deb(known.candidate, known.installed) == 1
    return known.candidate if newer else ""


def _age_of_lists() -> float:
    """Seconds since the lists were fetched."""
    try:
        return time.time() - os.stat(f"{_LISTS}/partial").st_mtime
    except OSError:
        return float("inf")


def _versions_of(name: str) -> list[str]:
    return list_repo_pkgs(name).get(name, [])


def _installed_among(name: str | None, pkgs: Any, installed: Mapping[str, str]) -> list[str]:
    asked = packages.names_of(name, pkgs)
    if not asked:
        raise SaltInvocationError("One of name and pkgs is needed")
    matches = (one for pattern in asked for one in installed if fnmatch.fnmatchcase(one, normalize_name(pattern)))
    return list(dict.fromkeys(matches))


def _selected() -> dict[str, str]:
    return {name: state for state, names in get_selections().items() for name in names}


def _mapping(value: Any) -> dict[str, list[str]]:
    import yaml

    loaded = yaml.safe_load(value) if isinstance(value, str) else value
    if not isinstance(loaded, dict):
        raise SaltInvocationError("selection must be a dictionary of states to lists of packages")
    return {str(state): [names] if isinstance(names, str) else list(names) for state, names in loaded.items()}


def _selections_in(path: str, saltenv: str) -> dict[str, list[str]]:
    with open(_cached(path, saltenv), encoding="utf-8") as file:
        return dpkg.parse_selections(file.read())


def _apply_selections(wanted: Mapping[str, Sequence[str]], before: Mapping[str, str]) -> dict[str, dict[str, str]]:
    lines = []
    changed = {}
    for state, names in wanted.items():
        for name in names:
            if before.get(name) != state:
                lines.append(f"{name} {state}\n")
                changed[name] = {"old": before.get(name, ""), "new": state}
    if lines and not __opts__.get("test"):
        _must(_run("dpkg", "--set-selections", stdin="".join(lines)), "dpkg --set-selections")
    return changed


def _select(state: str, name: str | None, pkgs: Any, sources: Any) -> dict[str, Any]:
    if sum(map(bool, (name, pkgs, sources))) != 1:
        raise SaltInvocationError("One of name, pkgs, or sources must be specified.")
    selected = _selected()
    names = packages.names_of(name, pkgs or sources)
    return {one: _select_one(state, one, selected.get(normalize_name(one), selected.get(one))) for one in names}


def _select_one(state: str, name: str, current: str | None) -> dict[str, Any]:
    if current is None:
        return packages.hold_result(name, comment=f"Package {name} does not have a state.")
    wanted, test = state == "hold", bool(__opts__.get("test"))
    if wanted == (current == "hold"):
        return packages.already_held(name, wanted=wanted)
    if not test:
        _apply_selections({state: [name]}, {})
    return packages.newly_held(name, wanted=wanted, old=current, new=state, test=test)


def _cached(path: str, saltenv: str) -> str:
    local = __salt__["cp.cache_file"](path, saltenv) if "://" in path else path
    if not local or not os.path.isfile(local):
        raise CommandExecutionError(f"Cannot find {path}")
    return str(local)


def _add_ppa(repo: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    if __grains__.get("os") != "Ubuntu":
        raise CommandExecutionError(f"Unable to add {repo}: PPAs are made for Ubuntu")
    if not __salt__["cmd.which"]("add-apt-repository"):
        raise CommandExecutionError("add-apt-repository is needed for PPAs: install software-properties-common")
    _must(_run("add-apt-repository", "--yes", "--no-update", repo), f"Unable to add PPA '{repo[4:]}'")
    if kwargs.get("refresh", True):
        refresh_db()
    return {repo: {}}


def _fetch_keys(saltenv: str, aptkey: bool, kwargs: Mapping[str, Any]) -> str:
    """Add the keys that the arguments name; the file that they went to, if there is a certain one."""
    signed_by = str(kwargs.get("signedby") or "")
    directory, name = os.path.split(signed_by)
    target: dict[str, Any] = {
        "saltenv": saltenv,
        "aptkey": aptkey,
        "keydir": directory or None,
        "keyfile": name or None,
    }
    keyids = kwargs.get("keyid") or []
    for keyid in keyids.split(",") if isinstance(keyids, str) else [keyids] if isinstance(keyids, int) else keyids:
        if not add_repo_key(keyserver=kwargs.get("keyserver"), keyid=str(keyid), **target):
            raise CommandExecutionError(f"The key {keyid} cannot be fetched from {kwargs.get('keyserver')}")
    for url in [kwargs["key_url"]] if isinstance(kwargs.get("key_url"), str) else kwargs.get("key_url") or []:
        if not add_repo_key(path=url, **target):
            raise CommandExecutionError(f"The key {url} cannot be added")
    if kwargs.get("key_text") and not add_repo_key(text=kwargs["key_text"], **target):
        raise CommandExecutionError("The key that was given as text cannot be added")
    return signed_by
