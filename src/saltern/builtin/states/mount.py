"""What is mounted, and what stands in `/etc/fstab`.

What a mounted file system shows of its options is compared with those that are wanted; what the kernel does not show is
remembered from the last time that a state mounted it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api import CommandExecutionError, Functions, Opts
from saltern.plugin_api.linux import mount_options, mounts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


class _Wanted(NamedTuple):
    name: str
    device: str
    fstype: str
    opts: list[str]
    mkmnt: bool
    user: str | None
    device_name_regex: Sequence[str]
    extra: mount_options.Extra


def mounted(
    name: str,
    device: str,
    fstype: str,
    mkmnt: bool = False,
    opts: str | Sequence[str] = "defaults",
    dump: int = 0,
    pass_num: int = 0,
    config: str = "/etc/fstab",
    persist: bool = True,
    mount: bool = True,
    user: str | None = None,
    match_on: str | Sequence[str] = "auto",
    device_name_regex: Sequence[str] | None = None,
    extra_mount_invisible_options: Sequence[str] | None = None,
    extra_mount_invisible_keys: Sequence[str] | None = None,
    extra_mount_ignore_fs_keys: Mapping[str, Sequence[str]] | None = None,
    extra_mount_translate_options: Mapping[str, str] | None = None,
    hidden_opts: str | Sequence[str] | None = None,
    bind_mount_copy_active_opts: bool = True,
    **kwargs: Any,
) -> dict[str, Any]:
    """A device is mounted at a place with these options, and with `persist` it stands in `/etc/fstab`.

    With `mkmnt` the mount point is made, without `mount` only the file is seen to. `device_name_regex` are patterns of
    names that the kernel may show for the device. The `extra_…` arguments and `hidden_opts` tell of options that a
    mounted file system does not show: `invisible_options` by their words, `invisible_keys` by what stands before the
    `=`, `ignore_fs_keys` the same by file system, `translate_options` what they are shown as. A bind mount that is
    there already has its options copied to the file, unless `bind_mount_copy_active_opts` is off.
    """
    extra = mount_options.Extra(
        tuple(extra_mount_invisible_options or ()),
        tuple(extra_mount_invisible_keys or ()),
        extra_mount_ignore_fs_keys or {},
        extra_mount_translate_options or {},
        _words(hidden_opts or ()),
    )
    place = os.path.realpath(name)
    wanted = _Wanted(place, device, fstype, _words(opts), mkmnt, user, tuple(device_name_regex or ()), extra)
    found = mounts.mounted().get(place)
    if found is not None:
        done = _as_wanted(wanted, found) if mount else result_of(name, True, "")
    else:
        done = _not_yet(wanted, name) if mount else _place_only(name, mkmnt)
    if done.pop("final", False) or done["result"] is False or not persist:
        return {**done, "name": name}
    entry = {"dump": dump, "pass_num": pass_num, "config": config, "match_on": match_on}
    lines = _entry_opts(wanted, found, entry) if bind_mount_copy_active_opts else wanted.opts
    return _with_entry({**done, "name": name}, wanted, lines, entry, found is not None and mount)


def _not_yet(wanted: _Wanted, name: str) -> dict[str, Any]:
    """Mount what is not mounted."""
    exists = Path(wanted.name).exists()
    if __opts__["test"]:
        said = "would be created and mounted" if wanted.mkmnt else "does not exist and would not be created"
        return _foreseen(name, f"{name} {'would be mounted' if exists else said}")
    if not exists and not wanted.mkmnt:
        return result_of(name, False, "Mount directory is not present")
    return _mounted_now(wanted, {})


def _foreseen(name: str, comment: str) -> dict[str, Any]:
    """What test mode says of a mount; of the file it then says nothing."""
    return {**result_of(name, None, comment), "final": True}


def _mounted_now(wanted: _Wanted, changes: dict[str, Any]) -> dict[str, Any]:
    out = __salt__["mount.mount"](
        wanted.name, wanted.device, wanted.mkmnt, wanted.fstype, wanted.opts, user=wanted.user
    )
    if isinstance(out, str):
        return result_of(wanted.name, False, out, changes)
    if not __salt__["mount.is_mounted"](wanted.name):
        return result_of(wanted.name, False, f"{wanted.name} is not mounted, though mount reports no error", changes)
    _remember(wanted)
    return result_of(wanted.name, True, "Target was successfully mounted", {**changes, "mount": True})


def _as_wanted(wanted: _Wanted, found: mounts.Mounted) -> dict[str, Any]:
    """See to the device and the options of what is mounted."""
    if not _is_device(wanted, found):
        return _other_device(wanted, found)
    remembered = __salt__["mount.read_mount_cache"](wanted.name)
    known = remembered.get("opts", []) if remembered.get("device") == wanted.device else []
    active = found.all_opts()
    lacking = mount_options.missing(wanted.opts, active, wanted.fstype, known, wanted.extra)
    if not lacking:
        return result_of(wanted.name, True, "Target was already mounted")
    shown = _without_secrets(lacking)
    if __opts__["test"]:
        return _foreseen(wanted.name, f"Remount would be forced because options ({shown}) changed")
    changes = {"umount": f"Forced remount because options ({shown}) changed"}
    out = __salt__["mount.remount"](
        wanted.name, wanted.device, mkmnt=wanted.mkmnt, fstype=wanted.fstype, opts=wanted.opts, user=wanted.user
    )
    if out is True:
        _remember(wanted)
        return result_of(wanted.name, True, "Target was already mounted", changes)
    # Not every file system takes other options while it is mounted.
    gone = __salt__["mount.umount"](wanted.name, user=wanted.user)
    if gone is not True:
        return result_of(wanted.name, False, f"Unable to unmount {wanted.name}: {gone}.")
    changes = {"umount": f"Forced unmount and mount because options ({shown}) changed"}
    return _mounted_now(wanted, changes)


def _other_device(wanted: _Wanted, found: mounts.Mounted) -> dict[str, Any]:
    if __opts__["test"]:
        said = f"An umount would have been forced because devices do not match.  Watched: {wanted.device}"
        return result_of(wanted.name, None, said)
    out = __salt__["mount.umount"](wanted.name, user=wanted.user)
    if out is not True:
        return result_of(wanted.name, False, f"Unable to unmount {wanted.name}: {out}.", {"umount": out})
    current = ", ".join(sorted(_names_of(found)))
    said = f"Forced unmount because devices don't match. Wanted: {wanted.device}, current: {current}"
    return _mounted_now(wanted, {"umount": said})


def _is_device(wanted: _Wanted, found: mounts.Mounted) -> bool:
    return _is_of(wanted.device, found) or any(
        re.match(pattern, one) for pattern in wanted.device_name_regex for one in _names_of(found)
    )


def _is_of(device: str, found: mounts.Mounted) -> bool:
    """Whether this is what is mounted there: a device by any of its names, or a directory or file that is bound."""
    if {device, device.rstrip("/"), mounts.device_path(device)} & _names_of(found):
        return True
    path = Path(device)
    return path.is_absolute() and not path.is_block_device() and path.exists() and path.samefile(found.name)


def _names_of(found: mounts.Mounted) -> set[str]:
    names = {found.device, mounts.device_path(found.device), mounts.backing_file(found.device)}
    if found.fstype == "nfs4" or found.fstype.startswith("nfs"):
        names.add(found.device.rstrip("/"))
    return names - {""}


def _is_bind(wanted: _Wanted) -> bool:
    return bool({"bind", "rbind"} & set(wanted.opts))


def _remember(wanted: _Wanted) -> None:
    opts = [one for one in wanted.opts if not _is_secret(one)]
    __salt__["mount.write_mount_cache"](wanted.name, wanted.device, wanted.mkmnt, wanted.fstype, opts)


def _is_secret(option: str) -> bool:
    return option.partition("=")[0] in ("pass", "password", "secret")


def _without_secrets(options: Sequence[str]) -> str:
    return ",".join(one.partition("=")[0] + "=XXX" if _is_secret(one) else one for one in options)


def _place_only(name: str, mkmnt: bool) -> dict[str, Any]:
    """Make the mount point of what is not to be mounted."""
    exists = Path(name).exists()
    if __opts__["test"]:
        if exists:
            return result_of(name, True, f"{name} would not be mounted")
        said = (
            "would be created, but not mounted" if mkmnt else "does not exist and would neither be created nor mounted"
        )
        return result_of(name, None, f"{name} {said}")
    if exists:
        return result_of(name, True, f"{name} not mounted")
    if not mkmnt:
        return result_of(name, True, f"{name} not present and not mounted")
    Path(name).mkdir(parents=True)
    return result_of(name, True, f"{name} was created, not mounted")


def _entry_opts(wanted: _Wanted, found: mounts.Mounted | None, entry: Mapping[str, Any]) -> list[str]:
    """The options for the file: of a bind mount that nobody has written down yet, those that it has now."""
    if not _is_bind(wanted) or found is None:
        return wanted.opts
    status = __salt__["mount.set_fstab"](wanted.name, wanted.device, wanted.fstype, wanted.opts, test=True, **entry)
    return wanted.opts if status == "present" else sorted({*wanted.opts, *found.all_opts()})


def _with_entry(
    done: dict[str, Any], wanted: _Wanted, opts: list[str], entry: Mapping[str, Any], is_mounted: bool
) -> dict[str, Any]:
    """See to the line of the file."""
    name, before = done["name"], f"{done['comment']}. " if done["comment"] else ""
    status = __salt__["mount.set_fstab"](name, wanted.device, wanted.fstype, opts, test=__opts__["test"], **entry)
    if status == "present":
        return {**done, "comment": f"{before}Entry already exists in the fstab."}
    if __opts__["test"]:
        if status == "new":
            said = "is mounted, but needs to be written" if is_mounted else "needs to be written"
            said = f"{name} {said} to the fstab in order to be made persistent."
        else:
            changed = "fstab entry must be updated."
            said = f"{name} is mounted, but its {changed}" if is_mounted else f"The {name} {changed}"
        return {**done, "result": None, "comment": before + said}
    word, said = (
        ("new", "Added new entry to the fstab.") if status == "new" else ("update", "Updated the entry in the fstab.")
    )
    return {**done, "changes": {**done["changes"], "persist": word}, "comment": before + said}


def unmounted(
    name: str,
    device: str | None = None,
    config: str = "/etc/fstab",
    persist: bool = False,
    user: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Nothing is mounted at a place, or not this device; with `persist` it does not stand in `/etc/fstab` either."""
    found = mounts.mounted().get(os.path.realpath(name))
    changes: dict[str, Any] = {}
    said = "Target was already unmounted"
    if found is not None and (device is None or _is_of(device, found)):
        if __opts__["test"]:
            return result_of(name, None, f"Mount point {name} is mounted but should not be")
        out = __salt__["mount.umount"](os.path.realpath(name), user=user)
        if out is not True:
            return result_of(name, False, str(out))
        __salt__["mount.delete_mount_cache"](os.path.realpath(name))
        changes["umount"] = True
        said = "Target was successfully unmounted"
    elif found is not None:
        said = f"{device} is not mounted on {name}"
    return (
        _without_entry(result_of(name, True, said, changes), device, config)
        if persist
        else result_of(name, True, said, changes)
    )


