"""Packages as dpkg knows them, on Debian and its relatives."""

from __future__ import annotations

import datetime
import os
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Grains
from saltern.plugin_api.linux import dpkg

__salt__: Functions
__grains__: Grains

__virtualname__ = "lowpkg"


def __virtual__() -> str | tuple[bool, str]:
    if __grains__.get("os_family") == "Debian":
        return __virtualname__
    return False, "dpkg is the package manager of Debian and its relatives only"


def bin_pkg_info(path: str, saltenv: str = "base") -> dict[str, str]:
    """Name, version and architecture of a `.deb` file, which may be one of the master's.

    CLI Example::

        saltern run '*' lowpkg.bin_pkg_info /root/foo-1.2.3-1ubuntu1_all.deb
    """
    local = __salt__["cp.cache_file"](path, saltenv) if "://" in path else path
    if not local or not os.path.isfile(local):
        raise CommandExecutionError(f"{path} does not exist on minion")
    done = _run("dpkg-deb", "--field", str(local), "Package", "Version", "Architecture")
    if done["retcode"]:
        raise CommandExecutionError(f"Unable to get info for {path}: {_said(done)}")
    control = dpkg.parse_control(done["stdout"])[0]
    return {"name": control["Package"], "version": control["Version"], "arch": control["Architecture"]}


def unpurge(*packages: str) -> dict[str, Any]:
    """Select packages for installation, and return what differs.

    CLI Example::

        saltern run '*' lowpkg.unpurge curl
    """
    if not packages:
        return {}
    before = _selected()
    selections = "".join(f"{name} install\n" for name in packages)
    done = __salt__["cmd.run_all"](["dpkg", "--set-selections"], stdin=selections, python_shell=False)
    if done["retcode"]:
        raise CommandExecutionError(f"The selections cannot be set: {_said(done)}")
    after = _selected()
    return {
        name: {"old": before.get(name, ""), "new": after.get(name, "")}
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def list_pkgs(*packages: str, **kwargs: Any) -> dict[str, str] | str:
    """The installed packages with their versions: these (globs work), or all.

    CLI Example::

        saltern run '*' lowpkg.list_pkgs hostname mount
    """
    done = _query(dpkg.LIST_FORMAT, packages)
    if done["retcode"]:
        return f"Error:  {_said(done)}"
    installed = (one for one in dpkg.parse_list(done["stdout"]) if one.status == "installed")
    return {one.name_on(_arch()): one.version for one in installed}


def file_list(*packages: str, **kwargs: Any) -> dict[str, list[str]] | str:
    """The files of packages, as `{"errors": […], "files": […]}`; of all packages when none is named.

    CLI Example::

        saltern run '*' lowpkg.file_list hostname mount
    """
    found = file_dict(*packages)
    if isinstance(found, str):
        return found
    files = {path for paths in found["packages"].values() for path in paths}
    return {"errors": found["errors"], "files": sorted(files)}


def file_dict(*packages: str, **kwargs: Any) -> dict[str, Any] | str:
    """The files of packages by package, as `{"errors": […], "packages": {…}}`; of all when none is named.

    CLI Example::

        saltern run '*' lowpkg.file_dict hostname mount
    """
    listed = _query("${binary:Package}\n", packages)
    if listed["retcode"]:
        return f"Error:  {_said(listed)}"
    errors: list[str] = []
    files: dict[str, list[str]] = {}
    for name in listed["stdout"].split():
        done = _run("dpkg-query", "--listfiles", name)
        if done["retcode"]:
            errors.append(_said(done))
        else:
            files[name] = [line for line in done["stdout"].splitlines() if line.startswith("/")]
    return {"errors": errors, "packages": files}


def info(*packages: str, **kwargs: Any) -> dict[str, dict[str, str]]:
    """What dpkg tells of installed packages: version, architecture, maintainer, description and so on.

    With `failhard=False` a package that is not installed is left out; else it is an error. `attr` names the fields
    that are wanted.

    CLI Example::

        saltern run '*' lowpkg.info bash 'php*' failhard=False
    """
    done = _query(dpkg.INFO_FORMAT, packages)
    if done["retcode"] and kwargs.get("failhard", True):
        raise CommandExecutionError(f"Error getting packages information: {_said(done)}")
    found = {
        name: {**fields, **_more(name, fields)}
        for name, fields in dpkg.parse_info(done["stdout"]).items()
        if fields.get("status", "")[1:2] == "i"
    }
    wanted = kwargs.get("attr")
    if not wanted:
        return found
    names = wanted.split(",") if isinstance(wanted, str) else list(wanted)
    return {name: {key: value for key, value in fields.items() if key in names} for name, fields in found.items()}


def _more(name: str, fields: dict[str, str]) -> dict[str, str]:
    """What dpkg does not print: when a package was installed, and under which licences it comes."""
    found: dict[str, str] = {}
    for base in (name, f"{name}:{fields.get('architecture')}"):
        try:
            status = os.stat(f"{dpkg.INFO_DIRECTORY}/{base}.list")
        except OSError:
            continue
        moment = datetime.datetime.fromtimestamp(status.st_mtime, datetime.UTC)
        found["install_date"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        with open(f"/usr/share/doc/{name}/copyright", encoding="utf-8", errors="replace") as file:
            licence = dpkg.licences(file.read())
    except OSError:
        licence = ""
    return {**found, "license": licence} if licence else found


def _selected() -> dict[str, str]:
    done = _run("dpkg", "--get-selections")
    return {name: state for state, names in dpkg.parse_selections(done["stdout"]).items() for name in names}


def _arch() -> str:
    return str(__grains__.get("osarch", ""))


def _query(fields: str, packages: tuple[str, ...]) -> dict[str, Any]:
    return _run("dpkg-query", "--show", f"--showformat={fields}", *packages)


def _run(*argv: str) -> dict[str, Any]:
    done: dict[str, Any] = __salt__["cmd.run_all"](list(argv), python_shell=False)
    return done


def _said(done: dict[str, Any]) -> str:
    return str(done["stderr"] or done["stdout"])
