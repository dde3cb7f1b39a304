"""Configuration files as trees, by Augeas: reading and changing single values. Needs libaugeas.

All functions take `load_path`, more directories with lenses (with colons between them).
"""

from __future__ import annotations

from typing import Any

from saltern.plugin_api import SaltInvocationError
from saltern.plugin_api.augeas_commands import apply
from saltern.plugin_api.augeas_tree import AugeasError, Tree, children, library

__virtualname__ = "augeas"


def __virtual__() -> str | tuple[bool, str]:
    return __virtualname__ if library() else (False, "Cannot load augeas_cfg module: augeas library missing")


def execute(
    context: str | None = None, lens: str | None = None, commands: Any = (), load_path: str | None = None
) -> dict[str, Any]:
    """Change files by commands: `set`, `setm`, `mv`, `ins`, `rm`.

    `retval` tells whether that was done, `error` why not.

    `context` is what the commands' paths begin with. With `lens` that lens reads the file `context` and no other file
    is read.

    CLI Example::

        saltern run '*' augeas.execute /files/etc/redis/redis.conf commands='["set port 7000", "set maxmemory 1G"]'
    """
    wanted = [commands] if isinstance(commands, str) else list(commands)
    try:
        apply(wanted, context or "", lens or "", load_path)
    except AugeasError as error:
        return {"retval": False, "error": str(error)}
    return {"retval": True}


def get(path: str, value: str = "", load_path: str | None = None) -> dict[str, Any]:
    """The value at a path, or at `value` below it; an empty text where there is nothing.

    None tells that there is no value, or more than one.

    CLI Example::

        saltern run '*' augeas.get /files/etc/hosts/1/ ipaddr
    """
    path = "/".join(part for part in (path.rstrip("/"), value.strip("/")) if part)
    with Tree(load_path, paths=[path]) as tree:
        try:
            return {path: tree.get(path) if tree.match(path) else ""}
        except AugeasError as error:
            return {"error": str((str(error), path))}


def setvalue(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """Set values: paths and values in turn, paths below `prefix=`.

    `retval` tells whether that was done, `error` why not.

    CLI Example::

        saltern run '*' augeas.setvalue /files/etc/hosts/1/canonical localhost
        saltern run '*' augeas.setvalue /files/etc/hosts/01/ipaddr 192.168.1.1 /files/etc/hosts/01/canonical test
        saltern run '*' augeas.setvalue prefix=/files/etc/hosts/1 canonical localhost alias lo
    """
    prefixes = [str(one).partition("=")[2] for one in args if str(one).startswith("prefix=")]
    prefix = str(kwargs.get("prefix") or next(iter(prefixes), "")).rstrip("/")
    words = [one for one in args if not str(one).startswith("prefix=")]
    if len(words) % 2 or len(prefixes) > 1:
        wrong = "Only one prefix= value is permitted" if len(prefixes) > 1 else "Uneven number of path/value arguments"
        raise SaltInvocationError(wrong)
    paths = [f"{prefix}/{str(path).lstrip('/')}" if prefix else str(path) for path in words[::2]]
    with Tree(kwargs.get("load_path"), paths=paths) as tree:
        try:
            for path, value in zip(paths, words[1::2], strict=True):
                tree.set(path, str(value))
            tree.save()
        except AugeasError as error:
            return {"retval": False, "error": str(error)}
    return {"retval": True}


def match(path: str, value: str = "", load_path: str | None = None) -> dict[str, str | None]:
    """The nodes that an expression means, with their values; with `value` those that have it.

    CLI Example::

        saltern run '*' augeas.match /files/etc/services/service-name ssh
    """
    with Tree(load_path, paths=[path]) as tree:
        try:
            found = {node: tree.get(node) for node in tree.match(path)}
        except AugeasError:
            return {}
    return {node: held for node, held in found.items() if not value or held == str(value)}


def remove(path: str, load_path: str | None = None) -> dict[str, Any]:
    """Remove nodes with all below them: `retval` whether that was done, `count` how many.

    CLI Example::

        saltern run '*' augeas.remove /files/etc/sysctl.conf/net.ipv4.conf.all.log_martians
    """
    with Tree(load_path, paths=[path]) as tree:
        count = tree.remove(path)
        if count < 0:
            return {"retval": False, "error": "Invalid node", "count": count}
        try:
            tree.save()
        except AugeasError as error:
            return {"retval": False, "error": str(error), "count": count}
    return {"retval": True, "count": count}


def ls(path: str, load_path: str | None = None) -> dict[str, str | None]:
    """What is right below a path, with the values; names of nodes that hold others end with `/`.

    CLI Example::

        saltern run '*' augeas.ls /files/etc/passwd
    """
    with Tree(load_path, paths=[path]) as tree:
        try:
            nodes = children(tree, path)
        except AugeasError:
            return {}
        return {_label(node) + ("/" if children(tree, node) else ""): tree.get(node) for node in nodes}


def tree(path: str, load_path: str | None = None) -> dict[str, str | None]:
    """All nodes at and below a path, with their values.

    CLI Example::

        saltern run '*' augeas.tree /files/etc/hosts
    """
    path = path.rstrip("/")
    with Tree(load_path, paths=[path]) as whole:
        try:
            below = whole.match(f"{path}//*")
        except AugeasError:
            below = []
        return {node: whole.get(node) for node in [path, *below]}


def _label(node: str) -> str:
    """The last part of a path, in which `/` may stand between brackets or behind a backslash."""
    depth = 0
    for place in range(len(node) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(node[place], 0)
        if node[place] == "/" and depth == 0 and node[place - 1 : place] != "\\":
            return node[place + 1 :]
    return node