def _without_entry(done: dict[str, Any], device: str | None, config: str) -> dict[str, Any]:
    name, said = done["name"], done["comment"]
    entry = __salt__["mount.fstab"](config).get(name)
    if entry is None:
        return {**done, "comment": f"{said}. fstab entry not found"}
    if device is not None and entry["device"] != device:
        return {**done, "comment": f"{said}. fstab entry for device {device} not found"}
    if __opts__["test"]:
        said = f"Mount point {name} is unmounted but needs to be purged from {config} to be made persistent"
        return {**done, "result": None, "comment": said}
    __salt__["mount.rm_fstab"](name, device, config)
    return {
        **done,
        "changes": {**done["changes"], "persist": "purged"},
        "comment": f"{said}. Removed target from fstab",
    }


def swap(name: str, persist: bool = True, config: str = "/etc/fstab") -> dict[str, Any]:
    """A device or file is used as swap space, and with `persist` it stands in `/etc/fstab`."""
    path = os.path.realpath(name)
    entry: dict[str, Any] = {"config": config, "test": __opts__["test"]}
    line = ("none", name, "swap", ["defaults"], 0, 0)
    if __opts__["test"]:
        if path not in __salt__["mount.swaps"]():
            return result_of(name, None, f"Swap {name} is set to be activated")
        if persist and __salt__["mount.set_fstab"](*line, **entry) != "present":
            return result_of(name, None, f"Swap {name} is set to be added to the fstab and to be activated")
        return result_of(name, True, f"Swap {name} already active")
    changes: dict[str, Any] = {}
    result, said = True, f"Swap {name} already active"
    if path not in __salt__["mount.swaps"]():
        out = __salt__["mount.swapon"](name)
        result = bool(out)
        said = f"Swap {name} activated" if out else f"Swap {name} failed to activate"
        changes.update(out or {})
    if not persist:
        return result_of(name, result, said, changes)
    try:
        status = __salt__["mount.set_fstab"](*line, **entry)
    except CommandExecutionError as error:
        return result_of(name, False, f"{said}. However, the fstab was not found: {error}", changes)
    if status == "new":
        changes["persist"], more = "new", ". Added new entry to the fstab."
    elif status == "change":
        changes["persist"], more = "update", ". Updated the entry in the fstab."
    else:
        more = ""
    return result_of(name, result, said + more, changes)


