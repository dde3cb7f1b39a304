"""Physical volumes, volume groups and logical volumes (lvm(8))."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, SaltInvocationError, process
from saltern.plugin_api.linux import lvm

__salt__: Functions

__virtualname__ = "lvm"

_PV_OPTIONS = (
    "metadatasize dataalignment dataalignmentoffset pvmetadatacopies metadatacopies metadataignore restorefile"
    " norestorefile labelsector setphysicalvolumesize"
)
_VG_OPTIONS = (
    "addtag alloc autobackup clustered maxlogicalvolumes maxphysicalvolumes metadatacopies metadatatype"
    " physicalextentsize vgmetadatacopies"
)
_LV_OPTIONS = (
    "activate alloc autobackup chunksize contiguous corelog ignoreactivationskip ignoremonitoring major minor"
    " mirrorlog mirrors monitor nosync noudevsync permission persistent readahead regionsize setactivationskip"
    " stripes stripesize test type virtualsize wipesignatures zero"
)
"""The options that pvcreate(8), vgcreate(8) and lvcreate(8) are given as they are named."""


def __virtual__() -> str | tuple[bool, str]:
    return __virtualname__ if process.find_program("lvm") else (False, "lvm is not installed")


def version() -> str:
    """The version of the programs.

    CLI Example::

        saltern run '*' lvm.version
    """
    return fullversion()["LVM version"]


def fullversion() -> dict[str, str]:
    """The versions of the programs, of their library, and of the driver in the kernel.

    CLI Example::

        saltern run '*' lvm.fullversion
    """
    done = __salt__["cmd.run_all"](["lvm", "version"], python_shell=False, ignore_retcode=True)
    pairs = (line.partition(":") for line in str(done["stdout"]).splitlines())
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def pvdisplay(pvname: str = "", real: bool = False, quiet: bool = False) -> dict[str, dict[str, str]]:
    """The physical volumes, or one; with `real` by the path that a link leads to.

    CLI Example::

        saltern run '*' lvm.pvdisplay
    """
    found = _display("pvdisplay", pvname, quiet)
    if not real:
        return found
    return {
        os.path.realpath(name): {**row, "Real Physical Volume Device": os.path.realpath(name)}
        for name, row in found.items()
    }


def vgdisplay(vgname: str = "", quiet: bool = False) -> dict[str, dict[str, str]]:
    """The volume groups, or one.

    CLI Example::

        saltern run '*' lvm.vgdisplay nova-volumes
    """
    return _display("vgdisplay", vgname, quiet)


def lvdisplay(lvname: str = "", quiet: bool = False) -> dict[str, dict[str, str]]:
    """The logical volumes, or one by its path.

    CLI Example::

        saltern run '*' lvm.lvdisplay /dev/vg_myserver/root
    """
    return _display("lvdisplay", lvname, quiet)


def pvcreate(devices: str | Sequence[str], override: bool = True, **kwargs: Any) -> bool | str:
    """Make devices physical volumes; with `override` those that are such are left. True, or what is wrong.

    CLI Example::

        saltern run '*' lvm.pvcreate /dev/sdb1,/dev/sdb2
    """
    names = _devices(devices)
    missing = [one for one in names if not Path(one).exists()]
    if missing:
        raise CommandExecutionError(f"{missing[0]} does not exist")
    known = pvdisplay(real=True, quiet=True)
    if not override and any(os.path.realpath(one) in known for one in names):
        raise CommandExecutionError(f'Device "{names[0]}" is already an LVM physical volume.')
    new = [one for one in names if os.path.realpath(one) not in known]
    return _do("pvcreate", "-y", *_options(kwargs, _PV_OPTIONS), *new) if new else True


def pvremove(devices: str | Sequence[str], override: bool = True, force: bool = True) -> bool | str:
    """Make devices physical volumes no longer. True, or what is wrong.

    CLI Example::

        saltern run '*' lvm.pvremove /dev/sdb1,/dev/sdb2
    """
    known = pvdisplay(real=True, quiet=True)
    names = [one for one in _devices(devices) if os.path.realpath(one) in known]
    if not names and not override:
        raise CommandExecutionError(f"{devices} is not a physical volume")
    return _do("pvremove", *(["-y"] if force else []), *names) if names else True


def pvresize(devices: str | Sequence[str], override: bool = True) -> bool | str:
    """Let physical volumes fill their devices. True, or what is wrong.

    CLI Example::

        saltern run '*' lvm.pvresize /dev/sdb1
    """
    return _do("pvresize", *_devices(devices))


def vgcreate(vgname: str, devices: str | Sequence[str], force: bool = False, **kwargs: Any) -> dict[str, Any] | str:
    """Make a volume group of devices: what there is to know of it, or what is wrong.

    CLI Example::

        saltern run '*' lvm.vgcreate my_vg /dev/sdb1,/dev/sdb2
    """
    if not vgname or not devices:
        raise SaltInvocationError("Error: vgname and device(s) are both required")
    options = _options(kwargs, _VG_OPTIONS)
    done = _do("vgcreate", *(["-qq", "-y"] if force else []), vgname, *options, *_devices(devices))
    if isinstance(done, str):
        return done
    found: dict[str, Any] = dict(vgdisplay(vgname))
    return {**found, "Output from vgcreate": f'Volume group "{vgname}" successfully created'}


def vgextend(vgname: str, devices: str | Sequence[str], force: bool = False) -> dict[str, Any] | str:
    """Add devices to a volume group.

    CLI Example::

        saltern run '*' lvm.vgextend my_vg /dev/sdb1,/dev/sdb2
    """
    done = _do("vgextend", *(["-qq", "-y"] if force else []), vgname, *_devices(devices))
    return done if isinstance(done, str) else {"Output from vgextend": f'Volume group "{vgname}" successfully extended'}


def vgremove(vgname: str, force: bool = True) -> str:
    """Remove a volume group with all that is in it.

    CLI Example::

        saltern run '*' lvm.vgremove vgname
    """
    done = _do("vgremove", *(["-f"] if force else []), vgname)
    return done if isinstance(done, str) else f'Volume group "{vgname}" successfully removed'


def lvcreate(
    lvname: str,
    vgname: str,
    size: str | None = None,
    extents: str | None = None,
    snapshot: str | None = None,
    pv: str | None = None,
    thinvolume: bool = False,
    thinpool: bool = False,
    force: bool = False,
    **kwargs: Any,
) -> dict[str, Any] | str:
    """Make a logical volume, of a `size` (`3G`) or a number or share of `extents` (`100%FREE`), or a `snapshot` of one.

    CLI Example::

        saltern run '*' lvm.lvcreate new_volume_name vg_name size=10G
        saltern run '*' lvm.lvcreate new_snapshot vg_name snapshot=volume_name size=3G
    """
    if bool(size) == bool(extents) and not thinvolume:
        raise SaltInvocationError("Error: Either size or extents must be specified, and not both")
    target = f"{vgname}/{snapshot}" if snapshot else vgname
    argv = ["-T" if thinpool and not thinvolume else "--thin"] if thinvolume or thinpool else []
    argv += ["-n", lvname] if not thinpool else []
    argv += ["-s"] if snapshot else []
    argv += [("-V" if thinvolume else "-L"), str(size)] if size else []
    argv += ["-l", str(extents)] if extents and not size else []
    argv += ["-qq", "-y"] if force else ["-y"]
    argv += _options(kwargs, _LV_OPTIONS)
    argv += [f"{target}/{lvname}" if thinpool else target, *([pv] if pv else [])]
    done = _do("lvcreate", *argv)
    if isinstance(done, str):
        return done
    found: dict[str, Any] = dict(lvdisplay(f"/dev/{vgname}/{lvname}", quiet=True))
    return {**found, "Output from lvcreate": f'Logical volume "{lvname}" created.'}


def lvremove(lvname: str, vgname: str, force: bool = True) -> str:
    """Remove a logical volume.

    CLI Example::

        saltern run '*' lvm.lvremove lvname vgname
    """
    done = _do("lvremove", *(["-f"] if force else []), f"{vgname}/{lvname}")
    return done if isinstance(done, str) else f'Logical volume "{lvname}" successfully removed'


def lvresize(
    size: str | None = None,
    lvpath: str | None = None,
    extents: str | None = None,
    force: bool = False,
    resizefs: bool = False,
) -> dict[str, str] | str:
    """Give a logical volume another size, with `resizefs` its file system too.

    CLI Example::

        saltern run '*' lvm.lvresize +12M /dev/mapper/vg1-test
    """
    return _resized("lvresize", size, lvpath, extents, force, resizefs)


def lvextend(
    size: str | None = None,
    lvpath: str | None = None,
    extents: str | None = None,
    force: bool = False,
    resizefs: bool = False,
) -> dict[str, str] | str:
    """Make a logical volume larger, with `resizefs` its file system too.

    CLI Example::

        saltern run '*' lvm.lvextend +12M /dev/mapper/vg1-test
    """
    return _resized("lvextend", size, lvpath, extents, force, resizefs)


def _resized(
    program: str, size: str | None, lvpath: str | None, extents: str | None, force: bool, resizefs: bool
) -> dict[str, str] | str:
    if bool(size) == bool(extents) or not lvpath:
        raise SaltInvocationError("Error: Either size or extents must be specified, and not both; and a path")
    how = ["-L", str(size)] if size else ["-l", str(extents)]
    done = _do(program, *(["--force"] if force else []), *(["--resizefs"] if resizefs else []), *how, lvpath)
    return (
        done
        if isinstance(done, str)
        else {f"Output from {program}": f'Logical volume "{lvpath}" successfully resized.'}
    )


def _devices(devices: str | Sequence[str]) -> list[str]:
    return devices.split(",") if isinstance(devices, str) else list(devices)


def _options(given: dict[str, Any], known: str) -> list[str]:
    words: list[str] = []
    for key in known.split():
        if given.get(key) is True:
            words.append(f"--{key}")
        elif given.get(key) not in (None, False):
            words += [f"--{key}", str(given[key])]
    return words


def _display(program: str, name: str, quiet: bool) -> dict[str, dict[str, str]]:
    argv = [program, "-c", *([name] if name else [])]
    done = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=quiet)
    return lvm.parse(program, str(done["stdout"])) if done["retcode"] == 0 else {}


def _do(*argv: str) -> bool | str:
    """Run a program; True, or what is wrong."""
    done = __salt__["cmd.run_all"](list(argv), python_shell=False)
    return True if done["retcode"] == 0 else str(done["stderr"] or done["stdout"] or f"{argv[0]} failed")
