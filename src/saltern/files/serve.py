"""The master's answers about files: verbs that a minion may ask.

=================== ================================ ==================================================================
verb                arguments                        answer
=================== ================================ ==================================================================
``file_envs``                                        names of the environments, sorted
``file_list``       saltenv, prefix                  paths of all files below the prefix, sorted
``file_dirs``       saltenv, prefix                  paths of all directories below it, sorted
``file_empty_dirs`` saltenv, prefix                  paths of those that hold nothing, sorted
``file_symlinks``   saltenv, prefix                  path of a link to what it says
``file_stat``       saltenv, path                    ``{"size", "mode", "modified"}``; None: no file
``file_hash``       saltenv, paths (list), algorithm path to hex digest (SHA-256); a path without a file is absent
``file_read``       saltenv, path, offset            at most `CHUNK` bytes from there, empty at the end; None: no file
=================== ================================ ==================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

import msgspec

from saltern.errors import ArgumentError
from saltern.files.contract import FileTree

CHUNK = 256 << 10
"""Bytes of a file in one answer."""
_MOST_HASHES = 10_000
Digest = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
Arguments = TypeVar("Arguments")


class _List(msgspec.Struct, frozen=True):
    saltenv: str = "base"
    prefix: str = ""


class _Path(msgspec.Struct, frozen=True):
    path: str
    saltenv: str = "base"


class _Hash(msgspec.Struct, frozen=True):
    paths: list[str]
    saltenv: str = "base"
    algorithm: Digest = "sha256"


class _Read(msgspec.Struct, frozen=True):
    path: str
    offset: int = 0
    saltenv: str = "base"


def file_verbs(tree: FileTree) -> Mapping[str, Callable[[Mapping[str, Any]], Any]]:
    """The verbs over a tree: each takes its arguments as a mapping and gives plain values.

    `ArgumentError` for arguments of another shape. The calls read the disk.
    """
    return {
        "file_envs": lambda _: tree.envs(),
        "file_list": lambda args: _below(tree.files, _shaped(_List, args)),
        "file_dirs": lambda args: _below(tree.dirs, _shaped(_List, args)),
        "file_empty_dirs": lambda args: _below(tree.empty_dirs, _shaped(_List, args)),
        "file_symlinks": lambda args: _below(tree.symlinks, _shaped(_List, args)),
        "file_stat": lambda args: _described(tree, _shaped(_Path, args)),
        "file_hash": lambda args: _hashed(tree, _shaped(_Hash, args)),
        "file_read": lambda args: _read(tree, _shaped(_Read, args)),
    }


def _below(listing: Callable[[str, str], Any], args: _List) -> Any:
    return listing(args.saltenv, args.prefix)


def _described(tree: FileTree, args: _Path) -> dict[str, Any] | None:
    info = tree.find(args.saltenv, args.path)
    return None if info is None else {"size": info.size, "mode": info.mode, "modified": info.modified}


def _hashed(tree: FileTree, args: _Hash) -> dict[str, str]:
    if len(args.paths) > _MOST_HASHES:
        raise ArgumentError(f"file_hash takes at most {_MOST_HASHES} paths, got {len(args.paths)}")
    found = ((path, tree.hash(args.saltenv, path, args.algorithm)) for path in args.paths)
    return {path: digest for path, digest in found if digest is not None}


def _read(tree: FileTree, args: _Read) -> bytes | None:
    return tree.read(args.saltenv, args.path, args.offset, CHUNK)


def _shaped(kind: type[Arguments], args: Mapping[str, Any]) -> Arguments:
    try:
        return msgspec.convert(args, kind)
    except msgspec.ValidationError as error:
        raise ArgumentError(f"{kind.__name__}: {error}") from error
