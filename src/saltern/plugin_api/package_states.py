"""What the states of packages work out before anything is changed: what is missing, and how it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.plugin_api import packages
from saltern.plugin_api.versions import Compare

_SHORT = 20
_FEW = 10


class Missing(NamedTuple):
    """Packages with the versions that are wanted of them (None: any), by what is to be done."""

    install: dict[str, str | None]
    reinstall: dict[str, str | None]

    def __bool__(self) -> bool:
        return bool(self.install or self.reinstall)

    @property
    def all(self) -> dict[str, str | None]:
        return {**self.install, **self.reinstall}


class Rules(NamedTuple):
    """How versions are compared, and what is as good as the version that is wanted."""

    compare: Compare
    ignore_epoch: bool | None = None
    allow_updates: bool = False

    def met(self, installed: Sequence[str], wanted: str | None) -> bool:
        """Whether one of the installed versions is what is wanted; with `allow_updates` a newer one will do."""
        if self.allow_updates and wanted and not packages.condition_of(wanted).needs_list and "," not in wanted:
            wanted = f">={packages.condition_of(wanted).version}"
        return packages.is_installed(installed, wanted, self.compare, ignore_epoch=self.ignore_epoch)


def missing(
    desired: Mapping[str, str | None], installed: Mapping[str, Sequence[str]], rules: Rules, *, reinstall: bool = False
) -> Missing:
    """What is not as desired, and with `reinstall` what is."""
    found = Missing({}, {})
    for name, wanted in desired.items():
        if not rules.met(installed.get(name, ()), wanted):
            found.install[name] = wanted
        elif reinstall:
            found.reinstall[name] = wanted
    return found


def wanted_text(name: str, wanted: str | None) -> str:
    """A package with the version that is wanted of it: `x`, `x=1.0`, `x>=1.0`."""
    if not wanted:
        return name
    return f"{name}{wanted}" if packages.condition_of(wanted).operator or wanted.startswith("=") else f"{name}={wanted}"


def told(count: Sequence[str], listed: str, what: str) -> str:
    """`The following packages were …: a, b`, or only how many where the list would be long."""
    if len(listed) < _SHORT:
        return f"The following packages were {what}: {listed}"
    several = len(count) > 1
    return f"{len(count)} targeted package{'s' if several else ''} {'were' if several else 'was'} {what}"


def installed_comment(
    modified: Mapping[str, str | None],
    unmodified: Mapping[str, str | None],
    reinstalled: Iterable[str],
    failed: Mapping[str, str | None],
) -> str:
    """The comment of `pkg.installed` after an installation."""
    lines = []
    if modified:
        shown = ", ".join(wanted_text(name, wanted) for name, wanted in modified.items())
        line = told(list(modified), shown, "installed/updated")
        lines.append(line if len(shown) < _SHORT else f"{line}.")
    if unmodified:
        shown = ", ".join(wanted_text(name, wanted) for name, wanted in unmodified.items())
        line = told(list(unmodified), shown, "already installed")
        lines.append(line if len(shown) < _SHORT else f"{line}.")
    lines += [f"Package {name} was reinstalled." for name in reinstalled]
    if failed:
        shown = ", ".join(wanted_text(name, wanted) for name, wanted in failed.items())
        lines.append(f"The following packages failed to install/update: {shown}")
    return "\n".join(lines)


def up_to_date(names: Sequence[str]) -> str:
    """The comment of `pkg.latest` where nothing is newer."""
    if len(names) == 1:
        return f"Package {names[0]} is already up-to-date"
    shown = f" ({', '.join(sorted(names))})" if len(names) <= _FEW else ""
    return f"All packages are up-to-date{shown}."


def few(names: Sequence[str], kind: str) -> str:
    """Names, or only how many where they are many: `a, b` or `12 packages`."""
    return ", ".join(names) if len(names) <= _FEW else f"{len(names)} {kind}"


def predicted(
    targets: Mapping[str, str | None], installed: Mapping[str, str], newest: Mapping[str, str]
) -> dict[str, Any]:
    """What an installation would change of the targets; `newest` are the versions that a repository has."""
    found = {}
    for name, wanted in targets.items():
        exact = wanted and not packages.condition_of(wanted).needs_list and "," not in wanted
        new = packages.condition_of(str(wanted)).version if exact else newest.get(name) or "installed"
        found[name] = {"old": installed.get(name, ""), "new": new}
    return found


def without(changes: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    gone = set(names)
    return {name: change for name, change in changes.items() if name not in gone}


_OF_ONE = frozenset(("name", "names", "version", "pkgs", "sources", "order"))
"""Arguments in which states may differ whose packages are seen to together."""


def joined(low: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """A state with the packages of others that are alike but for those; none of a package that it has already."""
    wanted = _asked(low)
    known = len(wanted)
    for other in others:
        asked = _asked(other)
        if _alike(low) == _alike(other) and not asked.keys() & wanted.keys():
            wanted.update(asked)
    if len(wanted) == known:
        return low
    kind = "sources" if low.get("sources") else "pkgs"
    return {**{key: value for key, value in low.items() if key != "version"}, kind: [*wanted.values()]}


def _asked(low: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a state by the names of their packages."""
    entries = low.get("sources") or low.get("pkgs")
    if entries is None:
        version = low.get("version")
        entries = [low["name"] if version is None else {low["name"]: version}]
    return {str(next(iter(one)) if isinstance(one, Mapping) else one): one for one in entries}


def _alike(low: Mapping[str, Any]) -> tuple[bool, dict[str, Any]]:
    own = {key: value for key, value in low.items() if key not in _OF_ONE and not key.startswith("__")}
    return bool(low.get("sources")), own
