"""`retry`: a state is run again until its result is the wanted one (behaviour REQ-07)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from saltern.states.results import Result


class Retry(NamedTuple):
    attempts: int = 2
    until: bool = True
    interval: float = 30
    splay: float = 0


def retry_of(value: Any) -> Retry | None:
    """The option of a chunk: True for the defaults, or a mapping, also as a list of pairs; None without one."""
    if value is True:
        return Retry()
    if isinstance(value, list):
        value = {key: one for item in value if isinstance(item, Mapping) for key, one in item.items()}
    if not isinstance(value, Mapping):
        return None
    defaults = Retry()
    return Retry(
        attempts=int(value.get("attempts", defaults.attempts)),
        until=bool(value.get("until", defaults.until)),
        interval=float(value.get("interval", defaults.interval)),
        splay=float(value.get("splay", defaults.splay)),
    )


def repeated(call: Callable[[], Result], retry: Retry) -> Result:
    """The last result, with the comments of the attempts before it."""
    told: list[str] = []
    for attempt in range(1, max(retry.attempts, 1) + 1):
        result = call()
        if result["result"] is retry.until or attempt >= retry.attempts:
            break
        told.append(
            f'Attempt {attempt}: Returned a result of "{result["result"]}", with the following comment:'
            f' "{result["comment"]}"'
        )
        time.sleep(retry.interval + random.uniform(0, retry.splay))  # noqa: S311  (it spreads load, and hides nothing)
    return {**result, "comment": "\n".join([*told, str(result["comment"])])} if told else result
