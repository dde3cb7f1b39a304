"""What the package modules of all systems have in common: wanted versions, and what changed."""

from __future__ import annotations

import fnmatch
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.versions import Compare, without_epoch

_OPERATORS = ("<=", ">=", "!=", "==", "<", ">", "=")

Changes = dict[str, dict[str, Any]]
"""Package to `{"old": version, "new": version}`; an empty text stands for not installed."""


class Condition(NamedTuple):
    """`operator` is empty for an exact version or a pattern such as `1.2*`."""

    operator: str
    version: str

    @property
    def needs_list(self) -> bool:
        """Whether only the list of available versions tells which version is meant."""
        return bool(self.operator) or any(mark in self.version for mark in "*?[")


def condition_of(text: str) -> Condition:
    """`>=1.0`, `1.*` or `1.0`; `=1.0` and `==1.0` are `1.0`."""
    text = str(text).strip()
    operator = next((one for one in _OPERATORS if text.startswith(one)), "")
    version = text[len(operator) :].strip()
    return Condition("" if operator in ("=", "==") else operator, version)


def fulfils(installed: str, condition: Condition, compare: Compare, *, ignore_epoch: bool = False) -> bool:
    """Whether a version is what a condition asks for."""
    operator, wanted = condition
    if ignore_epoch:
        installed, wanted = without_epoch(installed), without_epoch(wanted)
    if not operator:
        return fnmatch.fnmatchcase(installed, wanted) or (not condition.needs_list and compare(installed, wanted) == 0)
    order = compare(installed, wanted)
    return order is not None and _HOLDS[operator](order)


def is_installed(
    installed: Sequence[str], wanted: str | None, compare: Compare, *, ignore_epoch: bool | None = None
) -> bool:
    """Whether one of the installed versions is what is wanted: nothing, one condition, or several joined by commas.

    Without a word about it the epoch does not matter when the wanted version names none.
    """
    if not wanted:
        return bool(installed)
    conditions = [condition_of(part) for part in str(wanted).split(",")]
    return any(
        all(
            fulfils(
                version, one, compare, ignore_epoch=":" not in one.version if ignore_epoch is None else ignore_epoch
            )
            for one in conditions
        )
        for version in installed
    )


def newest_that_fits(
    name: str, wanted: str, available: Sequence[str], compare: Compare, *, ignore_epoch: bool = False
) -> str:
    """The first of the available versions, newest first, that is wanted.

    Raises `CommandExecutionError` with the versions that there are.
    """
    conditions = [condition_of(part) for part in str(wanted).split(",")]
    for version in available:
        if all(fulfils(version, one, compare, ignore_epoch=ignore_epoch) for one in conditions):
            return version
    there = f"available: {', '.join(available)}" if available else "package not found"
    raise CommandExecutionError(f"No version matching '{name}{wanted}' could be found ({there})")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """What differs between two lists of packages, by name."""
    names = sorted({*before, *after})
    return {
        name: {"old": before.get(name, ""), "new": after.get(name, "")}
        for name in names
        if before.get(name, "") != after.get(name, "")
    }


def names_of(name: str | None, pkgs: Iterable[Any] | None) -> list[str]:
    """The names of a `name` (several may be joined by commas) and a list of names or `{name: version}`; once each."""
    if pkgs:
        listed = [one for item in pkgs for one in (item if isinstance(item, Mapping) else [item])]
    else:
        listed = str(name).split(",") if name else []
    return list(dict.fromkeys(str(one).strip() for one in listed if one))


def one_or_all(values: Mapping[str, Any], asked: Sequence[str], missing: Any = "") -> Any:
    """The value itself when one name was asked for, else all of them by name."""
    if len(asked) == 1:
        return values.get(asked[0], missing)
    return dict(values)


def words_of(value: Any) -> list[str]:
    """A list, or a text with commas, as texts; nothing for None."""
    if value is None or value == "":
        return []
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple | set) else [value]
    return [str(part).strip() for part in parts]


def raise_problem(message: str, errors: Sequence[str], changed: Changes) -> None:
    """Raise `CommandExecutionError` when there are errors, with what changed all the same."""
    if errors:
        raise CommandExecutionError(message, info={"errors": list(errors), "changes": changed})


def hold_result(
    name: str, *, result: bool | None = False, changes: Mapping[str, Any] | None = None, comment: str = ""
) -> dict[str, Any]:
    """What `pkg.hold` and `pkg.unhold` tell of one package."""
    return {"name": name, "changes": dict(changes or {}), "result": result, "comment": comment}


def already_held(name: str, *, wanted: bool) -> dict[str, Any]:
    """The result where nothing is to be done."""
    comment = f"Package {name} is already set {'' if wanted else 'not '}to be held."
    return hold_result(name, result=True, comment=comment)


def newly_held(name: str, *, wanted: bool, old: str, new: str, test: bool = False) -> dict[str, Any]:
    """The result of a hold that was, or in test mode would be, set or taken away."""
    changes = {"old": old, "new": new}
    if test:
        comment = f"Package {name} is set {'' if wanted else 'not '}to be held."
        return hold_result(name, result=None, changes=changes, comment=comment)
    comment = f"Package {name} is {'now' if wanted else 'no longer'} being held."
    return hold_result(name, result=True, changes=changes, comment=comment)


def downloaded(directory: str, parts_of: Callable[[str], tuple[str, str, str] | None]) -> dict[str, dict[str, Any]]:
    """The package files below a directory by name and version; `parts_of` tells these from the name of a file."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(Path(directory).rglob("*")):
        parts = parts_of(path.name)
        if parts and path.is_file():
            status = path.stat()
            found.setdefault(parts[0], {})[parts[1]] = {
                "path": str(path),
                "size": status.st_size,
                "creation_date_time_t": int(status.st_ctime),
                "creation_date_time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(status.st_ctime)),
            }
    return found


_HOLDS = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
    "!=": lambda order: order != 0,
}
