"""`saltern access explain|log|logout`: who may do what, and who did (behaviours ACL-03, ACL-06)."""

from __future__ import annotations

from saltern.cli import exitcodes
from saltern.cli.job_query import local_time, moment
from saltern.cli.options import IncompleteCommand, Parser, add_output, count, make_parser
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.run import TARGET_FLAGS
from saltern.cli.table import table
from saltern.cli.verbs import dispatch
from saltern.cli.words import parsed, split_compound

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

_EXPLAIN = (
    "saltern access explain bob pkg.install 'web*' nginx",
    "saltern access explain --eauth pam ann test.ping -G os:Debian",
    "saltern access explain --eauth ldap ann jobs.list_jobs --client runner",
)
_LOG = (
    "saltern access log",
    "saltern access log --user bob --decision refused --since 2d",
    "saltern access log --fun 'cmd.*' --limit 1000 --out json",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    return dispatch(
        "access",
        "Tells who may do what, and by which rule; who did what.",
        {
            "explain": (_explain, "whether a user may run a function, and by which rule or why not"),
            "log": (_log, "what was asked for, by whom, and what was decided"),
            "logout": (_logout, "end the access token that -T kept"),
        },
        argv,
        examples=(*_EXPLAIN[:1], *_LOG[:1]),
    )


def _explain(argv: Sequence[str]) -> int:
    options = _explain_parser().parse(argv)
    request = _question(options)
    place = find_place(options.config_dir)
    answer = place.master().ask(request)
    with Printer(options, place.values) as printer:
        if printer.chosen:
            printer.show({name: answer[name] for name in ("allowed", "reason", "misses", "minions")})
        else:
            printer.write(_as_text(answer))
    return exitcodes.OK if answer["allowed"] else exitcodes.FAILED


def _question(options: argparse.Namespace) -> dict[str, Any]:
    words = list(options.words)
    needed = 2 if options.client else 3
    if len(words) < needed:
        what = "a user and a function" if options.client else "a user, a function and a target"
        raise IncompleteCommand(f"{what} are needed", hint="See saltern access explain --help.")
    fun, arguments = split_compound(words[1], words[needed:], ",")
    lists = [parsed(part) for part in arguments]
    request = {
        "verb": "explain",
        "who": words[0],
        "fun": fun,
        "arg": lists if isinstance(fun, list) else lists[0],
        "eauth": options.eauth,
        "client": options.client,
    }
    if options.client:
        return request
    tgt: str | list[str] = words[2]
    if options.tgt_type == "list":
        tgt = [minion for minion in words[2].replace(" ", "").split(",") if minion]
    return {**request, "tgt": tgt, "tgt_type": options.tgt_type, "delimiter": options.delimiter}


def _as_text(answer: dict[str, Any]) -> str:
    lines = [f"{'allowed' if answer['allowed'] else 'refused'}: {answer['reason']}"]
    lines += [f"  {miss}" for miss in answer["misses"]]
    if answer["minions"]:
        lines.append(f"minions: {', '.join(sorted(answer['minions']))}")
    return "\n".join(lines)


def _explain_parser() -> Parser:
    parser = make_parser(
        "access explain",
        "Says whether a user may run a function, and by which rule or why not. Nothing is run.",
        usage="[options] USER FUNCTION TARGET [ARGUMENT ...]",
        examples=_EXPLAIN,
    )
    parser.add_argument("words", nargs="*", metavar="USER FUNCTION TARGET ARGUMENT", help="what is asked about")
    parser.add_argument("--eauth", metavar="NAME", default="", help="a user of this back end; else one of the system")
    parser.add_argument(
        "--client", metavar="KIND", choices=("runner", "wheel"), default="",
        help="the function is one of the master's, runner or wheel, and there is no target",
    )  # fmt: skip
    target = parser.add_argument_group("target")
    for flag, long_flag, kind, text in TARGET_FLAGS:
        target.add_argument(flag, long_flag, dest="tgt_type", action="store_const", const=kind, help=text)
    target.add_argument("--delimiter", metavar="CHAR", default=":", help="between the keys of a grain or pillar")
    parser.set_defaults(tgt_type="glob")
    add_output(parser)
    return parser


def _log(argv: Sequence[str]) -> int:
    parser = make_parser(
        "access log",
        "Shows what operators asked for and what was decided, the newest first.",
        usage="[options]",
        examples=_LOG,
    )
    parser.add_argument("--user", metavar="GLOB", default="", help="only of these users")
    parser.add_argument("--fun", metavar="GLOB", default="", help="only these functions")
    parser.add_argument("--action", metavar="GLOB", default="", help="publish, runner, wheel, keys, login, ...")
    parser.add_argument("--decision", metavar="WORD", default="", help="allowed, refused, or failed (to log in)")
    parser.add_argument("--since", metavar="TIME", type=moment, help="only after: 2h, 3d, 2026-11-22")
    parser.add_argument("--until", metavar="TIME", type=moment, help="only before")
    parser.add_argument("--limit", metavar="N", type=count, default=100, help="at most so many; 0: all")
    add_output(parser)
    options = parser.parse(argv)
    query = {name: getattr(options, name) for name in ("user", "fun", "action", "decision", "limit")}
    query.update({name: value for name in ("since", "until") if (value := getattr(options, name)) is not None})
    place = find_place(options.config_dir)
    rows = place.master().ask({"verb": "audit", "query": query})["rows"]
    with Printer(options, place.values) as printer:
        if printer.chosen and printer.chosen != "table":
            printer.show(rows)
        else:
            printer.write(_as_table(rows))
    return exitcodes.OK


def _as_table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "nothing is on record"
    headings = ("TIME", "USER", "DECISION", "ACTION", "FUNCTION", "TARGET", "JID", "REASON")
    return table(headings, [_row(row) for row in rows])


def _row(row: dict[str, Any]) -> list[str]:
    user = f"{row['user']} ({row['eauth']})" if row["eauth"] else row["user"]
    texts = [row[name] for name in ("decision", "action", "fun", "tgt", "jid", "reason")]
    return [local_time(row["at"]), user, *texts]


def _logout(argv: Sequence[str]) -> int:
    from saltern.cli.token_file import forget_token, kept_token

    parser = make_parser(
        "access logout",
        "Ends the access token that -T kept, and forgets it.",
        usage="",
        examples=("saltern access logout",),
    )
    place = find_place(parser.parse(argv).config_dir)
    token = kept_token(place.values)
    if token:
        place.visitor({"token": token}).ask({"verb": "logout"})
    forget_token(place.values)
    return exitcodes.OK
