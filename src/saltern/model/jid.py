"""Job ids: Salt's twenty digits, `YYYYMMDDhhmmssffffff` in UTC, growing and unique on one master.

Format: behaviours JOB-01 and JOB-02.
"""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_DIGITS = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_YEAR = 9000
_FORM = re.compile(rf"[0-9]{{{_DIGITS}}}(_[0-9A-Za-z-]{{1,43}})?")
"""A jid is a file name on minions and a part of event tags, so what follows the digits is short and plain."""


def is_jid(text: object) -> bool:
    """True for twenty digits, alone or followed by `_` and up to 43 ASCII letters, digits and dashes."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None


def jid_of(moment: datetime) -> str:
    """The jid of a moment (UTC)."""
    return moment.strftime("%Y%m%d%H%M%S%f")


def moment_of(jid: str) -> datetime | None:
    """The moment (UTC) that a jid names, or None when it names none (`20261399…` is a jid but no date)."""
    if not is_jid(jid):
        return None
    # By places: `strptime` takes thirty times as long, and this is asked of each row that waits for an export.
    month, day, hour, minute, second = (int(jid[at : at + 2]) for at in range(4, 14, 2))
    try:
        return datetime(int(jid[:4]), month, day, hour, minute, second, int(jid[14:_DIGITS]), UTC)
    except ValueError:
        return None


def time_of(jid: str) -> float:
    """The moment of a jid in seconds since 1970, UTC; 0 for one that names no moment."""
    moment = moment_of(jid)
    return moment.timestamp() if moment else 0.0


def own_jid(minion: str, clock: JidClock | None = None) -> str:
    """A jid of a minion's own making: what follows the digits keeps it apart from those of its master and of others."""
    return f"{(clock or JidClock()).next()}_{zlib.crc32(minion.encode()):08x}"


def jid_to_time(jid: str) -> str:
    """Salt's human form, `2026, Jan 05 01:02:03.000004`; an empty text for what is no jid."""
    moment = moment_of(jid)
    return moment.strftime("%Y, %b %d %H:%M:%S.%f") if moment else ""


class JidClock:
    """Gives jids that always grow, also when the wall clock stands still or jumps back.

    `last` is the highest jid that the job cache knows, so that a master restarted under an earlier clock goes on from
    there. With `unique` the process id is appended (`unique_jid: True`), which keeps the masters of one shared job
    cache apart when they allot a jid in the same microsecond.
    """

    def __init__(self, now: Callable[[], float] = time.time, *, last: str = "", unique: bool = False) -> None:
        self._now = now
        self._unique = unique
        known = moment_of(last) or _EPOCH
        # There is no going on from the last year that a jid has digits for.
        self._last = known if known.year < _LAST_YEAR else _EPOCH

    def next(self) -> str:
        moment = _EPOCH + timedelta(microseconds=int(self._now() * 1_000_000))
        self._last = max(moment, self._last + timedelta(microseconds=1))
        jid = jid_of(self._last)
        return f"{jid}_{os.getpid()}" if self._unique else jid
