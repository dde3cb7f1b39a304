"""Single values of configuration files are as said, by Augeas."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from pathlib import Path
from typing import Any

from saltern.plugin_api import Functions, Opts
from saltern.plugin_api.augeas_commands import apply, commands_of
from saltern.plugin_api.augeas_tree import AugeasError
from saltern.plugin_api.state_result import result_of

__salt__: Functions
__opts__: Opts


def __virtual__() -> bool | tuple[bool, str]:
    return "augeas.execute" in __salt__ or (False, "augeas module could not be loaded")


def change(
    name: str,
    context: str | None = None,
    changes: Any = None,
    lens: str | None = None,
    load_path: str | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Carry out commands of Augeas (`set path value`, `setm`, `mv`, `ins`, `rm`) unless they change nothing.

    `context` is what their paths begin with, a file behind `/files`. With `lens` (`Redis.lns`) that lens reads
    this file and no other is read. What would change is found out in a copy of the files.
    """
    if not isinstance(changes, list):
        return result_of(name, False, "'changes' must be specified as a list")
    texts, context, lens = [str(one) for one in changes], context or "", lens or ""
    try:
        files = _files(texts, context)
        with tempfile.TemporaryDirectory() as copy:
            written = _tried(texts, context, lens, load_path, files, copy)
            foreseen = _changed(files, written, texts, copy)
        if not foreseen:
            return result_of(name, True, "No changes made")
        if __opts__["test"]:
            where = f' in file "{context}"' if context else ""
            return result_of(name, None, "\n".join([f"Executing commands{where}:", *texts]), foreseen)
        apply(texts, context, lens, load_path)
    except AugeasError as error:
        return result_of(name, False, f"Error: {error}")
    return result_of(name, True, "Changes have been saved", foreseen)


def _files(texts: list[str], context: str) -> list[Path]:
    """The files that commands may change: those that there are, and the one that the first names."""
    found: dict[Path, None] = {}
    for command in commands_of(texts):
        for path in command.paths(context):
            if not context and not path.startswith("/files"):
                wanted = "Changes should be prefixed with /files if no context is provided"
                raise AugeasError(f"{wanted}, change: {command.text}")
            found[_file(path)] = None
    return list(found)


def _file(path: str) -> Path:
    """The file that a node lies in, or would lie in: the first part of its path that is no directory."""
    place = Path(path.removeprefix("/files"))
    return next((one for one in (*reversed(place.parents), place) if not one.is_dir()), place)


def _tried(texts: list[str], context: str, lens: str, load_path: str | None, files: list[Path], copy: str) -> list[str]:
    """Carry out the commands below the directory `copy`, which gets copies of the files; what was written there."""
    for file in files:
        there = _copied(file, copy)
        if file.is_file():
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, there)
        elif file.parent.is_dir():
            there.parent.mkdir(parents=True, exist_ok=True)
    return apply(texts, context, lens, load_path, root=copy)


def _changed(files: list[Path], written: list[str], texts: list[str], copy: str) -> dict[str, Any]:
    """What a state tells of files that changed: their differences, or of a new file the commands."""
    known = [file for file in files if file.is_file()]
    if not written and not known:
        raise AugeasError(f"no lens of Augeas writes {files[0]}" if files else "there are no commands")
    if any(Path(path) not in known for path in written):
        return {"updates": texts}
    diff = "".join(_difference(file, _copied(file, copy)) for file in known if str(file) in written)
    return {"diff": diff} if diff else {}


def _copied(file: Path, copy: str) -> Path:
    return Path(copy, str(file).lstrip("/"))


def _difference(old: Path, new: Path) -> str:
    before, after = (one.read_text(errors="replace").splitlines(keepends=True) for one in (old, new))
    return "".join(difflib.unified_diff(before, after, n=0))
