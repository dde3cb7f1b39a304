"""A bare copy of a remote repository: fetched now and then, asked without the network."""

from __future__ import annotations

import logging
import os
import re
import shlex
import subprocess
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.git.urls import redacted
from saltern.plugin_api.mirror_folder import MirrorFolder, folder_name

log = logging.getLogger(__name__)

REFSPECS = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
_FETCH_SECONDS = 600.0
_ASK_SECONDS = 60.0
_KEPT_BYTES = 64 << 20
"""Contents of files that are kept in memory, for all mirrors of a process that hold on to them."""
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MOST_TREES = 50
_MOST_EXPORTS = 20
_EXPORT_SECONDS = 3600.0
# The password travels in the environment: the arguments of a process are for everybody to read.
_HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$MIRROR_USER" "$MIRROR_PASSWORD"; }; f'


class Login(NamedTuple):
    """How to log in at a remote. `privkey` is a path; `insecure_auth` lets a password go over plain http."""

    user: str = ""
    password: str = ""
    privkey: str = ""
    insecure_auth: bool = False
    ssl_verify: bool = True
    proxy: str = ""


class TreeEntry(NamedTuple):
    """What a tree of a commit has at a path: `blob`, `link` or `tree`."""

    kind: str
    object_id: str
    size: int
    executable: bool


