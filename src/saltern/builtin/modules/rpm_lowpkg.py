"""Packages as rpm knows them, on Red Hat's and SUSE's systems and their relatives.

`root=` is the directory of another system in all functions that have keyword arguments.
"""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Grains, packages
from saltern.plugin_api.linux import rpm
from saltern.plugin_api.versions import compare_rpm, without_epoch

__salt__: Functions
__grains__: Grains

__virtualname__ = "lowpkg"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") in ("RedHat", "Suse"):
        return __virtualname__
    return False, "rpm is the package manager of the families of Red Hat and SUSE only"


def bin_pkg_info(path: str, saltenv: str = "base") -> dict[str, Any] | None:
    """Name, version and architecture of an `.rpm` file, which may be one of the master's; None for any other file.

    CLI Example::

        saltern run '*' lowpkg.bin_pkg_info /root/foo-1.2.3-1.el9.noarch.rpm
    """
    local = __salt__["cp.cache_file"](path, saltenv) if "://" in path else path
    if not local or not os.path.isfile(local):
        raise CommandExecutionError(f"{path} does not exist on minion")
    # A file that is not installed has no time of installation.
    fields = rpm.LIST_FORMAT.replace("%{INSTALLTIME}", "0")
    done = _run(None, "--query", "--queryformat", fields, "--package", str(local), ignore_retcode=True)
    found = rpm.parse_list(done["stdout"])
    if not found:
        return None
    return {"name": found[0].name, "version": found[0].evr, "arch": found[0].arch}


def list_pkgs(*packages: str, **kwargs: Any) -> dict[str, str]:
    """The installed packages with their versions, without releases: these, or all.

    CLI Example::

        saltern run '*' lowpkg.list_pkgs
    """
    done = _run(kwargs.get("root"), "--query", *(packages or ("--all",)), "--queryformat", rpm.LIST_FORMAT)
    return {one.name: one.version for one in rpm.parse_list(done["stdout"])}


def verify(*packages: str, **kwargs: Any) -> dict[str, dict[str, Any]]:
    """The files that are not as their packages had them, and in which way.

    `ignore_types` leaves out files that are `config`, `doc`, `ghost`, `license` or `readme`; `verify_options` are
    options of `rpm --verify` without the dashes (`nosize`).

    CLI Example::

        saltern run '*' lowpkg.verify httpd postfix ignore_types='[config, doc]'
    """
    options = [f"--{one}" for one in _listed(kwargs.get("verify_options"))]
    ignored = _listed(kwargs.get("ignore_types"))
    files = _verified(packages, kwargs.get("root"), options)
    found = {one.path: one.verified() for one in files}
    return {path: one for path, one in found.items() if one.get("type") not in ignored or "type" not in one}


def modified(*packages: str, **flags: Any) -> dict[str, list[str]]:
    """The files that were changed, with what is different about them (`size`, `checksum`, `mode`, …).

    A flag keeps only files with that difference, `size=True`, or without it, `time=False`.

    CLI Example::

        saltern run '*' lowpkg.modified httpd postfix
    """
    root = flags.pop("root", None)
    wanted = {name: bool(value) for name, value in flags.items() if not name.startswith("__")}
    found = {one.path: one.modified() for one in _verified(packages, root, []) if not one.missing}
    return {path: words for path, words in found.items() if all((flag in words) == on for flag, on in wanted.items())}


def file_list(*packages: str, **kwargs: Any) -> dict[str, list[str]]:
    """The files of packages, as `{"errors": […], "files": […]}`; of all packages when none is named.

    CLI Example::

        saltern run '*' lowpkg.file_list httpd postfix
    """
    found = file_dict(*packages, **kwargs)
    files = {path for paths in found["packages"].values() for path in paths}
    return {"errors": found["errors"], "files": sorted(files)}


def file_dict(*packages: str, **kwargs: Any) -> dict[str, Any]:
    """The files of packages by package, as `{"errors": […], "packages": {…}}`; of all when none is named.

    CLI Example::

        saltern run '*' lowpkg.file_dict httpd postfix
    """
    done = _run(kwargs.get("root"), "--query", *(packages or ("--all",)), "--queryformat", "[%{=NAME} %{FILENAMES}\n]")
    files: dict[str, list[str]] = {}
    errors: list[str] = []
    for line in [*done["stdout"].splitlines(), *done["stderr"].splitlines()]:
        name, _, path = line.partition(" ")
        if path.startswith("/"):
            files.setdefault(name, []).append(path)
        elif line:
            errors.append(line)
    return {"errors": errors, "packages": files}


