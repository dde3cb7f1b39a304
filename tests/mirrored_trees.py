"""Trees of files from services of tests: buckets, and web servers with lists of files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from saltern.files.backends.http import web_tree
from saltern.files.backends.s3 import s3_tree
from saltern.files.mirrored.tree import MirroredTree
from web_services import Bucket, WebFiles

Files = Mapping[str, Mapping[str, bytes]]


def s3_tree_of(bucket: Bucket, buckets: Any, place: Path, **options: Any) -> MirroredTree:
    """The tree of `s3.buckets` in a service that is asked with its keys, fetched once."""
    known = {"service_url": bucket.url, "keyid": "AK", "key": "secret", "path_style": True, **options}
    tree = s3_tree(buckets, known.get, place / "s3")
    tree.update()
    return tree


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """What `sha256sum` writes of files below the directory where it runs."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  ./{path}\n" for path, content in files.items())
    return "".join(lines).encode()


def in_buckets(running: ExitStack, place: Path, files: Files) -> MirroredTree:
    """A tree with a bucket for each environment."""
    bucket = running.enter_context(Bucket("unused", "AK", "secret"))
    bucket.buckets |= {f"of-{env}": dict(contents) for env, contents in files.items()}
    return s3_tree_of(bucket, {env: [f"of-{env}"] for env in files}, place)


def in_one_bucket(running: ExitStack, place: Path, files: Files) -> MirroredTree:
    """A tree with one bucket, which has a directory for each environment."""
    bucket = running.enter_context(Bucket("all", "AK", "secret"))
    bucket.objects |= {f"{env}/{path}": content for env, one in files.items() for path, content in one.items()}
    return s3_tree_of(bucket, ["all"], place)


def on_the_web(running: ExitStack, place: Path, files: Files) -> MirroredTree:
    """A tree with a list of files on a web server for each environment."""
    server = running.enter_context(WebFiles())
    for env, contents in files.items():
        server.files |= {f"/{env}/{path}": content for path, content in contents.items()}
        server.files[f"/{env}/SHA256SUMS"] = sums_of(contents)
    remotes = [{f"{server.url}/{env}/SHA256SUMS": {"saltenv": env}} for env in files]
    tree = web_tree(remotes, {}, place / "web")
    tree.update()
    return tree
