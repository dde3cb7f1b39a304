"""Wait a while before a function runs, so that many minions do not begin at the same moment.

`--module-executors='[splay, direct_call]' --executor-opts='{splaytime: 30}'`, or the options `module_executors` and
`splaytime` of a minion.
"""

from __future__ import annotations

import logging

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

log = logging.getLogger(__name__)

_DEFAULT = 300


def execute(
    opts: Mapping[str, Any],
    data: Mapping[str, Any],
    func: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> None:
    """Wait for this minion's share of `splaytime` seconds; nothing is given, so that the next executor goes on.

    The share is the same at every call: it follows from the minion's id.
    """
    import time

    chosen = (data.get("executor_opts") or {}).get("splaytime")
    longest = int(opts.get("splaytime", _DEFAULT) if chosen is None else chosen)
    if longest <= 0:
        raise ValueError("splaytime must be a positive integer")
    seconds = _share(str(opts["id"]), longest)
    log.debug("splay waits %s seconds of %s", seconds, longest)
    time.sleep(seconds)


def _share(minion: str, longest: int) -> float:
    import zlib

    return zlib.crc32(minion.encode()) % (longest * 1000) / 1000