def owner(*paths: str, **kwargs: Any) -> Any:
    """The package that a file belongs to, empty when none does; of several files by path.

    CLI Example::

        saltern run '*' lowpkg.owner /usr/bin/apachectl /etc/httpd/conf/httpd.conf
    """
    if not paths:
        return ""
    found = {}
    for path in paths:
        done = _run(kwargs.get("root"), "--query", "--file", path, "--queryformat", "%{NAME}\n")
        found[path] = "" if done["retcode"] else ", ".join(done["stdout"].split())
    return packages.one_or_all(found, paths)


def diff(package_path: str, path: str) -> str:
    """How an installed file differs from the one in a package file, as a unified diff.

    CLI Example::

        saltern run '*' lowpkg.diff /path/to/apache2.rpm /etc/apache2/httpd.conf
    """
    import difflib

    from saltern.plugin_api import process

    unpacked = process.run(["rpm2cpio", package_path])
    if unpacked.retcode:
        raise CommandExecutionError(
            f"{package_path} cannot be unpacked: {process.text_of(unpacked.stderr, strip=True)}"
        )
    try:
        done = process.run(["cpio", "--quiet", "--extract", "--to-stdout", f".{path}"], stdin=bytes(unpacked.stdout))
    except FileNotFoundError as error:
        raise CommandExecutionError("cpio is needed to look into packages, and is not installed") from error
    with open(path, "rb") as file:
        ours = file.read()
    if b"\0" in ours or b"\0" in done.stdout:
        return "" if ours == done.stdout else f"File '{path}' is binary and its content has been modified."
    theirs = process.text_of(done.stdout).splitlines(keepends=True)
    lines = difflib.unified_diff(theirs, ours.decode(errors="replace").splitlines(keepends=True), package_path, path)
    return "".join(lines)


def info(*packages: str, **kwargs: Any) -> dict[str, Any]:
    """What rpm tells of installed packages (of all without a name): version, vendor, description and so on.

    `attr` names the fields that are wanted, `all_versions` gives a list for each package.

    CLI Example::

        saltern run '*' lowpkg.info apache2 bash attr=version,build_date_iso,size
    """
    done = _run(
        kwargs.get("root"),
        "--query",
        *(packages or ("--all",)),
        "--queryformat",
        rpm.INFO_FORMAT,
        ignore_retcode=True,
    )
    wanted = _listed(kwargs.get("attr"))
    everything = bool(kwargs.get("all_versions"))
    found: dict[str, list[dict[str, Any]]] = {}
    for fields in sorted(rpm.parse_info(done["stdout"]), key=lambda one: one.get("install_date_time_t", 0)):
        name = fields.pop("name")
        chosen = rpm.only(fields, wanted) if wanted else fields
        edition = rpm.with_edition(fields)["edition"]
        found.setdefault(name, []).append({**chosen, "edition": edition} if everything else chosen)
    return dict(found) if everything else {name: versions[-1] for name, versions in found.items()}


def version_cmp(ver1: Any, ver2: Any, ignore_epoch: bool = False) -> int | None:
    """-1, 0 or 1 for the first version being older, the same or newer; None for a text that is no version.

    CLI Example::

        saltern run '*' lowpkg.version_cmp '0.2-001' '0.2.0.1-002'
    """
    one, other = str(ver1), str(ver2)
    return compare_rpm(without_epoch(one), without_epoch(other)) if ignore_epoch else compare_rpm(one, other)


def checksum(*paths: str, **kwargs: Any) -> dict[str, bool]:
    """Whether the digests and signatures of package files are right, by path.

    CLI Example::

        saltern run '*' lowpkg.checksum /path/to/package1.rpm /path/to/package2.rpm
    """
    if not paths:
        raise CommandExecutionError("No package files has been specified.")
    return {
        path: os.path.isfile(path) and not _run(kwargs.get("root"), "--checksig", "--quiet", path)["retcode"]
        for path in paths
    }


def _verified(packages: tuple[str, ...], root: str | None, options: list[str]) -> list[rpm.Mismatch]:
    # It ends with the number of files that differ, which is no failure.
    done = _run(root, "--verify", *options, *(packages or ("--all",)), ignore_retcode=True)
    missing = [line for line in done["stdout"].splitlines() if line.endswith(" is not installed")]
    if missing and len(missing) == len(packages):
        raise CommandExecutionError("\n".join(missing))
    return rpm.parse_verification(done["stdout"])


def _listed(value: Any) -> list[str]:
    return packages.words_of(value)


def _run(root: str | None, *words: str, ignore_retcode: bool = False) -> dict[str, Any]:
    argv = ["rpm", *(["--root", root] if root else []), *words]
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=ignore_retcode)
    return done
