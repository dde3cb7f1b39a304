"""Tells of changes of files and directories; it needs the extra `inotify` (`pip install saltern[inotify]`).

::

    beacons:
      inotify:
        - files:
            /path/to/file/or/dir:
              mask: [create, modify, delete]
              recurse: True
              auto_add: True
              exclude:
                - /path/to/file/or/dir/exclude1
                - '/path/.*[.]swp$':
                    regex: True
        - disable_during_state_run: True

`mask` is create, delete and modify unless it is given. `auto_add` watches directories that are made later. An event has
the path as its tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api import Context
from saltern.plugin_api.beacon_options import GOOD, Verdict, is_list, options_of

__context__: Context

_MASKS = (
    "access", "attrib", "close_nowrite", "close_write", "create", "delete", "delete_self", "excl_unlink", "ignored",
    "modify", "moved_from", "moved_to", "move_self", "oneshot", "onlydir", "open", "unmount",
)  # fmt: skip
_USUAL = ("create", "delete", "modify")
_GONE = 0x8000
"""The kernel's word that nothing more comes of a watch."""


class _Wanted(NamedTuple):
    """One entry of `files`: `told` are the changes that are told, `watched` those that are watched."""

    root: Path
    told: int
    watched: int
    recurse: bool
    auto_add: bool
    exclude: tuple[Any, ...]

    def leaves_out(self, path: str) -> bool:
        return any(_is_excluded(path, one) for one in self.exclude)


def __virtual__() -> bool | tuple[bool, str]:
    try:
        import inotify_simple  # noqa: F401
    except ImportError:
        return False, "the beacon inotify needs the library inotify_simple: pip install saltern[inotify]"
    return True


def validate(config: Any) -> Verdict:
    """Whether `files` names files with masks that there are."""
    if not (form := is_list(config, "inotify"))[0]:
        return form
    files = options_of(config).get("files")
    if not isinstance(files, Mapping):
        return False, "Configuration for inotify beacon must include files."
    for path, wanted in files.items():
        if not isinstance(wanted, Mapping | None):
            return False, f"Configuration for inotify beacon: the options of {path} must be a dictionary."
        strange = [one for one in _list((wanted or {}).get("mask", _USUAL)) if one not in _MASKS]
        if strange:
            return False, f"Configuration for inotify beacon: invalid mask option {strange[0]}."
    return GOOD


def beacon(config: Any) -> list[dict[str, str]]:
    """What has changed since the last look: `path` and `change`."""
    options = options_of(config)
    watching = _watching(options)
    found: list[dict[str, str]] = []
    for event in watching.notifier.read(timeout=0):
        known = watching.places.get(event.wd)
        if known is None or event.mask & _GONE:
            watching.places.pop(event.wd, None)
            continue
        wanted, place = known
        path = str(place / event.name) if event.name else str(place)
        if event.mask & wanted.told and not wanted.leaves_out(path):
            found.append({"tag": path, "path": path, "change": _change(event.mask)})
        if wanted.auto_add and Path(path).is_dir():
            watching.add(wanted, Path(path))
    watching.add_missing()
    return _once(found) if options.get("coalesce") else found


def close(config: Any) -> None:
    """Let go of what the kernel watches."""
    watching = __context__.pop(_key(options_of(config)), None)
    if watching is not None:
        watching.notifier.close()


class _Watching:
    """What is watched: the kernel's numbers with the places."""

    def __init__(self, wanted: list[_Wanted]) -> None:
        import inotify_simple

        self.notifier = inotify_simple.INotify()
        self.places: dict[int, tuple[_Wanted, Path]] = {}
        self._wanted = wanted
        self.add_missing()

    def add_missing(self) -> None:
        """Watch what was not there before."""
        there = {place for _, place in self.places.values()}
        for one in self._wanted:
            if one.root not in there and one.root.exists():
                self.add(one, one.root)

    def add(self, wanted: _Wanted, place: Path) -> None:
        for directory in (place, *_below(wanted, place)):
            if wanted.leaves_out(str(directory)):
                continue
            try:
                self.places[self.notifier.add_watch(directory, wanted.watched)] = (wanted, directory)
            except OSError:
                continue  # it went meanwhile, or the kernel watches as much as it may


def _watching(options: Mapping[str, Any]) -> _Watching:
    key = _key(options)
    if key not in __context__:
        __context__[key] = _Watching([_read(path, given or {}) for path, given in options["files"].items()])
    found: _Watching = __context__[key]
    return found


def _key(options: Mapping[str, Any]) -> str:
    return f"inotify {options.get('_beacon_name')}"


def _read(path: Any, given: Mapping[str, Any]) -> _Wanted:
    from inotify_simple import flags

    mask = 0
    for word in _list(given.get("mask", _USUAL)):
        mask |= int(flags[word.upper()])
    exclude = tuple(_list(given.get("exclude") or []))
    auto_add = bool(given.get("auto_add"))
    watched = mask | (int(flags.CREATE) if auto_add else 0)
    return _Wanted(Path(str(path)), mask, watched, bool(given.get("recurse")), auto_add, exclude)


def _below(wanted: _Wanted, place: Path) -> Iterator[Path]:
    if wanted.recurse and place.is_dir():
        yield from (path for path in place.rglob("*") if path.is_dir() and not path.is_symlink())


def _is_excluded(path: str, one: Any) -> bool:
    if isinstance(one, Mapping):
        return any((given or {}).get("regex") and re.search(str(text), path) for text, given in one.items())
    return path == str(one) or path.startswith(f"{str(one).rstrip('/')}/")


def _change(mask: int) -> str:
    """The kernel's word for what happened."""
    from inotify_simple import flags

    return "|".join(f"IN_{flag.name}" for flag in flags.from_mask(mask))


def _once(found: list[dict[str, str]]) -> list[dict[str, str]]:
    kept = {tuple(one.values()): one for one in found}
    return list(kept.values())


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
