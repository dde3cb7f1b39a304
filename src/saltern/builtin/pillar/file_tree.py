"""A directory of files as pillar data: `hosts/<minion id>` and `nodegroups/<name>` below `root_dir`."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from saltern.plugin_api import CommandExecutionError, Functions, Opts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NamedTuple

    class Options(NamedTuple):
        """How files become values."""

        follow_links: bool
        keep_newline: bool | list[str]
        template: bool | list[str]
        renderer: str | None

else:
    from collections import namedtuple

    Options = namedtuple("Options", "follow_links keep_newline template renderer")

__opts__: Opts
__salt__: Functions

log = logging.getLogger(__name__)


def ext_pillar(
    minion_id: str,
    pillar: dict[str, Any],
    root_dir: str | None = None,
    follow_dir_links: bool = False,
    debug: bool = False,
    keep_newline: bool | list[str] = False,
    render_default: str | None = None,
    renderer_blacklist: Any = None,
    renderer_whitelist: Any = None,
    template: bool | list[str] = False,
) -> dict[str, Any]:
    """Directories become dictionaries, files their contents. `keep_newline` and `template` may be lists of globs."""
    from saltern.plugin_api.nested import merged

    if not root_dir:
        raise CommandExecutionError("file_tree: no root_dir specified")
    root = Path(root_dir)
    if not root.is_absolute() or not root.is_dir():
        log.error("file_tree: %s is not an absolute path of a directory", root_dir)
        return {}
    options = Options(follow_dir_links, keep_newline, template, render_default)
    found: dict[str, Any] = {}
    for group in __opts__.get("nodegroups") or {}:
        folder = root / "nodegroups" / group
        if folder.is_dir() and __salt__["match.compound"](f"N@{group}"):
            found = merged(found, _tree(folder, folder, options))
    host = root / "hosts" / minion_id
    if host.is_dir() and host.parent == root / "hosts":
        found = merged(found, _tree(host, host, options))
    return found


def _tree(folder: Path, top: Path, options: Options) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        place = Path(entry.path)
        if entry.is_dir(follow_symlinks=options.follow_links):
            found[entry.name] = _tree(place, top, options)
        elif entry.is_file():
            found[entry.name] = _content(place, str(place.relative_to(top)), options)
    return found


def _content(place: Path, name: str, options: Options) -> str | bytes:
    data = place.read_bytes()
    if not _is_chosen(options.keep_newline, name) and data.endswith(b"\n"):
        data = data[:-1]
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    if text and _is_chosen(options.template, name):
        return str(__salt__["slsutil.renderer"](string=text, default_renderer=options.renderer or "jinja"))
    return text


def _is_chosen(patterns: bool | list[str], name: str) -> bool:
    import fnmatch

    return patterns if isinstance(patterns, bool) else any(fnmatch.fnmatch(name, one) for one in patterns)
