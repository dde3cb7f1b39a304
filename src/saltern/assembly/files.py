"""The file server of a configuration."""

from __future__ import annotations

from saltern.config.master import MasterConfig
from saltern.config.minion import MinionConfig
from saltern.config.option import plain
from saltern.errors import ConfigError
from saltern.files.backends.roots import RootsTree
from saltern.files.contract import FileTree
from saltern.files.server import FileServer, canonical


def file_tree(config: MasterConfig | MinionConfig) -> FileTree:
    """The files as this machine has them: what a run without daemons serves is as fresh as the options want it."""
    server = file_server(config)
    server.update(due=True)
    return server.tree


def file_server(config: MasterConfig | MinionConfig) -> FileServer:
    """The back ends that `fileserver_backend` names, in that order. `ConfigError` for a name that none has."""
    made = {canonical(name): _MAKERS.get(canonical(name)) for name in config.fileserver_backend}
    wrong = [name for name, make in made.items() if make is None]
    if wrong:
        raise ConfigError(f"fileserver_backend: there is no {wrong[0]}; there are: {', '.join(_MAKERS)}")
    return FileServer({name: make(config) for name, make in made.items() if make is not None})


def _roots(config: MasterConfig | MinionConfig) -> FileTree:
    return RootsTree(
        config.file_roots,
        follow_links=config.fileserver_followsymlinks,
        ignore_links=config.fileserver_ignoresymlinks,
        ignore_globs=config.file_ignore_glob,
        ignore_regexes=config.file_ignore_regex,
    )


def _gitfs(config: MasterConfig | MinionConfig) -> FileTree:
    from saltern.files.backends.git import GitTree
    from saltern.files.git.remotes import remotes_of

    options = {name: getattr(config, name) for name in config.__struct_fields__ if name.startswith("gitfs_")}
    return GitTree(remotes_of(options), config.cachedir / "gitfs")


def _minionfs(config: MasterConfig | MinionConfig) -> FileTree:
    from saltern.files.backends.pushed import PushedTree

    return PushedTree(
        config.cachedir / "minions",
        config.minionfs_env,
        config.minionfs_mountpoint,
        config.minionfs_whitelist,
        config.minionfs_blacklist,
    )


def _s3fs(config: MasterConfig | MinionConfig) -> FileTree:
    from saltern.files.backends.s3 import s3_tree

    options = plain(config)
    return s3_tree(config.s3_buckets, lambda name: options.get(f"s3.{name}"), config.cachedir / "s3fs")


def _httpfs(config: MasterConfig | MinionConfig) -> FileTree:
    from saltern.files.backends.http import web_tree

    shared = {"update_interval": config.httpfs_update_interval}
    return web_tree(config.httpfs_remotes, shared, config.cachedir / "httpfs")


_MAKERS = {"roots": _roots, "gitfs": _gitfs, "minionfs": _minionfs, "s3fs": _s3fs, "httpfs": _httpfs}