def fstab_present(
    name: str,
    fs_file: str,
    fs_vfstype: str,
    fs_mntops: str | Sequence[str] = "defaults",
    fs_freq: int = 0,
    fs_passno: int = 0,
    mount_by: str | None = None,
    config: str = "/etc/fstab",
    mount: bool = True,
    match_on: str | Sequence[str] = "auto",
    not_change: bool = False,
    fs_mount: bool = True,
) -> dict[str, Any]:
    """A device stands in `/etc/fstab`; it is mounted when its line is new, unless `mount` or `fs_mount` is off.

    `mount_by` names the device by its `uuid`, `label`, `partuuid`, `partlabel` or as `device`. `match_on` and
    `not_change` are as in the function `mount.set_fstab`.
    """
    device = _named_by(name, mount_by)
    if device is None:
        return result_of(name, False, f"Device {name} cannot be converted to {mount_by}")
    entry = {"config": config, "match_on": match_on, "not_change": not_change}
    line = (fs_file, device, fs_vfstype, fs_mntops, fs_freq, fs_passno)
    status = __salt__["mount.set_fstab"](*line, test=__opts__["test"], **entry)
    mounting = status == "new" and mount and fs_mount and fs_vfstype != "swap"
    if __opts__["test"]:
        words = {"present": "is already in", "new": "will be written in", "change": "will be updated in"}
        said = f"{fs_file} entry {words[status]} {config}."
        if mounting:
            said += f"\nWill mount {name} on {fs_file}"
        return result_of(name, True if status == "present" else None, said)
    words = {"present": "was already in", "new": "added in", "change": "updated in"}
    said = f"{fs_file} entry {words[status]} {config}."
    changes = {} if status == "present" else {"persist": status}
    if not mounting or __salt__["mount.is_mounted"](fs_file):
        return result_of(name, True, said, changes)
    out = __salt__["mount.mount"](fs_file, device, fstype=fs_vfstype, opts=fs_mntops)
    if isinstance(out, str):
        return result_of(name, False, f"{said}\nError while mounting {out.partition(':')[2] or out}", changes)
    return result_of(name, True, f"{said}\nMounted {name} on {fs_file}", changes)


