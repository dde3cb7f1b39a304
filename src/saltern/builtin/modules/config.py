"""Values of the minion's configuration, its grains and its pillar, looked up in one place."""

from __future__ import annotations

from collections.abc import Mapping

from saltern.plugin_api import Grains, Opts, Pillar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts
__grains__: Grains
__pillar__: Pillar

__instant__ = ("option", "items", "manage_mode", "backup_mode", "valid_fileproto")

_ABSENT: Any = object()

_DEFAULTS = {
    "aliases.file": "/etc/aliases",
    "ca.cert_base_path": "/etc/pki",
    "hosts.file": "/etc/hosts",
    "poudriere.config": "/usr/local/etc/poudriere.conf",
    "poudriere.config_dir": "/usr/local/etc/poudriere.d",
}
"""Settings of modules that nobody has to write down."""

_FILE_PROTOCOLS = ("salt", "http", "https", "ftp", "s3", "swift", "file")


def get(
    key: str,
    default: Any = "",
    delimiter: str = ":",
    merge: str | None = None,
    omit_opts: bool = False,
    omit_pillar: bool = False,
    omit_master: bool = False,
    omit_grains: bool = False,
) -> Any:
    """A value from the configuration, the grains, the pillar or the master's configuration: the first that has it.

    `key` may lead into dictionaries and lists (`pkg:apache`), its steps parted by `delimiter`. With `merge=recurse`
    dictionaries from all places are merged, those named first winning; with `merge=overwrite` the first wins whole.

    CLI Example::

        saltern run '*' config.get pkg:apache
        saltern run '*' config.get lxc.container_profile:centos merge=recurse
    """
    from saltern.plugin_api.nested import merged

    places = (
        (omit_opts, __opts__),
        (omit_grains, __grains__),
        (omit_pillar, __pillar__),
        (omit_master, __pillar__.get("master", {})),
        (False, _DEFAULTS),
    )
    values = (_follow(data, key, delimiter) for omitted, data in places if not omitted)
    found = [value for value in values if value is not _ABSENT]
    if not found:
        return default
    if merge in (None, "overwrite") or not isinstance(found[0], dict):
        return found[0]
    whole: dict[str, Any] = {}
    for value in reversed(found):
        if isinstance(value, dict):
            whole = merged(whole, value)
    return whole


def option(
    value: str,
    default: Any = None,
    omit_opts: bool = False,
    omit_grains: bool = False,
    omit_pillar: bool = False,
    omit_master: bool = False,
    omit_all: bool = False,
    wildcard: bool = False,
) -> Any:
    """A top-level value from the configuration, the grains, the master's configuration or the pillar.

    With `wildcard` the name is a glob and the answer a dictionary of all that match.

    CLI Example::

        saltern run '*' config.option redis.host
    """
    places = [
        data
        for omitted, data in (
            (omit_opts, __opts__),
            (omit_grains, __grains__),
            (omit_master, __pillar__.get("master", {})),
            (omit_pillar, __pillar__),
            (False, _DEFAULTS),
        )
        if not (omitted or omit_all)
    ]
    if wildcard:
        return _all_matching(value, places) or ({} if default is None else default)
    found = next((data[value] for data in places if value in data), default)
    return "" if found is None and default is None else found


def merge(
    value: str,
    default: Any = "",
    omit_opts: bool = False,
    omit_master: bool = False,
    omit_pillar: bool = False,
) -> Any:
    """A top-level dictionary merged from the pillar, the master's configuration and the minion's, the last winning.

    Of a value that is no dictionary the minion's is given, else the master's, else the pillar's.

    CLI Example::

        saltern run '*' config.merge schedule
    """
    places = (
        (omit_opts, __opts__),
        (omit_master, __pillar__.get("master", {})),
        (omit_pillar, __pillar__),
    )
    found = [data[value] for omitted, data in places if not omitted and value in data]
    if found and not isinstance(found[0], dict):
        return found[0]
    whole: dict[str, Any] = {}
    for one in reversed(found):
        if isinstance(one, dict):
            whole.update(one)
    return whole or default


def items() -> Opts:
    """The whole configuration, the grains among it.

    CLI Example::

        saltern run '*' config.items
    """
    return __opts__


def dot_vals(value: str) -> dict[str, Any]:
    """The values of the configuration and the pillar whose names begin with `<value>.`.

    CLI Example::

        saltern run '*' config.dot_vals host
    """
    prefix = f"{value}."
    places: tuple[Mapping[str, Any], ...] = (__pillar__.get("master", {}), __pillar__, __opts__)
    return {key: data[key] for data in places for key in data if isinstance(key, str) and key.startswith(prefix)}


def backup_mode(backup: str = "") -> Any:
    """The given mode of file backups, or the configured one.

    CLI Example::

        saltern run '*' config.backup_mode
    """
    return backup or option("backup_mode")


def manage_mode(mode: Any) -> str | None:
    """A file's mode as four digits; nothing stays nothing, and `keep` stays as it is.

    CLI Example::

        saltern run '*' config.manage_mode 755
    """
    if mode is None:
        return None
    if mode == "keep":
        return "keep"
    text = str(mode).lstrip("0oO")
    return f"0{text}" if text and not text.isdecimal() else text.rjust(4, "0")


def valid_fileproto(uri: str) -> bool:
    """Whether a URI names a place that files can be read from.

    CLI Example::

        saltern run '*' config.valid_fileproto salt://path/to/file
    """
    scheme, mark, _ = uri.partition("://")
    return bool(mark) and scheme in _FILE_PROTOCOLS


def _follow(data: Any, key: str, delimiter: str) -> Any:
    """The value at the end of a path of keys and list positions, or `_ABSENT`."""
    if isinstance(data, Mapping) and key in data:
        return data[key]
    for step in key.split(delimiter):
        if isinstance(data, Mapping) and step in data:
            data = data[step]
        elif isinstance(data, list) and step.isdecimal() and int(step) < len(data):
            data = data[int(step)]
        else:
            return _ABSENT
    return data


def _all_matching(glob: str, places: list[Any]) -> dict[str, Any]:
    import fnmatch

    found: dict[str, Any] = {}
    for data in reversed(places):
        found.update({key: data[key] for key in data if fnmatch.fnmatchcase(str(key), glob)})
    return found