class Mirror:
    """One repository in `folder`; may be used from any thread, and by other processes at the same time."""

    def __init__(
        self,
        folder: Path,
        url: str,
        login: Login | None = None,
        refspecs: Sequence[str] = REFSPECS,
        depth: int = 0,
    ) -> None:
        self.folder = folder
        self.kept = MirrorFolder(folder)
        self.url = url
        self._login = login or Login()
        self._refspecs = tuple(refspecs)
        self._depth = depth
        self._turn = threading.Lock()
        self._refs: tuple[float, dict[str, str]] = (-1.0, {})
        self._trees: OrderedDict[tuple[str, str], dict[str, TreeEntry]] = OrderedDict()
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0

    # --- the network ------------------------------------------------------------------------------------------------

    def fetch(self) -> bool:
        """Fetch what is new; whether anything is. `CommandExecutionError` says what went wrong."""
        if self.kept.is_locked:
            log.warning("%s is locked and not fetched", redacted(self.url))
            return False
        with self.kept.alone():
            self._check_login()
            self._make()
            before = self._read_refs()
            depth = [f"--depth={self._depth}"] if self._depth else []
            command = [
                *self._network_options(),
                "fetch",
                "--prune",
                "--force",
                "--no-tags",
                *depth,
                self.url,
                *self._refspecs,
            ]
            self._git(command, _FETCH_SECONDS, env=self._environment())
            self.kept.mark_fetched()
            return self._read_refs() != before

    def _make(self) -> None:
        if not (self.folder / "HEAD").exists():
            self.kept.make()
            self._git(["init", "--quiet", "--bare", str(self.folder)], _ASK_SECONDS, here=False)

    def _check_login(self) -> None:
        if self._login.password and self.url.startswith("http://") and not self._login.insecure_auth:
            raise CommandExecutionError(
                f"a password would go to {redacted(self.url)} in the clear: the option insecure_auth allows that"
            )

    def _network_options(self) -> list[str]:
        options = ["-c", "credential.helper="]
        if self._login.password:
            options += ["-c", f"credential.helper={_HELPER}"]
        if not self._login.ssl_verify:
            options += ["-c", "http.sslVerify=false"]
        return options + (["-c", f"http.proxy={self._login.proxy}"] if self._login.proxy else [])

    def _environment(self) -> dict[str, str]:
        found = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true"}
        safe = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=accept-new"]
        key = ["-i", self._login.privkey, "-o", "IdentitiesOnly=yes"] if self._login.privkey else []
        found["GIT_SSH_COMMAND"] = shlex.join(["ssh", *key, *safe])
        if self._login.password:
            found |= {"MIRROR_USER": self._login.user, "MIRROR_PASSWORD": self._login.password}
        return found

    # --- what is here -----------------------------------------------------------------------------------------------

    def refs(self) -> Mapping[str, str]:
        """Full names of refs to the commits that they mean."""
        at = self.kept.fetched_at
        if self._refs[0] != at:
            self._refs = (at, self._read_refs())
        return self._refs[1]

    def branches(self) -> dict[str, str]:
        return self._below("refs/remotes/origin/")

    def tags(self) -> dict[str, str]:
        return self._below("refs/tags/")

    def commit(self, name: str) -> str | None:
        """The commit that a branch, a tag or a commit id means."""
        found = self.branches().get(name) or self.tags().get(name)
        if found is not None:
            return found
        is_there = _COMMIT.fullmatch(name) and self._answers(["cat-file", "-e", f"{name}^{{commit}}"])
        return name if is_there else None

    def tree(self, commit: str, root: str = "") -> Mapping[str, TreeEntry]:
        """All that lies below `root` in a commit, by path; nothing where there is no such directory."""
        key = (commit, root)
        with self._turn:
            if key not in self._trees:
                self._trees[key] = self._read_tree(commit, root)
                while len(self._trees) > _MOST_TREES:
                    self._trees.popitem(last=False)
            self._trees.move_to_end(key)
            return self._trees[key]

    def content(self, object_id: str) -> bytes:
        """The content of a file."""
        with self._turn:
            if object_id in self._contents:
                self._contents.move_to_end(object_id)
                return self._contents[object_id]
            found = self._git(["cat-file", "blob", object_id], _ASK_SECONDS)
            self._contents[object_id] = found
            self._held += len(found)
            while self._held > _KEPT_BYTES and len(self._contents) > 1:
                self._held -= len(self._contents.popitem(last=False)[1])
            return found

    def export(self, commit: str, root: str = "", mountpoint: str = "") -> Path:
        """The files of a commit below `root` as a directory, in which they lie below `mountpoint`."""
        done = self.folder / "exports" / folder_name(commit, root, mountpoint)
        try:
            os.utime(done)
        except FileNotFoundError:
            prefix = [f"--prefix={mountpoint}/"] if mountpoint else []
            archive = self._git(["archive", "--format=tar", *prefix, f"{commit}:{root}"], _ASK_SECONDS)
            _unpack(archive, done)
            self._drop_exports(done)
        return done

    def _drop_exports(self, newest: Path) -> None:
        """Remove exports that nobody has asked for in long: each commit leaves one behind."""
        import shutil

        others = sorted(newest.parent.glob("[0-9a-f]*"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in others[_MOST_EXPORTS:]:
            if time.time() - old.stat().st_mtime > _EXPORT_SECONDS:
                shutil.rmtree(old, ignore_errors=True)

    # --- git --------------------------------------------------------------------------------------------------------

    def _below(self, prefix: str) -> dict[str, str]:
        return {name.removeprefix(prefix): commit for name, commit in self.refs().items() if name.startswith(prefix)}

    def _read_refs(self) -> dict[str, str]:
        if not (self.folder / "HEAD").exists():
            return {}
        shape = "%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)"
        found = {}
        for line in self._git(["for-each-ref", f"--format={shape}"], _ASK_SECONDS).decode().splitlines():
            name, *pairs = line.split(" ")
            kinds = dict(zip(pairs[::2], pairs[1::2], strict=False))
            if "commit" in kinds and not name.endswith("/HEAD"):
                found[name] = kinds["commit"]
        return found

    def _read_tree(self, commit: str, root: str) -> dict[str, TreeEntry]:
        where = f"{commit}:{root}" if root else commit
        if root and not self._answers(["cat-file", "-e", where]):
            return {}
        entries = {}
        for line in self._git(["ls-tree", "-r", "-t", "-z", "--long", where], _ASK_SECONDS).split(b"\0"):
            about, _, path = line.partition(b"\t")
            if path:
                mode, kind, object_id, size = about.decode().split()
                kind = "link" if mode == "120000" else kind
                if kind in ("blob", "link", "tree"):
                    entry = TreeEntry(kind, object_id, int(size) if size.isdigit() else 0, mode == "100755")
                    entries[path.decode("utf-8", "surrogateescape")] = entry
        return entries

    def _answers(self, words: Sequence[str]) -> bool:
        try:
            self._git(words, _ASK_SECONDS)
        except CommandExecutionError:
            return False
        return True

    def _git(
        self, words: Sequence[str], seconds: float, *, env: Mapping[str, str] | None = None, here: bool = True
    ) -> bytes:
        where = [f"--git-dir={self.folder}"] if here else []
        try:
            done: Any = subprocess.run(
                ["git", *where, *words],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
                env={**os.environ, **(env or {})},
            )
        except FileNotFoundError as error:
            raise CommandExecutionError("git is not installed: the mirrors of git repositories need it") from error
        except subprocess.TimeoutExpired as error:
            raise CommandExecutionError(f"git took more than {seconds:g} s with {redacted(self.url)}") from error
        if done.returncode:
            said = redacted(done.stderr.decode(errors="replace").strip())
            raise CommandExecutionError(
                f"git failed with {redacted(self.url)}: {said or f'exit code {done.returncode}'}"
            )
        return bytes(done.stdout)


def _unpack(archive: bytes, done: Path) -> None:
    """Make a directory of a tar archive; it is there whole, or not at all."""
    import io
    import tarfile
    import tempfile

    done.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=done.parent) as place:
        part = Path(place, "part")
        part.mkdir(mode=0o700)
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(part, filter="data")
        try:
            part.rename(done)
        except OSError:
            if not done.is_dir():  # else another thread or process was faster
                raise
