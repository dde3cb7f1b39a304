"""What the package modules of all systems share: reading the arguments of an installation, and comparing versions."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Mapping
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Grains, SaltInvocationError

__salt__: Functions
__grains__: Grains

_OPERATORS = {"==": (0,), "!=": (-1, 1), "<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


def pack_sources(sources: Any, normalize: bool = True) -> dict[str, str]:
    """A list of `{package: file}` as one dictionary; empty when it is no such list.

    `normalize` strips the architecture of the machine from names.

    CLI Example::

        saltern run '*' pkg_resource.pack_sources '[{"foo": "salt://foo.rpm"}, {"bar": "salt://bar.rpm"}]'
    """
    items = _listed(sources)
    if not all(isinstance(item, Mapping) and len(item) == 1 for item in items):
        return {}
    return {_normal(str(name), normalize): str(place) for item in items for name, place in item.items()}


def parse_targets(
    name: str | None = None,
    pkgs: Any = None,
    sources: Any = None,
    saltenv: str = "base",
    normalize: bool = True,
    **kwargs: Any,
) -> tuple[Any, str | None]:
    """The packages that an installation names, and where they come from.

    From a `repository` they are names with versions or None, from a `file` the paths of files on this machine, to
    which files of the master and other URLs have been copied. `(None, None)` when nothing is named, or too much.

    CLI Example::

        saltern run '*' pkg_resource.parse_targets pkgs='["foo", {"bar": "1.2"}]'
    """
    if pkgs and sources:
        return None, None
    if pkgs:
        return _packages(pkgs, normalize), "repository"
    if sources:
        packed = pack_sources(sources, normalize=normalize)
        return (
            ([_local(package, place, saltenv) for package, place in packed.items()], "file") if packed else (None,) * 2
        )
    if name:
        version_ = kwargs.get("version")
        wanted = None if version_ is None else str(version_)
        names = (one.strip() for one in str(name).split(","))
        return {_normal(one, normalize): wanted for one in names if one}, "repository"
    return None, None


def version(*names: str, **kwargs: Any) -> Any:
    """The installed version of a package, or of several by name; globs give all that match.

    CLI Example::

        saltern run '*' pkg_resource.version vim
        saltern run '*' pkg_resource.version 'python*'
    """
    options = {key: value for key, value in kwargs.items() if not key.startswith("__")}
    as_list = bool(options.pop("versions_as_list", False))
    if not names:
        return {}
    installed = __salt__["pkg.list_pkgs"](versions_as_list=as_list, **options)
    none: Any = [] if as_list else ""
    found: dict[str, Any] = {}
    for name in names:
        if any(mark in name for mark in "*?["):
            found.update({one: installed[one] for one in installed if fnmatch.fnmatchcase(one, name)})
        else:
            found[name] = installed.get(name, none)
    return found[names[0]] if len(names) == 1 and names[0] in found else found


def add_pkg(pkgs: dict[str, list[str]], name: str, pkgver: str) -> None:
    """Add a version to the list of a package in a dictionary, in place.

    CLI Example::

        saltern run '*' pkg_resource.add_pkg '{}' bind 9
    """
    pkgs.setdefault(name, []).append(pkgver)


def sort_pkglist(pkgs: dict[str, list[str]]) -> None:
    """Sort the lists of versions of a dictionary of packages, in place.

    CLI Example::

        saltern run '*' pkg_resource.sort_pkglist '{"vim": ["3.45", "2.13"]}'
    """
    for versions in pkgs.values():
        if isinstance(versions, list):
            versions[:] = sorted(set(versions))


def stringify(pkgs: dict[str, Any]) -> None:
    """Make texts of the lists of versions of a dictionary of packages, in place.

    CLI Example::

        saltern run '*' pkg_resource.stringify '{"vim": ["7.127"]}'
    """
    for name, versions in pkgs.items():
        if isinstance(versions, list):
            pkgs[name] = ",".join(versions)


def version_clean(verstr: Any) -> Any:
    """A version without what `pkg.version_clean` of this system knows to be no part of it.

    CLI Example::

        saltern run '*' pkg_resource.version_clean 1.2.3
    """
    if verstr and "pkg.version_clean" in __salt__:
        return __salt__["pkg.version_clean"](verstr)
    return verstr


def version_compare(ver1: str, oper: str, ver2: str, ignore_epoch: bool = False) -> bool:
    """Whether two versions stand to each other as `oper` says: `==`, `!=`, `<`, `<=`, `>` or `>=`.

    CLI Example::

        saltern run '*' pkg_resource.version_compare '3.5' '<=' '2.4'
    """
    order = __salt__["pkg.version_cmp"](ver1, ver2, ignore_epoch=ignore_epoch)
    return order in _OPERATORS.get(oper, ())


def check_extra_requirements(pkgname: str, pkgver: Any) -> bool:
    """Whether an installed package has what is asked of it besides its version, where the system knows of such things.

    CLI Example::

        saltern run '*' pkg_resource.check_extra_requirements bash 5.2
    """
    if pkgver and "pkg.check_extra_requirements" in __salt__:
        return bool(__salt__["pkg.check_extra_requirements"](pkgname, pkgver))
    return True


def format_pkg_list(packages: Mapping[str, list[dict[str, Any]]], versions_as_list: bool, attr: Any) -> dict[str, Any]:
    """A list of packages in the form that `pkg.list_pkgs` was asked for: texts, lists, or with these attributes.

    CLI Example::

        saltern run '*' pkg_resource.format_pkg_list '{"vim": [{"version": "9", "arch": "x86_64"}]}' False '[arch]'
    """
    if attr and attr != "all":
        wanted = {"version", *_listed(attr)}
        return {
            name: [{key: value for key, value in one.items() if key in wanted} for one in instances]
            for name, instances in packages.items()
        }
    if attr:
        return {name: list(instances) for name, instances in packages.items()}
    plain = {name: sorted({str(one["version"]) for one in instances}) for name, instances in packages.items()}
    return dict(plain) if versions_as_list else {name: ",".join(versions) for name, versions in plain.items()}


def format_version(epoch: Any, version: Any, release: Any) -> str:
    """`epoch:version-release`, without the parts that are empty.

    CLI Example::

        saltern run '*' pkg_resource.format_version 1 2.3 4.el9
    """
    front = f"{epoch}:" if epoch and str(epoch) not in ("0", "(none)") else ""
    return f"{front}{version}" + (f"-{release}" if release else "")


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str):
        import yaml

        try:
            loaded = yaml.safe_load(value)
        except yaml.YAMLError:
            return [value]
        return loaded if isinstance(loaded, list) else [part.strip() for part in value.split(",")]
    return list(value)


def _normal(name: str, wanted: bool) -> str:
    return str(__salt__["pkg.normalize_name"](name)) if wanted and "pkg.normalize_name" in __salt__ else name


def _packages(pkgs: Any, normalize: bool) -> dict[str, str | None]:
    if not isinstance(pkgs, list | tuple) or any(isinstance(item, list | tuple) for item in pkgs):
        raise SaltInvocationError(f"pkgs must be a list of names or of one-item dictionaries, not {pkgs!r}")
    found: dict[str, str | None] = {}
    for item in pkgs:
        pairs = item.items() if isinstance(item, Mapping) else [(item, None)]
        for name, wanted in pairs:
            normal = _normal(str(name), normalize)
            if normal in found:
                raise SaltInvocationError(
                    f"You are passing a list of packages that contains duplicated packages names: {pkgs}. This cannot "
                    "be processed. In case you are targeting different versions of the same package, please target "
                    "them individually"
                )
            found[normal] = None if wanted is None else str(wanted)
    return found


def _local(package: str, place: str, saltenv: str) -> str:
    """The path on this machine of a package file."""
    if "://" in place:
        copied = __salt__["cp.cache_file"](place, saltenv)
        if not copied:
            raise CommandExecutionError(f"The file {place} of package {package} cannot be fetched (saltenv {saltenv})")
        return str(copied)
    if not os.path.isabs(place):
        raise SaltInvocationError(f"Path {place} for package {package} is either not absolute or an invalid protocol")
    return place
