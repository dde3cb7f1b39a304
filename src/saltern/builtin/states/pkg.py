"""Packages are installed, at their newest version, removed, or held.

All arguments that a state does not know go to the function of `pkg` that does the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Context, Functions, Opts, SaltInvocationError, packages
from saltern.plugin_api import package_states as states
from saltern.plugin_api.aggregates import to_come
from saltern.plugin_api.state_beacon import without_beacon

__salt__: Functions
__states__: Functions
__opts__: Opts
__context__: Context

_REFRESH = "pkg.refresh_is_due"
_TEST_NOTE = "The following packages would be"


def mod_init(low: Mapping[str, Any]) -> bool:
    """The lists of packages are fetched once in a run, by the first state that needs them."""
    __context__[_REFRESH] = True
    return True


def mod_aggregate(
    low: Mapping[str, Any], chunks: Sequence[Mapping[str, Any]], running: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The packages of later states that want the same are seen to with those of the first one, in one transaction."""
    if low["fun"] not in ("installed", "latest", "removed", "purged"):
        return low
    return states.joined(low, to_come(low, chunks, running))


def installed(
    name: str,
    version: Any = None,
    refresh: bool | None = None,
    fromrepo: str | None = None,
    skip_verify: bool = False,
    skip_suggestions: bool = False,
    pkgs: Any = None,
    sources: Any = None,
    allow_updates: bool = False,
    pkg_verify: Any = False,
    normalize: bool = True,
    ignore_epoch: bool | None = None,
    reinstall: bool = False,
    update_holds: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """Packages are installed, at the versions that are said.

    A version may have an operator (`>=1.2`), several conditions joined by commas, or wildcards, or be `latest`.
    """
    if pkgs is not None and not pkgs:
        return _result(name, True, {}, "No packages to install provided")
    try:
        desired, files = _desired(name, version, pkgs, sources, normalize)
    except (CommandExecutionError, SaltInvocationError) as error:
        return _result(name, False, {}, str(error))
    if not desired:
        return _result(name, False, {}, "Invalidly formatted 'sources' parameter. See minion log.")
    desired = _with_latest(desired, refresh, fromrepo)
    rules = states.Rules(_compare, ignore_epoch, bool(allow_updates))
    now = _installed_versions()
    todo = states.missing(desired, now, rules, reinstall=bool(reinstall))
    altered: dict[str, Any] = {}
    if pkg_verify:
        if "pkg.verify" not in __salt__:
            return _result(name, False, {}, "pkg.verify not implemented")
        altered = _altered([one for one in desired if one not in todo.all], pkg_verify)
        todo.reinstall.update({one: desired[one] for one in altered})
    if not todo:
        versions = " and are at the desired version" if any(desired.values()) and not files else ""
        return _held_too(
            _result(name, True, {}, f"All specified packages are already installed{versions}"), desired, kwargs
        )
    arguments = {**_passed(kwargs), "fromrepo": fromrepo, "skip_verify": skip_verify, "update_holds": update_holds}
    if __opts__["test"]:
        changes = _predicted_installation(todo, files, arguments)
        return _held_too(_result(name, None, changes, _would_install(todo)), desired, kwargs)
    return _install(name, desired, files, todo, rules, altered, {**arguments, "normalize": normalize}, refresh, kwargs)


def latest(
    name: str,
    refresh: bool | None = None,
    fromrepo: str | None = None,
    skip_verify: bool = False,
    pkgs: Any = None,
    watch_flags: bool = True,
    **kwargs: Any,
) -> dict[str, Any]:
    """Packages are installed, at the newest version that the repositories have."""
    if pkgs is not None and not pkgs:
        return _result(name, True, {}, "No packages to install provided")
    try:
        names = packages.names_of(name, pkgs)
        _refresh(True if refresh is None else refresh, only_once=refresh is None)
        available = _by_name(__salt__["pkg.latest_version"](*names, fromrepo=fromrepo, refresh=False), names)
    except CommandExecutionError as error:
        return _result(
            name, False, {}, f"An error was encountered while checking the newest available version: {error}"
        )
    now = __salt__["pkg.list_pkgs"]()
    unknown = [one for one in names if not available.get(one) and one not in now]
    if unknown:
        return _result(name, False, {}, "\n".join(f"No information found for '{one}'." for one in unknown))
    targets = {one: {"old": now.get(one, ""), "new": available[one]} for one in names if available.get(one)}
    current = [one for one in names if one not in targets]
    if not targets:
        return _result(name, True, {}, states.up_to_date(current))
    arguments = {**_passed(kwargs), "fromrepo": fromrepo, "skip_verify": skip_verify}
    if __opts__["test"]:
        comment = f"{_TEST_NOTE} installed/upgraded: {', '.join(sorted(targets))}"
        if current:
            shown = [f"{one} ({now.get(one, '')})" for one in sorted(current)]
            comment += f"\nThe following packages are already up-to-date: {states.few(shown, 'packages')}"
        changes = _predicted("install", targets, pkgs=[*targets], **arguments)
        return _result(name, None, changes, comment)
    try:
        changes = __salt__["pkg.install"](pkgs=[*targets], refresh=False, **arguments)
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while installing package(s)")
    after = __salt__["pkg.list_pkgs"]()
    failed = [one for one in targets if one not in changes and after.get(one) != targets[one]["new"]]
    done = [one for one in targets if one not in failed]
    said = []
    if failed:
        said.append(f"The following packages failed to update: {', '.join(sorted(failed))}")
    if done:
        said.append(f"The following packages were successfully installed/upgraded: {', '.join(sorted(done))}")
    if current:
        said.append(f"The following packages were already up-to-date: {states.few(sorted(current), 'packages')}")
    return _result(name, not failed, changes, " ".join(said))


def uptodate(name: str, refresh: bool = False, pkgs: Any = None, **kwargs: Any) -> dict[str, Any]:
    """The whole system, or these packages, are at their newest versions. The name means nothing."""
    try:
        _refresh(bool(refresh))
        upgrades = __salt__["pkg.list_upgrades"](refresh=False, **_passed(kwargs))
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while checking for upgrades")
    wanted = packages.names_of(None, pkgs)
    now = __salt__["pkg.list_pkgs"]()
    expected = {
        one: {"old": now.get(one, ""), "new": version}
        for one, version in upgrades.items()
        if not wanted or one in wanted
    }
    if not expected:
        return _result(name, True, {}, "System is already up-to-date")
    if __opts__["test"]:
        return _result(name, None, expected, "System update will be performed")
    try:
        chosen = {"pkgs": wanted} if wanted else {}
        changes = __salt__["pkg.upgrade"](refresh=False, **chosen, **_passed(kwargs))
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while upgrading packages")
    missing = [one for one in expected if one not in changes]
    if missing:
        return _result(name, False, changes, f"The following package(s) failed to update: {', '.join(sorted(missing))}")
    return _result(name, True, changes, "Upgrade ran successfully")


def removed(
    name: str,
    version: Any = None,
    pkgs: Any = None,
    normalize: bool = True,
    ignore_epoch: bool | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Packages are not installed, or not at a version that is said."""
    return _uninstall("remove", name, version, pkgs, normalize, ignore_epoch, kwargs)


def purged(
    name: str,
    version: Any = None,
    pkgs: Any = None,
    normalize: bool = True,
    ignore_epoch: bool | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Packages are not installed, and nothing is left of their configuration."""
    return _uninstall("purge", name, version, pkgs, normalize, ignore_epoch, kwargs)


def downloaded(
    name: str,
    version: Any = None,
    pkgs: Any = None,
    fromrepo: str | None = None,
    ignore_epoch: bool | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Package files lie in the package manager's cache."""
    if "pkg.list_downloaded" not in __salt__:
        return _result(name, False, {}, "The pkg.downloaded state is not available on this platform")
    if pkgs is not None and not pkgs:
        return _result(name, True, {}, "No packages to download provided")
    desired, _ = _desired(name, version, pkgs, None, True)
    rules = states.Rules(_compare, ignore_epoch)
    here = {one: [*versions] for one, versions in __salt__["pkg.list_downloaded"](**_passed(kwargs)).items()}
    todo = states.missing(desired, here, rules).install
    if not todo:
        return _result(name, True, {}, "All specified packages are already downloaded")
    listed = ", ".join(states.wanted_text(*pair) for pair in todo.items())
    if __opts__["test"]:
        changes = states.predicted(todo, {}, _newest(list(todo), fromrepo))
        return _result(name, None, changes, f"{_TEST_NOTE} downloaded: {listed}")
    wanted = [{one: exact} if exact else one for one, exact in todo.items()]
    try:
        changes = __salt__["pkg.install"](pkgs=wanted, downloadonly=True, fromrepo=fromrepo, **_passed(kwargs))
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while downloading package(s)")
    before = here
    here = {one: [*versions] for one, versions in __salt__["pkg.list_downloaded"](**_passed(kwargs)).items()}
    for one in todo:
        new = [version for version in here.get(one, []) if version not in before.get(one, [])]
        changes = {**changes, **({one: {"old": "", "new": new[-1]}} if new else {})}
    failed = states.missing(todo, here, rules).install
    if failed:
        shown = ", ".join(states.wanted_text(*pair) for pair in failed.items())
        return _result(name, False, changes, f"The following packages failed to download: {shown}")
    return _result(name, True, changes, f"Successfully downloaded: {listed}")


def patch_installed(
    name: str, advisory_ids: Any = None, downloadonly: bool | None = None, **kwargs: Any
) -> dict[str, Any]:
    """The patches of advisories are installed, on systems that have such."""
    if "pkg.list_patches" not in __salt__:
        return _result(name, False, {}, "The pkg.patch_installed state is not available on this platform")
    if not advisory_ids:
        return _result(name, True, {}, "No advisory ids provided")
    known = __salt__["pkg.list_patches"]()
    unknown = [one for one in advisory_ids if one not in known]
    if unknown:
        return _result(name, False, {}, f"No advisory found for: {', '.join(unknown)}")
    wanted = [one for one in advisory_ids if not known[one]["installed"]]
    if not wanted:
        return _result(name, True, {}, "Advisory patch already installed")
    listed = ", ".join(wanted)
    verb = "downloaded" if downloadonly else "installed"
    if __opts__["test"]:
        changes = {one: {"old": "", "new": verb} for one in wanted}
        return _result(name, None, changes, f"The following advisory patches would be {verb}: {listed}")
    try:
        changes = __salt__["pkg.install"](advisory_ids=wanted, downloadonly=bool(downloadonly), **_passed(kwargs))
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while installing patches")
    return _result(name, True, changes, f"Successfully {verb} {listed}")


def patch_downloaded(name: str, advisory_ids: Any = None, **kwargs: Any) -> dict[str, Any]:
    """The patches of advisories lie in the package manager's cache."""
    return patch_installed(name, advisory_ids, downloadonly=True, **_passed(kwargs))


def group_installed(name: str, skip: Any = None, include: Any = None, **kwargs: Any) -> dict[str, Any]:
    """The packages of a group are installed, without `skip` and with `include`."""
    if "pkg.group_diff" not in __salt__ or "pkg.group_install" not in __salt__:
        return _result(name, False, {}, "pkg.group_install not available for this platform")
    left_out, more = packages.words_of(skip), packages.words_of(include)
    try:
        differences = __salt__["pkg.group_diff"](name)
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while installing/updating group")
    known = {one for part in differences.values() for names in part.values() for one in names}
    strange = [one for one in more if one not in known]
    if strange:
        return _result(name, False, {}, f"No such package(s) in group '{name}': {', '.join(strange)}")
    mandatory = [one for one in left_out if one in differences["mandatory"]["not installed"]]
    if mandatory:
        shown = ", ".join(mandatory)
        return _result(name, False, {}, f"The following mandatory packages cannot be skipped: {shown}")
    wanted = [*differences["mandatory"]["not installed"], *differences["default"]["not installed"]]
    now = __salt__["pkg.list_pkgs"]()
    targets = [one for one in dict.fromkeys([*wanted, *more]) if one not in left_out and one not in now]
    if not targets:
        return _result(name, True, {}, f"Group '{name}' is already installed")
    if __opts__["test"]:
        changes = states.predicted(dict.fromkeys(targets), now, _newest(targets, None))
        return _result(name, None, changes, f"Group '{name}' will be installed")
    try:
        changes = __salt__["pkg.install"](pkgs=targets, **_passed(kwargs))
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while installing/updating group")
    failed = [one for one in targets if one not in __salt__["pkg.list_pkgs"]()]
    if failed:
        return _result(name, False, changes, f"Failed to install the following packages: {', '.join(failed)}")
    return _result(name, True, changes, f"Group '{name}' was installed")


def held(name: str, version: Any = None, pkgs: Any = None, replace: bool = False, **kwargs: Any) -> dict[str, Any]:
    """Packages stay at their version; with `replace` no others do."""
    if "pkg.hold" not in __salt__:
        return _result(name, False, {}, "`hold` function is not available on this platform")
    names = packages.names_of(name, pkgs)
    now = _held_names()
    holds = [one for one in names if one not in now]
    releases = [one for one in now if replace and one not in names]
    return _hold_and_release(name, holds, releases)


def unheld(name: str, version: Any = None, pkgs: Any = None, all: bool = False, **kwargs: Any) -> dict[str, Any]:
    """Packages are upgraded again with the others; with `all` these are all packages."""
    if "pkg.unhold" not in __salt__:
        return _result(name, False, {}, "`unhold` function is not available on this platform")
    names = packages.names_of(name, pkgs)
    return _hold_and_release(name, [], [one for one in _held_names() if all or one in names])


def mod_watch(name: str, sfun: str = "", **kwargs: Any) -> dict[str, Any]:
    """What is watched has changed: the state is applied once more."""
    functions: dict[str, Callable[..., dict[str, Any]]] = {
        "installed": installed,
        "latest": latest,
        "removed": removed,
        "purged": purged,
    }
    function = functions.get(sfun)
    if function is None:
        return _result(name, False, {}, f"pkg.{sfun} does not work with the watch requisite")
    return function(name, **_passed(kwargs))


def mod_beacon(
    name: str,
    sfun: str = "",
    beacon: bool = False,
    beacon_data: Mapping[str, Any] | None = None,
    pkgs: Any = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """A beacon that watches the packages of a state which says `beacon: True`."""
    told = without_beacon(name, beacon, f"pkg.{sfun}", ("installed", "removed"), word="mod_beacon")
    if told:
        return told
    made: dict[str, Any] = __states__["beacon.present"](
        name=f"beacon_pkg_{name}",
        beacon_module="pkg",
        pkgs=pkgs or [name],
        interval=(beacon_data or {}).get("interval", 60),
    )
    return made


def _desired(
    name: str, version: Any, pkgs: Any, sources: Any, normalize: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """The packages with the versions that are wanted, and the files that they come in."""
    if sources:
        files = __salt__["pkg_resource.pack_sources"](sources, normalize=normalize)
        return {package: _version_of_file(package, path) for package, path in files.items()}, files
    targets, _ = __salt__["pkg_resource.parse_targets"](name, pkgs, None, normalize=normalize, version=version)
    return targets or {}, {}


def _version_of_file(package: str, path: str) -> str | None:
    """The version of a package file where it can be told; else a package of any version is as good."""
    if "lowpkg.bin_pkg_info" not in __salt__:
        return None
    info = __salt__["lowpkg.bin_pkg_info"](path)
    return str(info["version"]) if info and info["name"] == package else None


def _with_latest(desired: dict[str, Any], refresh: bool | None, fromrepo: str | None) -> dict[str, Any]:
    """`latest` as the version that it is now."""
    asked = [name for name, version in desired.items() if version == "latest"]
    if not asked:
        return desired
    _refresh(True if refresh is None else refresh, only_once=refresh is None)
    available = _by_name(__salt__["pkg.latest_version"](*asked, fromrepo=fromrepo, refresh=False), asked)
    now = __salt__["pkg.list_pkgs"]()
    return {**desired, **{name: available.get(name) or now.get(name) for name in asked}}


def _compare(one: str, other: str) -> int | None:
    order: int | None = __salt__["pkg.version_cmp"](one, other)
    return order


def _installed_versions() -> dict[str, list[str]]:
    found: dict[str, list[str]] = __salt__["pkg.list_pkgs"](versions_as_list=True)
    return found


def _by_name(answer: Any, names: list[str]) -> dict[str, str]:
    return {names[0]: answer} if isinstance(answer, str) else dict(answer)


def _altered(names: list[str], pkg_verify: Any) -> dict[str, Any]:
    """The packages of which files are not as they were installed. `pkg_verify` may be a list with `ignore_types`."""
    options: dict[str, Any] = {}
    for one in pkg_verify if isinstance(pkg_verify, list) else []:
        options.update(one)
    found = {}
    for name in names:
        files = __salt__["pkg.verify"](name, **options)
        if files:
            found[name] = files
    return found


def _refresh(wanted: bool, *, only_once: bool = False) -> None:
    """Fetch the lists of packages, unless a state of this run has done so and it is not asked for again."""
    if not wanted or (only_once and not __context__.get(_REFRESH, True)) or __opts__["test"]:
        return
    __salt__["pkg.refresh_db"]()
    __context__[_REFRESH] = False


def _would_install(todo: states.Missing) -> str:
    lines = []
    if todo.install:
        lines.append(f"{_TEST_NOTE} installed/updated: {', '.join(todo.install)}")
    if todo.reinstall:
        lines.append(f"{_TEST_NOTE} reinstalled: {', '.join(todo.reinstall)}")
    return "\n".join(lines)


def _newest(names: list[str], fromrepo: str | None) -> dict[str, str]:
    if not names:
        return {}
    return _by_name(__salt__["pkg.latest_version"](*names, fromrepo=fromrepo, refresh=False), names)


def _predicted(action: str, targets: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """What an action would change: as the package manager says where it can, else the targets alone."""
    if "pkg.predict" in __salt__:
        try:
            foreseen = __salt__["pkg.predict"](action, **arguments)
        except CommandExecutionError:  # what cannot be done is found out when it is
            foreseen = {}
        if foreseen:
            return dict(foreseen)
    return targets


def _predicted_installation(todo: states.Missing, files: dict[str, str], arguments: dict[str, Any]) -> dict[str, Any]:
    now = __salt__["pkg.list_pkgs"]()
    if files:
        chosen: dict[str, Any] = {"sources": [{one: files[one]} for one in todo.all]}
    else:
        chosen = {"pkgs": [{one: wanted} if wanted else one for one, wanted in todo.all.items()]}
    again = {one: {"old": now.get(one, ""), "new": now.get(one, "")} for one in todo.reinstall}
    newest = {} if files else _newest(list(todo.install), arguments.get("fromrepo"))
    targets = {**states.predicted(todo.install, now, newest), **again}
    return {**again, **_predicted("install", targets, reinstall=bool(todo.reinstall), **chosen, **arguments)}


def _install(
    name: str,
    desired: dict[str, Any],
    files: dict[str, str],
    todo: states.Missing,
    rules: states.Rules,
    altered: dict[str, Any],
    arguments: dict[str, Any],
    refresh: bool | None,
    kwargs: dict[str, Any],
) -> dict[str, Any]:
    if files:
        chosen: dict[str, Any] = {"sources": [{one: files[one]} for one in todo.all]}
    else:
        chosen = {"pkgs": [{one: wanted} if wanted else one for one, wanted in todo.all.items()]}
    try:
        _refresh(not files if refresh is None else refresh, only_once=refresh is None)
        changes = __salt__["pkg.install"](
            **chosen, **arguments, reinstall=bool(todo.reinstall), ignore_epoch=bool(rules.ignore_epoch), refresh=False
        )
    except CommandExecutionError as error:
        return _failed(name, error, "An error was encountered while installing package(s)")
    after = _installed_versions()
    failed = {one: wanted for one, wanted in todo.install.items() if not rules.met(after.get(one, ()), wanted)}
    modified = {one: wanted for one, wanted in todo.install.items() if one not in failed}
    again = [one for one in todo.reinstall if one in changes]
    failed.update({one: wanted for one, wanted in todo.reinstall.items() if one not in changes})
    unmodified = {one: wanted for one, wanted in desired.items() if one not in todo.all}
    if files:  # the version is the file's own
        modified, unmodified = dict.fromkeys(modified), dict.fromkeys(unmodified)
    comment = states.installed_comment(modified, unmodified, again, failed)
    for one in (one for one in again if one in altered):
        comment += f"\nThe files of {one} that were altered have been restored: {', '.join(sorted(altered[one]))}"
    return _held_too(_result(name, not failed, changes, comment), desired, kwargs)


def _held_too(result: dict[str, Any], desired: Mapping[str, Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The result of an installation with what `hold` asks for."""
    if kwargs.get("hold") is None or result["result"] is False:
        return result
    if "pkg.hold" not in __salt__:
        return {
            **result,
            "result": False,
            "comment": f"{result['comment']}\npkg.hold is not available on this platform",
        }
    wanted = bool(kwargs["hold"])
    now = __salt__["pkg.list_pkgs"]()
    there = [one for one in desired if one in now]
    told = _hold(wanted, there) if there else {}
    if wanted and __opts__["test"]:
        told.update({one: _new_and_held(one) for one in desired if one not in now})
    changes = dict(result["changes"])
    for one, outcome in told.items():
        change = outcome["changes"]
        if change and one in changes:
            changes[one] = {**changes[one], "new": f"{changes[one]['new']}\n{change['new']}".strip()}
        elif change:
            changes[one] = dict(change)
    ends = {outcome["result"] for outcome in told.values()}
    verdict = False if False in ends else None if None in ends or result["result"] is None else True
    end = "." if result["comment"].startswith("All specified packages") else ""
    lines = [f"{result['comment']}{end}", *(outcome["comment"] for outcome in told.values())]
    return {**result, "result": verdict, "changes": changes, "comment": "\n".join(lines)}


def _new_and_held(name: str) -> dict[str, Any]:
    """What comes of holding a package that is not there yet."""
    old = "install" if "pkg.get_selections" in __salt__ else ""
    return packages.newly_held(name, wanted=True, old=old, new="hold", test=True)


def _hold(wanted: bool, names: list[str]) -> dict[str, Any]:
    """Hold or release packages; in test mode only what would come of it."""
    told = __salt__["pkg.hold" if wanted else "pkg.unhold"](pkgs=names)
    return dict(told)


def _held_names() -> list[str]:
    if "pkg.list_holds" in __salt__:
        return list(__salt__["pkg.list_holds"](full=False))
    return list(__salt__["pkg.get_selections"](state="hold").get("hold", []))


def _hold_and_release(name: str, holds: list[str], releases: list[str]) -> dict[str, Any]:
    if not holds and not releases:
        return _result(name, True, {}, "No changes made")
    told = {**(_hold(True, holds) if holds else {}), **(_hold(False, releases) if releases else {})}
    if __opts__["test"]:
        lines = [f"The following package would be held: {one}" for one in holds]
        lines += [f"The following package would be unheld: {one}" for one in releases]
        changes = {
            one: packages.newly_held(one, wanted=one in holds, **outcome["changes"])
            for one, outcome in told.items()
            if outcome["changes"]
        }
        return _result(name, None if changes else False, changes, "\n".join(lines))
    lines = [outcome["comment"].rstrip(".") if one in holds else outcome["comment"] for one, outcome in told.items()]
    changed = {one: outcome for one, outcome in told.items() if outcome["changes"]}
    return _result(name, all(outcome["result"] for outcome in told.values()), changed, "\n".join(lines))


def _uninstall(
    action: str, name: str, version: Any, pkgs: Any, normalize: bool, ignore_epoch: bool | None, kwargs: dict[str, Any]
) -> dict[str, Any]:
    done = "removed" if action == "remove" else "purged"
    desired, _ = _desired(name, version, pkgs, None, normalize)
    rules = states.Rules(_compare, ignore_epoch)
    now = _installed_versions()
    if action == "purge":
        now = {**_left_behind(), **now}
    targets = [one for one, wanted in desired.items() if one in now and rules.met(now[one], wanted)]
    if not targets:
        return _result(name, True, {}, _nothing_to_remove(action, desired))
    if __opts__["test"]:
        changes = {one: {"old": ",".join(now[one]), "new": ""} for one in targets}
        comment = f"The following packages will be {done}: {', '.join(targets)}."
        return _result(name, None, _predicted(action, changes, pkgs=targets, **_passed(kwargs)), comment)
    try:
        changes = __salt__[f"pkg.{action}"](pkgs=targets, **_passed(kwargs))
    except CommandExecutionError as error:
        return _failed(name, error, f"An error was encountered while removing package(s): {', '.join(targets)}")
    after = {**(_left_behind() if action == "purge" else {}), **_installed_versions()}
    failed = [one for one in targets if one in after and rules.met(after[one], desired[one])]
    if failed:
        comment = f"The following packages failed to be {done}: {', '.join(failed)}."
        return _result(name, False, changes, comment)
    others = [one for one in desired if one not in targets]
    if not others:
        return _result(name, True, changes, f"All targeted packages were {done}.")
    comment = f"The following packages were not installed: {', '.join(others)} "
    return _result(name, True, changes, f"{comment}The following packages were {done}: {', '.join(targets)}.")


def _left_behind() -> dict[str, list[str]]:
    """Packages that are removed and have left configuration, where the system knows of such."""
    if "pkg.get_selections" not in __salt__:
        return {}
    found: dict[str, list[str]] = __salt__["pkg.list_pkgs"](versions_as_list=True, removed=True)
    return found


def _nothing_to_remove(action: str, desired: Mapping[str, Any]) -> str:
    if action == "purge":
        return "None of the targeted packages are installed or partially installed"
    versions = " (matching specified versions)" if any(desired.values()) else ""
    return f"All specified packages{versions} are already absent"


def _passed(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that go on to the function of `pkg`."""
    own = ("hold", "sfun", "reload_modules")
    return {name: value for name, value in kwargs.items() if not name.startswith("__") and name not in own}


def _failed(name: str, error: CommandExecutionError, what: str) -> dict[str, Any]:
    """A result that tells an error, with what has changed before it."""
    if isinstance(error.info, dict):
        changes = error.info.get("changes") or {}
        others = {key: value for key, value in error.info.items() if key != "changes"}
        return _result(name, False, dict(changes), str(CommandExecutionError(error.strerror, info=others)))
    return _result(name, False, {}, f"{what}: {error}")


def _result(name: str, result: bool | None, changes: dict[str, Any], comment: str) -> dict[str, Any]:
    return {"name": name, "changes": changes, "result": result, "comment": comment}
