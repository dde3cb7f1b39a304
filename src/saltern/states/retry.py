"""`retry`: a state is run again until its result is the wanted one (behaviour REQ-07)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from saltern.states.results import ATTEMPTS, Result


class Retry(NamedTuple):
    attempts: int = 2
    until: bool = True
    interval: int = 30
    splay: int = 0


def retry_of(value: Any) -> Retry:
    """The option of a chunk: a mapping. As in Salt anything else counts as the defaults, a list of pairs too."""
    if value is False:
        return Retry(attempts=0)
    if not isinstance(value, Mapping):
        return Retry()
    defaults = Retry()
    return Retry(
        attempts=_number(value.get("attempts"), defaults.attempts),
        until=bool(value.get("until", defaults.until)),
        interval=_number(value.get("interval"), defaults.interval),
        splay=_number(value.get("splay"), defaults.splay),
    )


def _number(value: Any, default: int) -> int:
    """A whole number of at least 0. As in Salt, what is none counts as the default."""
    return value if isinstance(value, int) and value >= 0 else default


def tried_only(result: Result, retry: Retry) -> Result:
    """The result of test mode, which makes one attempt and tells of the others."""
    told = (
        f"{result['comment']}  The state would be retried every {retry.interval} seconds (with a splay of up to"
        f" {retry.splay} seconds) a maximum of {retry.attempts} times or until a result of {retry.until} is returned"
    )
    return {**result, "comment": told}


def repeated(call: Callable[[], Result], retry: Retry) -> Result:
    """The last result, with the comments of the attempts before it, and how many there were."""
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
    if not told:
        return result
    return {**result, "comment": "\n".join([*told, str(result["comment"])]), ATTEMPTS: len(told) + 1}
