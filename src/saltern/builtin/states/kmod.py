"""Modules of the Linux kernel are loaded, or are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "kmod.available" in __salt__ or (False, "there is no module for the modules of this kernel")


def present(name: str, persist: bool = False, mods: Sequence[str] | None = None) -> dict[str, Any]:
    """A module, or each of `mods`, is loaded, with `persist` at boot as well."""
    wanted = list(mods or [name])
    loaded = _loaded(wanted, persist, all_of=True)
    missing = [one for one in wanted if one not in loaded]
    said = _told(loaded, "already present")
    if not missing:
        return result_of(name, True, "\n".join(said))
    if __opts__["test"]:
        return result_of(name, None, "\n".join([*said, *_told(missing, "set to be loaded")]))
    known = {_plain(one) for one in __salt__["kmod.available"]()}
    unknown = [one for one in missing if _plain(one) not in known]
    said += _told(unknown, "unavailable")
    calls = {one: __salt__["kmod.load"](one, persist) for one in missing if one not in unknown}
    return _outcome(name, calls, said, ("load", "loaded", "Loaded kernel module"), bool(unknown))


def absent(name: str, persist: bool = False, comment: bool = True, mods: Sequence[str] | None = None) -> dict[str, Any]:
    """A module, or each of `mods`, is not loaded, with `persist` not at boot either.

    Its line in the file is then put in a comment, or removed without `comment`.
    """
    wanted = list(mods or [name])
    loaded = _loaded(wanted, persist, all_of=False)
    gone = [one for one in wanted if one not in loaded]
    said = _told(gone, "already removed")
    if not loaded:
        return result_of(name, True, "\n".join(said))
    if __opts__["test"]:
        return result_of(name, None, "\n".join(_told(loaded, "set to be removed")))
    calls = {one: __salt__["kmod.remove"](one, persist, comment) for one in loaded}
    return _outcome(name, calls, said, ("remove", "removed", "Removed kernel module"), False)


def _loaded(wanted: Sequence[str], persist: bool, all_of: bool) -> list[str]:
    """Those of the wanted that are loaded, and with `persist` also (or else) at boot."""
    now = {_plain(one) for one in __salt__["kmod.mod_list"]()}
    if persist:
        boot = {_plain(one) for one in __salt__["kmod.mod_list"](True)}
        now = now & boot if all_of else now | boot
    return [one for one in wanted if _plain(one) in now]


def _told(mods: Sequence[str], what: str) -> list[str]:
    if not mods:
        return []
    return [f"Kernel module {mods[0]} is {what}" if len(mods) == 1 else f"Kernel modules {', '.join(mods)} are {what}"]


def _outcome(
    name: str, calls: dict[str, Any], said: Sequence[str], words: tuple[str, str, str], failed: bool
) -> dict[str, Any]:
    """The result of functions that gave lists of modules, or a text that tells what was wrong."""
    verb, past, sentence = words
    changes = {mod: past for got in calls.values() if not isinstance(got, str) for mod in got}
    done = [one for one, got in calls.items() if got and not isinstance(got, str)]
    lines = list(said)
    if done:
        lines.append(f"{sentence}{'s' if len(done) > 1 else ''} {', '.join(done)}")
    lines += [f"Failed to {verb} kernel module {one}" for one, got in calls.items() if not got]
    lines += [f"Failed to {verb} kernel module {one}: {got}" for one, got in calls.items() if isinstance(got, str)]
    good = not failed and len(done) == len(calls)
    return result_of(name, good, "\n".join(lines), changes)


def _plain(mod: str) -> str:
    return mod.replace("-", "_")
