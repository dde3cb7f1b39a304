"""Job ids."""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any


def gen_jid(opts: Any = None) -> str:
    """A job id of this moment, UTC."""
    from datetime import datetime

    return f"{datetime.now(UTC):%Y%m%d%H%M%S%f}"


def is_jid(jid: Any) -> bool:
    return isinstance(jid, str) and re.fullmatch(r"\d{20}(_[A-Za-z0-9-]*)?", jid) is not None


def jid_to_time(jid: Any) -> str:
    """The time in a job id, `2026, Nov 27 03:20:04.000000`; empty for what is none."""
    text = str(jid)
    if not is_jid(text):
        return ""
    from datetime import datetime

    return f"{datetime.strptime(text[:20], '%Y%m%d%H%M%S%f'):%Y, %b %d %H:%M:%S.%f}"
