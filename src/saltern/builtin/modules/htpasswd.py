"""Users of web servers in files of name and password hash (`.htpasswd`)."""

from __future__ import annotations

import os
from typing import Any

from saltern.plugin_api import CommandExecutionError, Functions, password_file, process
from saltern.plugin_api.whole_file import write_whole

__virtualname__ = "webutil"

__salt__: Functions

_BY_PROGRAM = ("B", "d", "2", "5")
"""Forms of hashes that the program htpasswd makes, and Python does not."""


def __virtual__() -> str:
    return __virtualname__


def useradd(pwfile: str, user: str, password: str, opts: str = "", runas: str | None = None) -> dict[str, Any]:
    """Add a user to a file, which is made where it lacks, or give him another password.

    `opts` are those of htpasswd: `m` Apache's MD5 (the default), `s` SHA-1, `p` the password as it is; `B` (bcrypt) and
    the like need htpasswd itself. `c` begins the file anew.

    CLI Example::

        saltern run '*' webutil.useradd /etc/httpd/htpasswd larry badpassword
        saltern run '*' webutil.useradd /etc/httpd/htpasswd larry badpass opts=ns
    """
    if not user or ":" in user or "\n" in f"{user}{password}":
        raise CommandExecutionError(f"{user!r} cannot be a user: it has a colon or a line break, or is empty")
    known = {} if "c" in opts else password_file.entries(pwfile)
    verb = "Updating" if user in known else "Adding"
    known[user] = _hash(str(password), opts)
    _write(pwfile, known, runas)
    return {"retcode": 0, "stdout": "", "stderr": f"{verb} password for user {user}"}


def userdel(pwfile: str, user: str, runas: str | None = None, all_results: bool = False) -> Any:
    """Take a user out of a file; the lines that tell of it, or with `all_results` the result of the whole.

    CLI Example::

        saltern run '*' webutil.userdel /etc/httpd/htpasswd larry
    """
    if not os.path.exists(pwfile):
        return "Error: The specified htpasswd file does not exist"
    known = password_file.entries(pwfile)
    if known.pop(user, None) is None:
        said = f"User {user} not found"
    else:
        said = f"Deleting password for user {user}"
        _write(pwfile, known, runas)
    return {"retcode": 0, "stdout": "", "stderr": said} if all_results else said.splitlines()


def verify(pwfile: str, user: str, password: str, opts: str = "", runas: str | None = None) -> bool:
    """Whether a user has a password.

    CLI Example::

        saltern run '*' webutil.verify /etc/httpd/htpasswd larry maybepassword
    """
    hash_ = password_file.entries(pwfile).get(user)
    if hash_ is None:
        return False
    found = password_file.is_password(hash_, str(password))
    if found is not None:
        return found
    return bool(_run("-vi", pwfile, user, password=str(password))["retcode"] == 0)


def _hash(password: str, opts: str) -> str:
    wanted = next((letter for letter in opts if letter in (*_BY_PROGRAM, "m", "s", "p")), "m")
    if wanted not in _BY_PROGRAM:
        return password_file.hashed(password, wanted)
    done = _run(f"-ni{wanted}", "user", password=password)
    if done["retcode"]:
        raise CommandExecutionError(f"htpasswd: {done['stderr']}")
    return str(done["stdout"]).strip().partition(":")[2]


def _run(*words: str, password: str) -> dict[str, Any]:
    """Call htpasswd; it reads the password from standard input, where no other process sees it."""
    program = process.find_program("htpasswd")
    if program is None:
        raise CommandExecutionError("The program htpasswd is not installed (apache2-utils, httpd-tools)")
    done: dict[str, Any] = __salt__["cmd.run_all"](
        [program, *words], stdin=f"{password}\n", python_shell=False, ignore_retcode=True, output_loglevel="quiet"
    )
    return done


def _write(pwfile: str, known: dict[str, str], runas: str | None) -> None:
    import shutil

    new = not os.path.exists(pwfile)
    write_whole(pwfile, "".join(f"{name}:{hash_}\n" for name, hash_ in known.items()), mode=0o640)
    if new and runas:
        shutil.chown(pwfile, runas)
