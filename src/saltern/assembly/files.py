"""The file tree of a configuration."""

from __future__ import annotations

from saltern.config.common import CommonConfig
from saltern.files.backends.roots import RootsTree
from saltern.files.contract import FileTree


def file_tree(config: CommonConfig) -> FileTree:
    return RootsTree(
        config.file_roots,
        follow_links=config.fileserver_followsymlinks,
        ignore_links=config.fileserver_ignoresymlinks,
        ignore_globs=config.file_ignore_glob,
        ignore_regexes=config.file_ignore_regex,
    )
