"""Which jobs are meant: the filters of `jobs list` and `jobs export`, times, and paging."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from datetime import UTC, datetime

from saltern.cli.options import seconds
from saltern.errors import UserError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

    from saltern.cli.options import Parser
    from saltern.client.blocking import MasterSocket

STATES = (
    "queued", "sent", "running", "returned", "failed", "expired", "lost", "refused", "cancelled", "timed_out",
)  # fmt: skip
"""The values of `model.job.State`, which is not imported here: it would be half of a command's start."""

NOT_RETURNED = tuple(state for state in STATES if state not in ("queued", "sent", "running", "returned"))
_OUTCOME_PAGE = 1000


def add_filters(parser: Parser) -> None:
    group = parser.add_argument_group("which jobs")
    group.add_argument("--since", metavar="TIME", type=moment, help="from then on: 2h, 2026-11-22, 2026-11-22T08:30")
    group.add_argument("--until", metavar="TIME", type=moment, help="up to then")
    group.add_argument("--function", metavar="GLOB", action="append", default=[], help="only these functions")
    group.add_argument("--target", metavar="GLOB", action="append", default=[], help="only with such a target")
    group.add_argument("--user", metavar="GLOB", action="append", default=[], help="only of these users")
    group.add_argument("--minion", metavar="ID", default="", help="only jobs that concern this minion")
    group.add_argument("--state", metavar="STATE", action="append", default=[], help="only with an outcome in it")
    group.add_argument("--failed", action="store_true", help="only with an outcome that is not as it should be")
    group.add_argument("--metadata", metavar="MAP", default="", help="only with one of these pairs in the metadata")


def query(options: argparse.Namespace) -> dict[str, Any]:
    """The filters as fields of `model.job.JobQuery`, those left out that do not filter."""
    from saltern.cli.words import mapping

    unknown = sorted(set(options.state) - set(STATES))
    if unknown:
        raise UserError(f"there is no state {unknown[0]!r}", hint=f"One of {', '.join(STATES)}.")
    fields = {
        "functions": _split(options.function),
        "targets": options.target,
        "users": _split(options.user),
        "minion": options.minion,
        "states": [*options.state, *(NOT_RETURNED if options.failed else ())],
        "metadata": mapping(options.metadata, "--metadata"),
        "since": options.since,
        "until": options.until,
    }
    return {name: value for name, value in fields.items() if value not in ([], "", None, {})}


def each_outcome(master: MasterSocket, jid: str, **fields: Any) -> Iterator[dict[str, Any]]:
    """All outcomes of a job, page by page."""
    after = 0
    while True:
        wanted = {"jid": jid, "after": after, "limit": _OUTCOME_PAGE, **fields}
        page = master.ask({"verb": "outcomes", "query": wanted})["outcomes"]
        yield from page
        if len(page) < _OUTCOME_PAGE:
            return
        after = page[-1]["seq"]


def moment(text: str) -> float:
    """A time as seconds since 1970: `2h` ago, or an ISO date or time, which is local unless it says otherwise."""
    try:
        return time.time() - seconds(text)
    except ArgumentTypeError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no time such as 2h, 2026-11-22 or 2026-11-22T08:30") from error


def local_time(stamp: float | None) -> str:
    """Seconds since 1970 as people read it, in local time; nothing for no time."""
    return datetime.fromtimestamp(stamp, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S") if stamp else ""


def function_text(job: dict[str, Any]) -> str:
    fun = job["fun"]
    return fun if isinstance(fun, str) else ",".join(fun)


def target_text(job: dict[str, Any]) -> str:
    tgt = job.get("tgt", "*")
    return tgt if isinstance(tgt, str) else ",".join(tgt)


def _split(texts: list[str]) -> list[str]:
    return [part for text in texts for part in text.split(",") if part]
