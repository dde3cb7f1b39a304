"""From what shall be installed to the commands of apt-get that do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from saltern.plugin_api import packages
from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.versions import compare_deb


class Plan(NamedTuple):
    """Words for apt-get (`name`, `name=version`, or a path) to install, those to install again, and what went wrong."""

    words: Sequence[str] = ()
    again: Sequence[str] = ()
    errors: Sequence[str] = ()

    def commands(self, choices: Mapping[str, Any]) -> list[list[str]]:
        """The commands, in order; `choices` are the arguments of `pkg.install`."""
        pairs: tuple[tuple[Sequence[str], list[str]], ...] = ((self.words, []), (self.again, ["--reinstall"]))
        return [
            ["apt-get", "-q", "-y", *conf_options(choices), *_options(words, choices), *more, "install", "--", *words]
            for words, more in pairs
            if words
        ]

    def repeated(self, before: Mapping[str, str], changed: Mapping[str, Any]) -> packages.Changes:
        """The packages that were installed again at the version that they had."""
        names = [word.partition("=")[0] for word in self.again]
        return {
            name: {"old": before[name], "new": before[name]} for name in names if name in before and name not in changed
        }


def plan(
    targets: Mapping[str, str | None],
    installed: Mapping[str, str],
    versions_of: Callable[[str], Sequence[str]],
    *,
    reinstall: bool,
    ignore_epoch: bool,
) -> Plan:
    """What to do for packages with the versions that are wanted of them.

    `versions_of` gives the versions that can be had of one, the newest first.
    """
    words: list[str] = []
    again: list[str] = []
    errors: list[str] = []
    for name, wanted in targets.items():
        try:
            exact = _exact(name, wanted, versions_of, ignore_epoch)
        except CommandExecutionError as error:
            errors.append(str(error))
            continue
        same = name in installed and (not exact or exact == installed[name])
        (again if reinstall and same else words).append(f"{name}={exact}" if exact else name)
    return Plan(words, again, errors)


def conf_options(choices: Mapping[str, Any]) -> list[str]:
    """The configuration files on the machine stay, or with `force_conf_new` the packages' own win."""
    forced = ["--force-confnew"] if choices.get("force_conf_new") else ["--force-confold", "--force-confdef"]
    return [word for one in forced for word in ("-o", f"DPkg::Options::={one}")]


def _options(words: Sequence[str], choices: Mapping[str, Any]) -> list[str]:
    return [
        *(["--allow-unauthenticated"] if choices.get("skip_verify") else []),
        *(["-t", str(choices["fromrepo"])] if choices.get("fromrepo") else []),
        *(["--allow-change-held-packages"] if choices.get("update_holds") else []),
        # A version that was asked for may be an older one.
        *(["--allow-downgrades"] if any("=" in word for word in words) else []),
        *(["--force-yes"] if choices.get("force_yes") else []),
        *(["--no-install-recommends"] if choices.get("install_recommends") is False else []),
        *(["--only-upgrade"] if choices.get("only_upgrade") else []),
        *(["--download-only"] if choices.get("downloadonly") else []),
    ]


def _exact(name: str, wanted: str | None, versions_of: Callable[[str], Sequence[str]], ignore_epoch: bool) -> str:
    if not wanted:
        return ""
    conditions = [packages.condition_of(part) for part in wanted.split(",")]
    if len(conditions) == 1 and not conditions[0].needs_list:
        return conditions[0].version
    return packages.newest_that_fits(name, wanted, versions_of(name), compare_deb, ignore_epoch=ignore_epoch)
