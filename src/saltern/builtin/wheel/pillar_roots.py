"""The pillar roots on the master's disk: look at them, read and write files of them."""

from __future__ import annotations

from saltern.plugin_api import Opts, root_trees

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__opts__: Opts


def find(path: str, saltenv: str = "base") -> list[dict[str, str]]:
    """The files of a path, one a root: its place to `txt` or `bin`.

    CLI Example::

        saltern wheel pillar_roots.find top.sls
    """
    return root_trees.find(__opts__["pillar_roots"], path, saltenv)


def list_env(saltenv: str = "base") -> dict[str, Any]:
    """The roots of an environment, each with its tree: names to `f`, or to the tree of a directory.

    CLI Example::

        saltern wheel pillar_roots.list_env
    """
    return root_trees.list_env(__opts__["pillar_roots"], saltenv)


def list_roots() -> dict[str, list[dict[str, Any]]]:
    """All environments with their roots and trees.

    CLI Example::

        saltern wheel pillar_roots.list_roots
    """
    return root_trees.list_roots(__opts__["pillar_roots"])


def read(path: str, saltenv: str = "base") -> list[dict[str, str]]:
    """The contents of the text files of a path, one a root.

    CLI Example::

        saltern wheel pillar_roots.read top.sls
    """
    return root_trees.read(__opts__["pillar_roots"], path, saltenv)


def write(data: str, path: str, saltenv: str = "base", index: int = 0) -> str:
    """Write a text file below a root, which `index` counts from 0; no path leads out of it.

    CLI Example::

        saltern wheel pillar_roots.write 'a: 1' new.sls
    """
    return root_trees.write(__opts__["pillar_roots"], data, path, saltenv, index)
