"""Copies of files as they were before a change, below the minion's cache."""

from __future__ import annotations

import os
import re
import shutil
from datetime import UTC, datetime
from typing import Any

from saltern.plugin_api.filesystem import trees

_STAMP = "%a_%b_%d_%H:%M:%S_%f_%Y"
_STAMPED = re.compile(r"_(\w{3}_\w{3}_\d{2}_\d{2}:\d{2}:\d{2}_\d{6}_\d{4})$")


class Backups:
    """The copies below one directory; a copy is called after the file's path and its time."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def keep(self, path: str) -> str:
        """Copy a file with its mode and owner; the answer is the copy's path."""
        stamp = datetime.now(UTC).astimezone().strftime(_STAMP)
        status = os.stat(path)
        copy = f"{self._directory}{os.path.realpath(os.path.dirname(path))}/{os.path.basename(path)}_{stamp}"
        os.makedirs(os.path.dirname(copy), mode=0o700, exist_ok=True)
        shutil.copyfile(path, copy)
        os.chown(copy, status.st_uid, status.st_gid)
        os.chmod(copy, status.st_mode & 0o7777)
        return copy

    def of_file(self, path: str, limit: Any = None) -> dict[int, dict[str, Any]]:
        """The copies of a file, the newest first, by their place in this order."""
        found = []
        directory = self._below(path)
        for name in os.listdir(directory) if os.path.isdir(directory) else ():
            match = _STAMPED.search(name)
            if match and name[: match.start()] == os.path.basename(path):
                found.append((datetime.strptime(match[1], _STAMP), os.path.join(directory, name)))  # noqa: DTZ007 (local)
        found.sort(reverse=True)
        return {number: _told(*entry) for number, entry in enumerate(found[: _number(limit)])}

    def of_directory(self, path: str, limit: Any = None) -> dict[str, dict[int, dict[str, Any]]]:
        """The copies of all files that lie beside a path (in it, if it ends with a slash), by name."""
        directory = self._below(path)
        names = set()
        for name in os.listdir(directory) if os.path.isdir(directory) else ():
            match = _STAMPED.search(name)
            names.add(name[: match.start()] if match else name)
        return {name: self.of_file(os.path.join(os.path.dirname(path), name), limit) for name in sorted(names)}

    def restore(self, path: str, number: Any) -> dict[str, Any]:
        """Put a copy back in place, after a copy of what is there now."""
        chosen, complaint = self._chosen(path, number)
        if not chosen:
            return {"result": False, "comment": complaint}
        if os.path.isfile(path):
            self.keep(path)
        try:
            shutil.copyfile(chosen, path)
        except OSError as error:
            return {"result": False, "comment": f"Unable to restore {chosen} to {path}: {error}"}
        status = os.stat(chosen)
        os.chown(path, status.st_uid, status.st_gid)
        os.chmod(path, status.st_mode & 0o7777)
        return {"result": True, "comment": f"Successfully restored {chosen} to {path}"}

    def delete(self, path: str, number: Any) -> dict[str, Any]:
        chosen, complaint = self._chosen(path, number)
        if not chosen:
            return {"result": False, "comment": complaint}
        trees.remove(chosen)
        return {"result": True, "comment": f"Successfully removed {chosen}"}

    def _chosen(self, path: str, number: Any) -> tuple[str, str]:
        """The copy with a number, or why there is none."""
        if not str(number).lstrip("-").isdigit():
            return "", f"Invalid backup_id '{number}'"
        entry = self.of_file(path).get(int(number))
        return (entry["Location"], "") if entry else ("", f"backup_id '{number}' does not exist for {path}")

    def _below(self, path: str) -> str:
        return f"{self._directory}{os.path.dirname(os.path.expanduser(path))}"


def _told(moment: datetime, path: str) -> dict[str, Any]:
    return {
        "Backup Time": moment.strftime("%a %b %d %Y %H:%M:%S.%f"),
        "Size": os.stat(path).st_size,
        "Location": path,
    }


def _number(limit: Any) -> int | None:
    try:
        return None if limit is None else int(limit)
    except (TypeError, ValueError):
        return None
