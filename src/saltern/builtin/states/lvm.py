"""Physical volumes, volume groups and logical volumes (lvm(8))."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, Opts, SaltInvocationError
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts

_UNITS = {"s": 0.5, "k": 1, "m": 1 << 10, "g": 1 << 20, "t": 1 << 30, "p": 1 << 40}


def __virtual__() -> bool | tuple[bool, str]:
    return "lvm.version" in __salt__ or (False, "lvm is not installed")


def pv_present(name: str, **kwargs: Any) -> dict[str, Any]:
    """A device is a physical volume. Further arguments are options of pvcreate(8)."""
    if __salt__["lvm.pvdisplay"](name, quiet=True):
        return result_of(name, True, f"Physical Volume {name} already present")
    if __opts__["test"]:
        return result_of(name, None, f"Physical Volume {name} is set to be created")
    wrong = _called("lvm.pvcreate", name, **kwargs)
    if not __salt__["lvm.pvdisplay"](name, quiet=True):
        return result_of(name, False, f"Failed to create Physical Volume {name}: {wrong}")
    return result_of(name, True, f"Created Physical Volume {name}", {"created": True})


def pv_absent(name: str) -> dict[str, Any]:
    """A device is no physical volume."""
    if not __salt__["lvm.pvdisplay"](name, quiet=True):
        return result_of(name, True, f"Physical Volume {name} does not exist")
    if __opts__["test"]:
        return result_of(name, None, f"Physical Volume {name} is set to be removed")
    wrong = _called("lvm.pvremove", name)
    if __salt__["lvm.pvdisplay"](name, quiet=True):
        return result_of(name, False, f"Failed to remove Physical Volume {name}: {wrong}")
    return result_of(name, True, f"Removed Physical Volume {name}", {"removed": True})


def vg_present(name: str, devices: str | Sequence[str] | None = None, **kwargs: Any) -> dict[str, Any]:
    """There is a volume group that has these devices. Further arguments are options of vgcreate(8)."""
    wanted = devices.split(",") if isinstance(devices, str) else list(devices or [])
    if not __salt__["lvm.vgdisplay"](name, quiet=True):
        if __opts__["test"]:
            return result_of(name, None, f"Volume Group {name} is set to be created")
        made = _called("lvm.vgcreate", name, wanted, **kwargs)
        if not __salt__["lvm.vgdisplay"](name, quiet=True):
            return result_of(name, False, f"Failed to create Volume Group {name}: {made}")
        return result_of(name, True, f"Created Volume Group {name}", {"created": made})
    known = __salt__["lvm.pvdisplay"](real=True, quiet=True)
    groups = {one: known.get(os.path.realpath(one), {}).get("Volume Group Name") for one in wanted}
    said = [f"Volume Group {name} already present"]
    said += [f"{one} is part of Volume Group" for one, group in groups.items() if group == name]
    strange = [one for one, group in groups.items() if group not in (None, "", "#orphans_lvm2", name)]
    if strange:
        said += [f"{one} is in another Volume Group: {groups[one]}" for one in strange]
        return result_of(name, False, "\n".join(said))
    return _extended(name, [one for one, group in groups.items() if group != name], said)


def _extended(name: str, lacking: Sequence[str], said: list[str]) -> dict[str, Any]:
    if __opts__["test"] and lacking:
        return result_of(name, None, "\n".join([*said, *(f"{one} will be added to Volume Group" for one in lacking)]))
    changes: dict[str, Any] = {}
    for one in lacking:
        made = _called("lvm.vgextend", name, one)
        if isinstance(made, str):
            return result_of(name, False, "\n".join([*said, f"{one} could not be added: {made}"]), changes)
        changes[one] = f"added to {name}"
        said.append(f"{one} was added to Volume Group")
    return result_of(name, True, "\n".join(said), changes)


def vg_absent(name: str) -> dict[str, Any]:
    """There is no such volume group."""
    if not __salt__["lvm.vgdisplay"](name, quiet=True):
        return result_of(name, True, f"Volume Group {name} already absent")
    if __opts__["test"]:
        return result_of(name, None, f"Volume Group {name} is set to be removed")
    done = _called("lvm.vgremove", name)
    if __salt__["lvm.vgdisplay"](name, quiet=True):
        return result_of(name, False, f"Failed to remove Volume Group {name}: {done}")
    return result_of(name, True, f"Removed Volume Group {name}", {"removed": done})


def lv_present(
    name: str,
    vgname: str | None = None,
    size: str | None = None,
    extents: str | None = None,
    snapshot: str | None = None,
    pv: str = "",
    thinvolume: bool = False,
    thinpool: bool = False,
    force: bool = False,
    resizefs: bool = False,
    **kwargs: Any,
) -> dict[str, Any]:
    """There is a logical volume; one that has less than `size` is made larger, one that has more only with `force`.

    Further arguments are options of lvcreate(8).
    """
    path = f"/dev/{vgname}/{name}"
    found = __salt__["lvm.lvdisplay"](path, quiet=True)
    if not found:
        if __opts__["test"]:
            return result_of(name, None, f"Logical Volume {name} is set to be created")
        made = _called(
            "lvm.lvcreate",
            name,
            vgname,
            size=size,
            extents=extents,
            snapshot=snapshot,
            pv=pv,
            thinvolume=thinvolume,
            thinpool=thinpool,
            force=force,
            **kwargs,
        )
        if not __salt__["lvm.lvdisplay"](path, quiet=True):
            return result_of(name, False, f"Failed to create Logical Volume {name}: {made}")
        return result_of(name, True, f"Created Logical Volume {name}", {"created": made})
    has = int(next(iter(found.values()))["Logical Volume Size"]) // 2
    wanted = _kibibytes(size)
    if wanted is None or wanted == has:
        return result_of(name, True, f"Logical Volume {name} already present")
    return _other_size(name, path, str(size), (has, wanted), force, resizefs)


def _other_size(name: str, path: str, size: str, sizes: tuple[int, int], force: bool, resizefs: bool) -> dict[str, Any]:
    has, wanted = sizes
    if wanted < has and not force:
        said = f"Logical Volume {name} is larger than {size}; it is made smaller only with `force: True`"
        return result_of(name, False, said)
    if __opts__["test"]:
        return result_of(name, None, f"Logical Volume {name} is set to be resized")
    done = _called("lvm.lvresize", size, path, force=force, resizefs=resizefs)
    if isinstance(done, str):
        return result_of(name, False, f"Failed to resize Logical Volume {name}: {done}")
    return result_of(name, True, f"Resized Logical Volume {name}", {"resized": done})


def lv_absent(name: str, vgname: str | None = None) -> dict[str, Any]:
    """There is no such logical volume."""
    path = f"/dev/{vgname}/{name}"
    if not __salt__["lvm.lvdisplay"](path, quiet=True):
        return result_of(name, True, f"Logical Volume {name} already absent")
    if __opts__["test"]:
        return result_of(name, None, f"Logical Volume {name} is set to be removed")
    done = _called("lvm.lvremove", name, vgname)
    if __salt__["lvm.lvdisplay"](path, quiet=True):
        return result_of(name, False, f"Failed to remove Logical Volume {name}: {done}")
    return result_of(name, True, f"Removed Logical Volume {name}", {"removed": done})


def _called(function: str, *args: Any, **kwargs: Any) -> Any:
    """What a function answers, or what it says is wrong."""
    try:
        return __salt__[function](*args, **kwargs)
    except (CommandExecutionError, SaltInvocationError) as error:
        return str(error)


def _kibibytes(size: str | None) -> int | None:
    """A size as lvcreate(8) reads it: MiB where no unit stands."""
    text = str(size or "").strip().lower().removesuffix("b").removesuffix("i")
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "m")
    try:
        return int(float(number) * _UNITS[unit]) if number else None
    except ValueError:
        return None
