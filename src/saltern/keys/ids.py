"""Which texts may be a minion's id."""

from __future__ import annotations

import re

from saltern.errors import UserError

_LONGEST = 253
# A leading dot would hide the key from everybody who lists the directory, and `.` and `..` are not files at all.
_FORBIDDEN = re.compile(r"^\.|[/\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def is_minion_id(text: str) -> bool:
    """True for 1 to 253 bytes of UTF-8 without control characters, `/` and `\\`, that do not start with a dot."""
    return bool(text) and not _FORBIDDEN.search(text) and (len(text) <= 63 or len(text.encode()) <= _LONGEST)


def check_minion_id(text: str) -> None:
    """`UserError` for what is no minion id."""
    if not is_minion_id(text):
        raise UserError(
            f"{text[:300]!r} cannot be a minion id.",
            hint="An id has 1 to 253 bytes, no slash, backslash or control character, and does not start with a dot.",
        )
