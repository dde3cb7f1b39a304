"""The remotes of gitfs and their options: `gitfs_*` for all, keys of a remote for it alone (behaviour FS-06)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from saltern.errors import ConfigError
from saltern.files.remote_options import merged, with_options
from saltern.plugin_api.git.mirror import REFSPECS, Login
from saltern.plugin_api.mirror_folder import folder_name


class EnvOptions(msgspec.Struct, frozen=True):
    """What is said of one environment; None: as of the others. `ref` is a branch, a tag or a commit id."""

    ref: str | None = None
    root: str | None = None
    mountpoint: str | None = None


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """One remote. `saltenv` says of environments by name what differs for them."""

    url: str
    name: str = ""
    base: str = "master"
    root: str = ""
    mountpoint: str = ""
    fallback: str = ""
    all_saltenvs: str = ""
    disable_saltenv_mapping: bool = False
    ref_types: tuple[str, ...] = ("branch", "tag", "sha")
    saltenv: dict[str, EnvOptions] = {}
    saltenv_whitelist: tuple[str, ...] = ()
    saltenv_blacklist: tuple[str, ...] = ()
    refspecs: tuple[str, ...] = REFSPECS
    update_interval: int = 60
    depth: int = 0
    user: str = ""
    password: str = ""
    privkey: str = ""
    insecure_auth: bool = False
    ssl_verify: bool = True
    proxy: str = ""

    @property
    def login(self) -> Login:
        return Login(self.user, self.password, self.privkey, self.insecure_auth, self.ssl_verify, self.proxy)


_IGNORED = ("passphrase", "pubkey", "provider", "global_lock")
"""Options of Salt's that change nothing: keys with a passphrase are ssh-agent's business, public keys ssh's."""
_LISTS = ("ref_types", "saltenv_whitelist", "saltenv_blacklist", "refspecs")


def remotes_of(options: Mapping[str, Any], prefix: str = "gitfs") -> list[Remote]:
    """The remotes of a configuration. `ConfigError` names what cannot be read."""
    shared = {key.removeprefix(f"{prefix}_"): value for key, value in options.items() if key.startswith(f"{prefix}_")}
    listed = shared.pop("remotes", None) or []
    if not isinstance(listed, list):
        raise ConfigError(f"{prefix}_remotes has to be a list of URLs")
    return [_remote(entry, shared, f"{prefix}_remotes") for entry in listed]


def _remote(entry: Any, shared: Mapping[str, Any], place: str) -> Remote:
    url, own = with_options(entry, place)
    known = {key: value for key, value in {**shared, **own}.items() if value is not None and key not in _IGNORED}
    known["saltenv"] = {**_environments(shared.get("saltenv")), **_environments(own.get("saltenv"))}
    for key in _LISTS:
        if key in known:
            known[key] = known[key] if isinstance(known[key], list | tuple) else str(known[key]).split(",")
    wrong = sorted(set(own) - set(Remote.__struct_fields__) - set(_IGNORED))
    if wrong:
        raise ConfigError(f"{place}: {url} has no option {wrong[0]!r}")
    fields = {key: value for key, value in known.items() if key in Remote.__struct_fields__}
    try:
        return msgspec.convert({**fields, "url": url}, Remote, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{place}: {url}: {error}") from error


def _environments(given: Any) -> dict[str, dict[str, Any]]:
    return {str(name): merged(options) for name, options in merged(given).items()}


def place_in(folder: Path, remote: Remote) -> Path:
    """Where a remote's mirror lies: remotes that differ by URL, name or refspecs have their own."""
    return folder / folder_name(remote.url, remote.name, *remote.refspecs)
