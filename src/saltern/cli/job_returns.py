"""Reads what minions gave back, many returns at once and never more in memory than a page."""

from __future__ import annotations

from saltern.cli.tally import WITH_RETURN
from saltern.cli.watch import read_value
from saltern.client.blocking import unpack
from saltern.errors import NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from saltern.client.blocking import MasterSocket

    Fields = dict[str, Any]

_INLINE = 1 << 20
"""Bytes: larger values are read one by one."""
_PAGE = 200
_PAGE_BYTES = 4 << 20


def each_return(master: MasterSocket, **wanted: Any) -> Iterator[tuple[Fields, Fields, Any]]:
    """(job, outcome, value) of all that the fields of `client.contract.ReadHistory` describe, newest job first.

    The value is None where nothing was given back, or nothing is kept.
    """
    job: Fields = {}
    with master.stream({"verb": "history", "inline": _INLINE, **wanted}) as answers:
        for item in answers:
            if "job" in item:
                job = item["job"]
                continue
            outcome, body = item["outcome"], item["body"]
            kept = outcome["state"] in WITH_RETURN
            if kept and body is None and outcome["size"] > _INLINE:
                yield job, outcome, _alone(master, outcome, None)
            else:
                yield job, outcome, unpack(body) if kept and body is not None else None


def values_of(master: MasterSocket, outcomes: Sequence[Fields]) -> Iterator[tuple[Fields, Any]]:
    """The outcomes of a job whose value is kept, in their order, each with it."""
    missing = object()
    for page in _pages([outcome for outcome in outcomes if outcome["state"] in WITH_RETURN]):
        values = _values(master, page)
        for outcome in page:
            value = values.pop(outcome["minion"], missing)
            if outcome.get("size", 0) > _INLINE:
                value = _alone(master, outcome, missing)
            if value is not missing:
                yield outcome, value


def _pages(outcomes: Sequence[Fields]) -> Iterator[list[Fields]]:
    page: list[Fields] = []
    room = _PAGE_BYTES
    for outcome in outcomes:
        size = outcome.get("size", 0)
        if page and (len(page) == _PAGE or size > room):
            yield page
            page, room = [], _PAGE_BYTES
        page.append(outcome)
        room -= size
    if page:
        yield page


def _values(master: MasterSocket, page: Sequence[Fields]) -> Fields:
    minions = [outcome["minion"] for outcome in page if outcome.get("size", 0) <= _INLINE]
    if not minions:
        return {}
    request = {"verb": "bodies", "jid": page[0]["jid"], "minions": minions, "inline": _INLINE}
    with master.stream(request) as answers:
        return {item["minion"]: unpack(item["body"]) for item in answers if item["body"] is not None}


def _alone(master: MasterSocket, outcome: Fields, missing: Any) -> Any:
    try:
        return read_value(master, outcome["jid"], outcome["minion"])
    except NotFound:
        # The outcome is kept longer than the body of its return.
        return missing
