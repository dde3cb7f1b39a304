"""A checkout on this host: what it is at, and the steps that move it, all by the functions of `git`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from saltern.plugin_api.errors import CommandExecutionError
from saltern.plugin_api.git.urls import redacted
from saltern.plugin_api.types import Functions


class Login(NamedTuple):
    """How the remote repository is reached."""

    user: str | None = None
    password: str | None = None
    identity: Any = None
    https_user: str | None = None
    https_pass: str | None = None
    saltenv: str = "base"
    output_encoding: str | None = None


class Checkout:
    """A directory that is, or is to become, a checkout."""

    def __init__(self, salt: Functions, path: str, login: Login) -> None:
        self.path = path
        self.login = login
        self._salt = salt
        self._as_user = {
            "user": login.user,
            "password": login.password,
            "output_encoding": login.output_encoding,
        }

    def call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """A function of `git` that looks at the checkout."""
        return self._salt[f"git.{function}"](self.path, *args, **{**self._as_user, **kwargs})

    def remote_call(self, function: str, *args: Any, **kwargs: Any) -> Any:
        """A function of `git` that talks to a remote."""
        return self.call(function, *args, identity=self.login.identity, saltenv=self.login.saltenv, **kwargs)

    def is_repository(self, *, bare: bool = False) -> bool:
        return Path(self.path, "refs" if bare else ".git").exists()

    def commit(self, rev: str = "HEAD") -> str | None:
        """The commit that a revision is; None if it is not known here."""
        try:
            return str(self.call("rev_parse", f"{rev}^{{commit}}", opts="--verify --quiet", ignore_retcode=True))
        except CommandExecutionError:
            return None

    def branch(self) -> str | None:
        """The branch that is checked out, also before its first commit; None for a detached HEAD."""
        try:
            ref = str(self.call("symbolic_ref", "HEAD", opts="--quiet", ignore_retcode=True))
        except CommandExecutionError:
            return None
        return ref.removeprefix("refs/heads/")

    def upstream(self, branch: str | None) -> str | None:
        """The branch of a remote that a branch tracks."""
        if branch is None:
            return None
        try:
            found = self.call("rev_parse", f"{branch}@{{upstream}}", opts="--abbrev-ref", ignore_retcode=True)
        except CommandExecutionError:
            return None
        return str(found)

    def is_dirty(self) -> bool:
        """Whether files that git knows have changed."""
        return self.commit() is not None and bool(self.call("diff", "HEAD"))

    def is_ancestor(self, older: str, newer: str) -> bool:
        return bool(self.call("merge_base", [older, newer], is_ancestor=True, ignore_retcode=True))

    def remote_url(self, remote: str) -> str | None:
        """The URL that is fetched from, with its secrets."""
        found = self.call("remotes", redact_auth=False).get(remote)
        return str(found["fetch"]) if found else None

    def set_remote(self, remote: str, url: str) -> None:
        self.call("remote_set", url, remote=remote, https_user=self.login.https_user, https_pass=self.login.https_pass)

    def clone(self, url: str, opts: list[str]) -> None:
        login = self.login
        self.remote_call("clone", url, opts=opts, https_user=login.https_user, https_pass=login.https_pass)

    def update_submodules(self) -> None:
        self.remote_call("submodule", "update", opts=["--init", "--recursive"])


def shown(url: str) -> str:
    """A URL as comments and changes may show it."""
    return redacted(url)


def obstacle(path: str, option: str, what: str) -> str | None:
    """Why nothing can be put at a path where no repository is; None if something can."""
    place = Path(path)
    if place.is_dir():
        if not any(place.iterdir()):
            return None
        return (
            f"Target '{path}' exists, is non-empty and is not a git repository. Set the '{option}' option to True to "
            f"remove this directory's contents and proceed with {what}"
        )
    return f"Target '{path}' exists and is a regular file, cannot proceed" if place.exists() else None


def clear(path: str) -> None:
    """Remove what is in a directory, or a file. Raises `CommandExecutionError`."""
    import shutil

    place = Path(path)
    try:
        for one in list(place.iterdir()) if place.is_dir() else [place]:
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            else:
                one.unlink()
    except OSError as error:
        raise CommandExecutionError(f"Unable to remove {path}: {error}") from error
