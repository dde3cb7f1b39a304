"""Users of this system, by PAM. `auth.pam.service` names the PAM service that is asked, `login` if left out.

PAM loads libraries into the process that asks; that is a process of its own here, so that none of them stays with the
master.
"""

from __future__ import annotations

import json
import sys

from saltern.plugin_api import CommandExecutionError, Opts, pam_conversation, process

__opts__: Opts

_SECONDS = 30.0


def auth(username: str, password: str) -> bool:
    """Whether PAM lets this user in with this password, and the account may be used now."""
    service = str(__opts__.get("auth.pam.service") or "login")
    question = json.dumps({"service": service, "username": username, "password": password}).encode()
    found = process.run([sys.executable, "-I", pam_conversation.__file__], stdin=question, timeout=_SECONDS)
    if found.retcode not in (pam_conversation.LET_IN, pam_conversation.REFUSED):
        raise CommandExecutionError(f"PAM could not be asked: {process.text_of(found.stderr)[:200]}")
    return found.retcode == pam_conversation.LET_IN


def groups(username: str) -> list[str]:
    """The groups of the user."""
    import pwd

    from saltern.plugin_api.linux import accounts

    try:
        entry = pwd.getpwnam(username)
    except KeyError:
        return []
    return accounts.groups_of(entry)
