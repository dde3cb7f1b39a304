"""What git prints, read."""

from __future__ import annotations

import re
from typing import Any

_STATES = {"??": "untracked", "A": "new", "M": "modified", "D": "deleted"}
_FETCHED = re.compile(
    r"^ (?P<flag>[ +*t!-]) (?P<what>\[[^\]]+\]|\S+)\s+(?P<source>\S+)\s+-> (?P<local>\S+)", re.MULTILINE
)


def status(text: str) -> dict[str, list[str]]:
    """`git status -z --porcelain`: state to paths; a state that has no name of its own is its letters."""
    found: dict[str, list[str]] = {}
    entries = iter(text.rstrip("\0").split("\0"))
    for entry in entries:
        state, path = entry[:2].strip(), entry[3:]
        if not path:
            continue
        if state.startswith(("R", "C")):
            path = f"{next(entries, '')} -> {path}"
        found.setdefault(_STATES.get(state, state), []).append(path)
    return found


def refs(text: str) -> dict[str, str]:
    """`git ls-remote`: name of a ref to its object."""
    return {name: sha for sha, _, name in (line.partition("\t") for line in text.splitlines()) if name}


def remotes(text: str) -> dict[str, dict[str, str]]:
    """`git remote --verbose`: name to the URLs for `fetch` and `push`."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        name, _, rest = line.partition("\t")
        url, _, kind = rest.rpartition(" ")
        found.setdefault(name, {})[kind.strip("()")] = url
    return found


def config(text: str) -> dict[str, list[str]]:
    """`git config -z --get-regexp`: key to its values."""
    found: dict[str, list[str]] = {}
    for entry in filter(None, text.split("\0")):
        key, _, value = entry.partition("\n")
        found.setdefault(key, []).append(value)
    return found


def fetched(text: str) -> dict[str, Any]:
    """What a fetch changed, from its report: new, updated and deleted branches and tags; empty for nothing."""
    found: dict[str, Any] = {}
    for match in _FETCHED.finditer(text):
        flag, what, name = match["flag"], match["what"], match["source"]
        if flag == "!":
            continue
        if flag == "*":
            found.setdefault("new tags" if what == "[new tag]" else "new branches", []).append(name)
        elif flag == "t":
            found.setdefault("updated tags", []).append(name)
        elif flag == "-":
            found.setdefault("deleted refs", []).append(match["local"])
        else:
            old, new = re.split(r"\.{2,3}", what, maxsplit=1)
            found.setdefault("updated branches", {})[name] = {"old": old, "new": new}
    return found


def worktrees(text: str) -> dict[str, dict[str, Any]]:
    """`git worktree list --porcelain`: path to its HEAD and branch; None as the branch of a detached one."""
    found: dict[str, dict[str, Any]] = {}
    for paragraph in text.strip().split("\n\n"):
        words = dict(line.partition(" ")[::2] for line in paragraph.splitlines())
        if "worktree" in words and "bare" not in words:
            branch = words.get("branch")
            found[words["worktree"]] = {
                "HEAD": words.get("HEAD"),
                "branch": branch.removeprefix("refs/heads/") if branch else None,
                "detached": branch is None,
            }
    return found
