"""What is mounted, the table of what shall be (`/etc/fstab`), and swap space."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, process
from saltern.plugin_api.linux import fstab as table
from saltern.plugin_api.linux import mounts
from saltern.plugin_api.whole_file import write_whole

__salt__: Functions
__opts__: Opts


def active(extended: bool = False) -> dict[str, dict[str, Any]]:
    """What is mounted, by mount point: `device`, `alt_device`, `fstype` and `opts`.

    With `extended` also the numbers of the mount and its device, the part of the file system that is seen (`root`),
    the options of the whole of it (`superopts`), its UUID and its label.

    CLI Example::

        saltern run '*' mount.active
    """
    if not extended:
        return {
            one.name: {"device": one.device, "alt_device": one.device, "fstype": one.fstype, "opts": one.all_opts()}
            for one in mounts.mounted().values()
        }
    known = __salt__["disk.blkid"]() if process.find_program("blkid") else {}
    return {one.name: _extended(one, known.get(one.device, {})) for one in mounts.mounted().values()}


def _extended(one: mounts.Mounted, blkid: dict[str, str]) -> dict[str, Any]:
    uuid = blkid.get("UUID")
    return {
        "mountid": one.mountid,
        "parentid": one.parentid,
        "major": one.major,
        "minor": one.minor,
        "root": one.root,
        "opts": one.opts,
        "fstype": one.fstype,
        "device": one.device,
        "alt_device": one.device,
        "superopts": one.superopts,
        "device_uuid": uuid.lower() if uuid else None,
        "device_label": blkid.get("LABEL"),
    }


def is_mounted(name: str) -> bool:
    """Whether something is mounted at this place.

    CLI Example::

        saltern run '*' mount.is_mounted /mnt/share
    """
    return name in mounts.mounted()


def get_mount_from_path(path: str) -> str:
    """The mount point that a path lies on, whether the path exists or not.

    CLI Example::

        saltern run '*' mount.get_mount_from_path /opt/some/nested/path
    """
    return mounts.place_of(path)


def get_device_from_path(path: str) -> str | None:
    """The device that a path lies on.

    CLI Example::

        saltern run '*' mount.get_device_from_path /
    """
    found = mounts.mounted().get(mounts.place_of(path))
    return found.device if found else None


def is_fuse_exec(cmd: str) -> bool:
    """Whether a program is one of FUSE, going by the libraries that it is linked with.

    CLI Example::

        saltern run '*' mount.is_fuse_exec sshfs
    """
    path = process.find_program(cmd)
    if path is None or not process.find_program("ldd"):
        return False
    return "libfuse" in process.text_of(process.run(["ldd", path]).stdout)


# --- mounting -----------------------------------------------------------------------------------------------------


def mount(
    name: str,
    device: str | bool | None = False,
    mkmnt: bool = False,
    fstype: str = "",
    opts: str | Sequence[str] = "defaults",
    user: str | None = None,
    util: str = "mount",
) -> bool | str:
    """Mount a device; True, or what `mount` says is wrong.

    Without `device` the entry of `/etc/fstab` is used. With `mkmnt` the mount point is made. With `util`
    `guestfs` or `qemu_nbd` an image is mounted by the function `mount` of that module.

    CLI Example::

        saltern run '*' mount.mount /mnt/foo /dev/sdz1 True
    """
    if util != "mount":
        return bool(_by_module(util, "mount", name, device))
    _make_place(name, mkmnt)
    argv = ["mount", *_options(opts), *(["-t", fstype] if fstype else []), *([str(device)] if device else []), name]
    return _told(argv, user)


def remount(
    name: str,
    device: str,
    mkmnt: bool = False,
    fstype: str = "",
    opts: str | Sequence[str] = "defaults",
    user: str | None = None,
) -> bool | str:
    """Give something that is mounted other options; mount it where it is not.

    CLI Example::

        saltern run '*' mount.remount /mnt/foo /dev/sdz1 True
    """
    if not is_mounted(name):
        return mount(name, device, mkmnt, fstype, opts, user)
    _make_place(name, mkmnt)
    words = _words(opts)
    argv = ["mount", *_options(["remount", *(one for one in words if one != "remount")])]
    return _told([*argv, *(["-t", fstype] if fstype else []), str(device), name], user)


def umount(
    name: str, device: str | None = None, user: str | None = None, util: str = "mount", lazy: bool = False
) -> bool | str:
    """Take away what is mounted; True, or what is wrong.

    With `lazy` a file system in use goes as soon as nobody uses it. A `device` is named instead of the mount point.

    CLI Example::

        saltern run '*' mount.umount /mnt/foo
        saltern run '*' mount.umount /mnt/foo /dev/sdz1
    """
    if util != "mount":
        return bool(_by_module(util, "umount", name, device))
    if not is_mounted(name):
        return f"{name} does not have anything mounted"
    return _told(["umount", *(["-l"] if lazy else []), device or name], user)


def _by_module(util: str, verb: str, name: str, device: Any) -> Any:
    function = f"{util}.{verb}"
    if function not in __salt__:
        raise CommandExecutionError(f"There is no function {function} on this minion")
    return __salt__[function](name, device) if verb == "umount" else __salt__[function](device or name, root=name)


def _make_place(name: str, mkmnt: bool) -> None:
    if mkmnt:
        Path(name).mkdir(parents=True, exist_ok=True)


def _words(opts: str | Sequence[str]) -> list[str]:
    return opts.split(",") if isinstance(opts, str) else [str(one) for one in opts]


def _options(opts: str | Sequence[str]) -> list[str]:
    words = _words(opts)
    return ["-o", ",".join(words)] if any(words) else []


def _told(argv: list[str], user: str | None) -> bool | str:
    done: dict[str, Any] = __salt__["cmd.run_all"](argv, python_shell=False, runas=user)
    return True if done["retcode"] == 0 else str(done["stderr"] or done["stdout"])


# --- the table of what shall be mounted ---------------------------------------------------------------------------


def fstab(config: str = "/etc/fstab") -> dict[str, dict[str, Any]]:
    """The entries of the file by mount point; a further one of the same place has a `_` behind its name.

    CLI Example::

        saltern run '*' mount.fstab
    """
    if not Path(config).is_file():
        return {}
    found: dict[str, dict[str, Any]] = {}
    for entry in table.entries(_read(config)):
        name = entry.name
        while name in found:
            name += "_"
        found[name] = entry.as_salt_shows()
    return found


def set_fstab(
    name: str,
    device: str,
    fstype: str,
    opts: str | Sequence[str] = "defaults",
    dump: int | str = 0,
    pass_num: int | str = 0,
    config: str = "/etc/fstab",
    test: bool = False,
    match_on: str | Sequence[str] = "auto",
    not_change: bool = False,
    **kwargs: Any,
) -> str:
    """Have an entry in the file; the answer is `new`, `change` or `present`.

    `match_on` names what an entry is known by (`name`, `device`, `fstype`, …); `auto` is the device, or the mount point
    where the device is only a word. With `not_change` an entry that differs stays. With `test` nothing is written.

    CLI Example::

        saltern run '*' mount.set_fstab /mnt/foo /dev/sdz1 ext4
    """
    entry = table.Entry(name, device, fstype, ",".join(_words(opts)), str(dump), str(pass_num))
    if not Path(config).is_file():
        raise CommandExecutionError(f'Bad config file "{config}"')
    text, status = table.with_entry(_read(config), entry, _match_keys(match_on, fstype), not_change)
    if status != "present" and not test:
        _write(config, text)
    return status


def rm_fstab(name: str, device: str | None, config: str = "/etc/fstab") -> bool:
    """Take the entries of a mount point out of the file, or only those of a device on it.

    CLI Example::

        saltern run '*' mount.rm_fstab /mnt/foo /dev/sdg
    """
    try:
        text = Path(config).read_text(errors="surrogateescape")
    except OSError as error:
        raise CommandExecutionError(f"Couldn't read from {config}: {error}") from error
    kept = table.without(text, name, device)
    if kept != text:
        _write(config, kept)
    return True


def _match_keys(match_on: str | Sequence[str], fstype: str) -> list[str]:
    if match_on == "auto":
        return list(table.identifying(fstype))
    keys = [match_on] if isinstance(match_on, str) else list(match_on)
    strange = [key for key in keys if key not in table.KEYS]
    if strange:
        raise CommandExecutionError(f'Unrecognized keys in match_on: "{strange}"')
    return keys


def _read(config: str) -> str:
    return Path(config).read_text(errors="surrogateescape")


def _write(config: str, text: str) -> None:
    try:
        write_whole(config, text)
    except OSError as error:
        raise CommandExecutionError(f"{config} cannot be written: {error.strerror}") from error


# --- swap space ---------------------------------------------------------------------------------------------------


def swaps() -> dict[str, dict[str, str]]:
    """The swap space in use: `type`, `size` and `used` in KiB, `priority`.

    CLI Example::

        saltern run '*' mount.swaps
    """
    try:
        rows = [line.split() for line in Path("/proc/swaps").read_text().splitlines()[1:]]
    except OSError:
        return {}
    names = ("type", "size", "used", "priority")
    return {row[0].replace("\\040", " "): dict(zip(names, row[1:5], strict=True)) for row in rows if len(row) > 4}


def swapon(name: str, priority: int | None = None) -> dict[str, Any]:
    """Use swap space: its `stats`, and whether it is `new`; empty where that did not work.

    CLI Example::

        saltern run '*' mount.swapon /root/swapfile
    """
    path = os.path.realpath(name)
    before = swaps()
    if path in before:
        return {"stats": before[path], "new": False}
    more = ["-p", str(priority)] if priority is not None else []
    __salt__["cmd.run_all"](["swapon", *more, name], python_shell=False)
    after = swaps()
    return {"stats": after[path], "new": True} if path in after else {}


def swapoff(name: str) -> bool | None:
    """Use swap space no longer; None where it was not used.

    CLI Example::

        saltern run '*' mount.swapoff /root/swapfile
    """
    path = os.path.realpath(name)
    if path not in swaps():
        return None
    __salt__["cmd.run_all"](["swapoff", name], python_shell=False)
    return path not in swaps()


# --- with which options something was mounted ---------------------------------------------------------------------


def read_mount_cache(name: str) -> dict[str, Any]:
    """With what the state `mounted` mounted a place last.

    CLI Example::

        saltern run '*' mount.read_mount_cache /mnt/share
    """
    found: dict[str, Any] = _cached().get(name, {})
    return found


def write_mount_cache(real_name: str, device: str, mkmnt: bool, fstype: str, mount_opts: str | Sequence[str]) -> bool:
    """Remember with what a place was mounted: not all options can be seen afterwards.

    CLI Example::

        saltern run '*' mount.write_mount_cache /mnt/share /dev/sda1 False ext4 defaults,nosuid
    """
    known = _cached()
    known[real_name] = {"device": device, "fstype": fstype, "mkmnt": mkmnt, "opts": _words(mount_opts)}
    return _keep(known)


def delete_mount_cache(real_name: str) -> bool:
    """Forget with what a place was mounted.

    CLI Example::

        saltern run '*' mount.delete_mount_cache /mnt/share
    """
    known = _cached()
    return _keep(known) if known.pop(real_name, None) else True


def _cache_file() -> Path:
    return Path(__opts__["cachedir"], "mounts")


def _cached() -> dict[str, Any]:
    try:
        found = json.loads(_cache_file().read_text())
    except (OSError, ValueError):
        return {}
    known: dict[str, Any] = found.get("mounts", {}) if isinstance(found, dict) else {}
    return known


def _keep(known: dict[str, Any]) -> bool:
    _cache_file().parent.mkdir(parents=True, exist_ok=True)
    write_whole(_cache_file(), json.dumps({"mounts": known}), mode=0o600)
    return True
