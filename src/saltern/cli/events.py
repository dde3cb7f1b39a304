"""`saltern events tail|send`: follows the master's event log, puts an event on it (behaviours EVT-05, EVT-06)."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.options import IncompleteCommand, count, make_parser
from saltern.cli.output import as_json
from saltern.cli.place import find_place
from saltern.cli.verbs import dispatch
from saltern.client.blocking import unpack
from saltern.errors import UserError
from saltern.salt_compat.arguments import parse_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    return dispatch(
        "events",
        "Follows the master's event log, or puts an event on it.",
        {"tail": (_tail, "print events as they come"), "send": (_send, "put an event on the log")},
        argv,
        examples=("saltern events tail -m 'salt/job/*'", "saltern events send myco/deploy version=1.2"),
    )


def _tail(argv: Sequence[str]) -> int:
    parser = make_parser(
        "events tail",
        "Prints events as they come: the tag, a tab, and the data as JSON, one event a line.",
        usage="[options]",
        examples=(
            "saltern events tail",
            "saltern events tail -m 'salt/job/*/ret/*' --count 10",
            "saltern events tail --from-start --pretty",
        ),
    )
    parser.add_argument("-m", "--match", metavar="GLOB", default="*", help="only events whose tags match")
    parser.add_argument("--count", metavar="N", type=count, default=0, help="end after so many events")
    parser.add_argument(
        "--from-start", action="store_const", dest="after", const=0, default=-1, help="what is kept, too"
    )
    parser.add_argument("--after", metavar="SEQ", type=count, help="only events above this place in the log")
    parser.add_argument("--seq", action="store_true", help="print each event's place in the log first")
    parser.add_argument("--pretty", action="store_true", help="JSON on several lines")
    options = parser.parse(argv)
    request = {"verb": "events", "match": options.match, "after": options.after, "count": options.count}
    with find_place(options.config_dir).master().stream(request) as events:
        for event in events:
            line = f"{event['tag']}\t{as_json(_data(event), indent=4 if options.pretty else None)}\n"
            sys.stdout.write(f"{event['seq']}\t{line}" if options.seq else line)
            sys.stdout.flush()
    return exitcodes.OK


def _data(event: dict[str, Any]) -> Any:
    """The data with its time, as every reader of Salt's events expects it there (EVT-01)."""
    from datetime import UTC, datetime

    data = unpack(event["data"])
    if isinstance(data, dict) and "_stamp" not in data:
        data["_stamp"] = datetime.fromtimestamp(event["stamp"], UTC).isoformat()
    return data


def _send(argv: Sequence[str]) -> int:
    parser = make_parser(
        "events send",
        "Puts an event on the master's log. The data are pairs, or one map in JSON.",
        usage="[options] TAG [NAME=VALUE ... | JSON]",
        examples=(
            "saltern events send myco/deploy version=1.2 hosts='[web1, web2]'",
            'saltern events send myco/deploy \'{"version": "1.2"}\'',
        ),
    )
    parser.add_argument("words", nargs="*", metavar="TAG DATA", help="the tag and the data")
    options = parser.parse(argv)
    if not options.words:
        raise IncompleteCommand("a tag is needed", hint="See saltern events send --help.")
    tag, *words = options.words
    request = {"verb": "send_event", "tag": tag, "data": _event_data(words)}
    find_place(options.config_dir).master().ask(request)
    return exitcodes.OK


def _event_data(words: Sequence[str]) -> dict[str, Any]:
    positional, data = parse_words(words)
    for value in positional:
        if not isinstance(value, dict):
            raise UserError(f"the data of an event are NAME=VALUE or a map, not {value!r}")
        data = {**value, **data}
    return data
