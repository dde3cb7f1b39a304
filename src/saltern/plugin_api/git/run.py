"""Calling git: an argument vector, the user, the keys to log in with, and errors that name the command."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.git.urls import redacted
from saltern.plugin_api.types import Functions

_ENVIRONMENT = {"GIT_TERMINAL_PROMPT": "0"}
"""Nobody is there to answer a question."""


class Git(NamedTuple):
    """How git is called: where, as whom, by which options of its own (`git_opts`), and with which private keys.

    `identity` are paths on the minion or `salt://` URLs of saltenv.
    """

    salt: Functions
    cwd: str | None = None
    user: str | None = None
    git_opts: Any = ""
    ignore_retcode: bool = False
    output_encoding: str | None = None
    identity: Any = None
    saltenv: str = "base"

    def run(
        self, *words: Any, good: Sequence[int] = (0,), merge_stderr: bool = False, reported: bool = False
    ) -> dict[str, Any]:
        """The command's result. Raises `CommandExecutionError` for an exit code that is not among the `good` ones.

        A good code other than 0 is that of the call too if it is `reported`.
        """
        argv = ["git", *options(self.git_opts), *(str(word) for word in words)]
        with _keys(self) as environment:
            done: dict[str, Any] = self.salt["cmd.run_all"](
                argv,
                cwd=self.cwd,
                runas=self.user,
                env={**_ENVIRONMENT, **environment},
                python_shell=False,
                ignore_retcode=self.ignore_retcode or (any(good) and not reported),
                redirect_stderr=merge_stderr,
                output_encoding=self.output_encoding,
            )
        if done["retcode"] not in good:
            said = redacted(str(done["stderr"] or (done["stdout"] if merge_stderr else "")))
            command = redacted(" ".join(argv))
            raise CommandExecutionError(f"Command '{command}' failed" + (f": {said}" if said else ""))
        return done

    def output(self, *words: Any, merge_stderr: bool = False) -> str:
        """What the command prints."""
        return str(self.run(*words, merge_stderr=merge_stderr)["stdout"])


def options(opts: Any) -> list[str]:
    """Options given as a text or a list, as words; a `--` at their end is dropped: what follows has its own."""
    words = [str(word) for word in opts] if isinstance(opts, list | tuple) else shlex.split(str(opts or ""))
    return words[:-1] if words[-1:] == ["--"] else words


def absolute(path: str, user: str | None = None) -> str:
    """The path itself if it is absolute; else it lies below the home of the user."""
    home = os.path.expanduser(f"~{user}" if user else "~")  # noqa: PTH111  (pathlib knows no unknown user)
    return str(Path(home, Path(path).expanduser()))


@contextmanager
def _keys(git: Git) -> Iterator[dict[str, str]]:
    """The environment in which ssh logs in with the keys of `identity`; what had to be copied is gone at the end."""
    if not git.identity:
        yield {}
        return
    given = [git.identity] if isinstance(git.identity, str) else list(git.identity)
    folder = Path(tempfile.mkdtemp(prefix="git-identity-"))
    try:
        paths = [_key_file(git, str(one), folder / str(number)) for number, one in enumerate(given)]
        missing = [str(one) for one, path in zip(given, paths, strict=True) if path is None]
        if missing:
            names = "\n".join(missing)
            raise CommandExecutionError(
                f"Unable to authenticate using identity file:\n\nThe following identity file(s) were not found: {names}"
            )
        if git.user:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, git.user)
        keys = [word for path in paths for word in ("-i", str(path))]
        # A host that is met for the first time is trusted; one whose key changed is not.
        safe = ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=accept-new"]
        yield {"GIT_SSH_COMMAND": shlex.join(["ssh", *keys, *safe])}
    finally:
        shutil.rmtree(folder)


def _key_file(git: Git, source: str, copy: Path) -> str | None:
    """A file that holds the key; None if there is none."""
    if not source.startswith("salt://"):
        return source if Path(source).is_file() else None
    cached = git.salt["cp.cache_file"](source, git.saltenv)
    if not cached:
        return None
    copy.touch(mode=0o600)
    copy.write_bytes(Path(cached).read_bytes())
    return str(copy)