def fstab_absent(name: str, fs_file: str, mount_by: str | None = None, config: str = "/etc/fstab") -> dict[str, Any]:
    """A mount point does not stand in `/etc/fstab`."""
    device = _named_by(name, mount_by)
    entries = __salt__["mount.fstab"](config)
    if not any(key.rstrip("_") == fs_file and one["device"] == device for key, one in entries.items()):
        return result_of(name, True, f"{fs_file} entry is already missing in {config}.")
    if __opts__["test"]:
        return result_of(name, None, f"{fs_file} entry will be removed from {config}.")
    __salt__["mount.rm_fstab"](fs_file, device, config)
    return result_of(name, True, f"{fs_file} entry removed from {config}.", {"persist": "removed"})


def _named_by(device: str, mount_by: str | None) -> str | None:
    """The device by that name which is wanted; None where it has none."""
    if not mount_by or mount_by == "device" or device.startswith(f"{mount_by.upper()}="):
        return device
    known = __salt__["disk.blkid"](device).get(device, {})
    tag = known.get(mount_by.upper())
    return f"{mount_by.upper()}={tag}" if tag else None


def mod_watch(name: str, user: str | None = None, **kwargs: Any) -> dict[str, Any]:
    """What is watched has changed: what is mounted is taken away and mounted again."""
    kind = kwargs.get("sfun")
    if kind != "mounted":
        return result_of(name, True, f"Watch not supported in {kind} at this time")
    if __opts__["test"]:
        return result_of(name, None, f"{name} would be remounted")
    out = __salt__["mount.remount"](
        name, kwargs["device"], False, kwargs["fstype"], kwargs.get("opts", "defaults"), user=user
    )
    if out is True:
        return result_of(name, True, f"{name} remounted", {name: True})
    return result_of(name, False, f"{name} failed to remount: {out}")


def _words(opts: str | Sequence[str]) -> list[str]:
    """Options as single words, whether they come in a text, a list, or a list of texts."""
    texts = [opts] if isinstance(opts, str) else [str(one) for one in opts]
    return [word for text in texts for word in text.split(",") if word]
