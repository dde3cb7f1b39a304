"""Keys and certificates: there, readable by their owner alone, valid now."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from saltern.cli.checkup.finding import Finding, bad, good, warning

_SOON = 14 * 86_400
_OTHERS = 0o077


def private(path: Path) -> Iterator[Finding]:
    """Whether a private key is its owner's alone; nothing is said of one that is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    except PermissionError:
        yield bad("permissions", f"{path} cannot be looked at", "ask as the user that the daemon runs as, or as root")
        return
    mode = stat.S_IMODE(found.st_mode)
    if mode & _OTHERS:
        yield bad("permissions", f"{path} has mode {mode:04o}: others can use it", f"chmod 600 {path}")
    elif not os.access(path, os.R_OK):
        yield bad("permissions", f"{path} cannot be read by this user", "ask as the user that the daemon runs as")
    else:
        yield good("permissions", f"{path} is its owner's alone")


def writable_by_all(directory: Path) -> Iterator[Finding]:
    """Who may write the configuration decides what the daemon runs."""
    for path in (directory, *sorted(directory.glob("m*"))):
        if path.exists() and path.stat().st_mode & stat.S_IWOTH:
            yield bad("permissions", f"everybody may write {path}", f"chmod o-w {path}")


def certificate(path: Path, renewed: str) -> Finding:
    """Whether a certificate is valid now and for a while; `renewed` says how a new one comes."""
    from saltern.pki.certificates import load_certificate

    try:
        found = load_certificate(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        return bad("certificate", f"{path} cannot be read: {error}", renewed)
    now = time.time()
    begins, ends = found.not_valid_before_utc.timestamp(), found.not_valid_after_utc.timestamp()
    until = time.strftime("%Y-%m-%d", time.gmtime(ends))
    if now < begins:
        return bad("clock", f"{path} is valid only from the future on", "this host's clock is behind: set it")
    if now > ends:
        return bad("certificate", f"{path} ended on {until}", renewed)
    if ends - now < _SOON:
        return warning("certificate", f"{path} ends on {until}", renewed)
    return good("certificate", f"{path} is valid until {until}")


def signed(path: Path, authority: Path) -> Iterator[Finding]:
    """Whether the authority signed the certificate."""
    from saltern.pki.certificates import is_signed_by

    try:
        fits = is_signed_by(path.read_text(encoding="ascii"), authority.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return  # told by `certificate`
    if not fits:
        advice = f"one of the two is from another fleet: move both away and enrol anew ({path.parent})"
        yield bad("certificate", f"{path} is not signed by {authority.name}", advice)
