"""The answers of states, and the checks that most of them begin with."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api.filesystem import owners, paths

Answer = dict[str, Any]

NOTE = "Note: No changes made, actual changes may\nbe different due to other states."


def answer(name: str, result: bool | None, comment: str, changes: dict[str, Any] | None = None) -> Answer:
    return {"name": name, "changes": changes or {}, "result": result, "comment": comment}


def planned(name: str, comment: str, changes: dict[str, Any] | None = None) -> Answer:
    """What a trial says of something that would change."""
    return answer(name, None, comment, changes)


def failed(name: str, comment: str, changes: dict[str, Any] | None = None) -> Answer:
    return answer(name, False, comment, changes)


def fine(name: str, comment: str, changes: dict[str, Any] | None = None) -> Answer:
    return answer(name, True, comment, changes)


def checked_path(name: Any, function: str) -> tuple[str, str]:
    """The path with `~` resolved, and what is wrong with it; an empty text: nothing."""
    path = paths.expanded(str(name or ""))
    if not path:
        return path, f"Must provide name to {function}"
    return path, "" if os.path.isabs(path) else f"Specified file {path} is not an absolute path"


def unknown_owner(user: Any, group: Any) -> str:
    """What to say of a user or a group that does not exist; an empty text where both do."""
    told = f"User {user} is not available " if user and owners.uid_of(user) == "" else ""
    return told + (f"Group {group} is not available" if group and owners.gid_of(group) == "" else "")
