"""`file.recurse`: a directory of the file tree on this host."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from saltern.plugin_api.filesystem.states.answers import Answer
from saltern.plugin_api.filesystem.states.cleaning import matched


class Tree(NamedTuple):
    """What is to be made below a directory: files from URLs, links to targets, and further directories."""

    files: dict[str, str]
    links: dict[str, str]
    directories: list[str]

    def paths(self) -> frozenset[str]:
        """All that is to be there."""
        return frozenset([*self.files, *self.links, *self.directories])

    def over(self, other: Tree) -> Tree:
        """This tree with what only the other one has."""
        return Tree(
            {**other.files, **self.files}, {**other.links, **self.links}, [*self.directories, *other.directories]
        )


class Choice(NamedTuple):
    """Which paths of a tree are taken."""

    include: Any = None
    exclude: Any = None
    maxdepth: int | None = None
    include_empty: bool = False
    keep_symlinks: bool = False

    def takes(self, path: str) -> bool:
        if self.maxdepth is not None and path.count("/") > int(self.maxdepth):
            return False
        if self.include and not matched(path, self.include):
            return False
        return not (self.exclude and matched(path, self.exclude))


def tree_of(
    root: str,
    prefix: str,
    saltenv: str,
    choice: Choice,
    *,
    files: Sequence[str],
    directories: Callable[[], Sequence[str]],
    symlinks: Callable[[], dict[str, str]],
) -> Tree:
    """What a directory of the file tree gives below `root`; the listings have paths from the tree's root on."""
    links: dict[str, str] = {}
    if choice.keep_symlinks:
        links = {
            os.path.join(root, path): target
            for path, target in _below(symlinks().items(), prefix)
            if choice.takes(path)
        }
    chosen = {
        os.path.join(root, path): f"salt://{prefix}{path}?saltenv={saltenv}"
        for path, _ in _below(((file, "") for file in files), prefix)
        if choice.takes(path) and os.path.join(root, path) not in links
    }
    more = []
    if choice.include_empty:
        named = (path for path, _ in _below(((one, "") for one in directories()), prefix))
        more = [os.path.join(root, path) for path in named if path not in ("", ".") and choice.takes(path)]
    return Tree(chosen, links, more)


def needed_directories(root: str, tree: Tree) -> Iterator[str]:
    """The directories of a tree, those above first, the root left out."""
    seen = set()
    for path in sorted([*tree.directories, *(os.path.dirname(one) for one in (*tree.files, *tree.links))]):
        parts = os.path.relpath(path, root).split("/")
        for depth in range(len(parts)):
            one = os.path.join(root, *parts[: depth + 1])
            if one not in seen and os.path.normpath(one) != os.path.normpath(root):
                seen.add(one)
                yield one


class Collected:
    """The answers of the states that a recursion is made of, told as one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._comments: dict[str, str] = {}
        self._changes: dict[str, Any] = {}
        self._result: bool | None = True

    def add(self, path: str, answer: Answer) -> None:
        if answer["result"] is False:
            self._result = False
            self._comments[path] = answer["comment"]
        elif answer["result"] is None:
            self._result = None if self._result is True else self._result
            self._comments[path] = answer["comment"]
        made = path == self._name and answer["result"] is True and answer["changes"] == {path: {"directory": "new"}}
        # That the root was made goes without saying.
        if answer["changes"] and not made:
            self._changes[path] = answer["changes"]

    def removed(self, removed: Sequence[str], *, test: bool) -> None:
        if not removed:
            return
        if not test:
            self._changes["removed"] = list(removed)
        else:
            self._result = None if self._result is True else self._result
            self._comments["removed"] = "\n".join(removed)

    def told(self) -> Answer:
        if self._comments:
            comment = "\n\n".join(f"#### {path} ####\n{text}" for path, text in self._comments.items())
        elif self._changes:
            comment = f"Recursively updated {self._name}"
        else:
            comment = f"The directory {self._name} is in the correct state"
        return {"name": self._name, "changes": self._changes, "result": self._result, "comment": comment}


def _below(pairs: Iterable[tuple[str, str]], prefix: str) -> list[tuple[str, str]]:
    return [(path.removeprefix(prefix), value) for path, value in pairs if path.startswith(prefix)]
