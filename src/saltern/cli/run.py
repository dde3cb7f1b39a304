"""`saltern run TARGET FUN[,FUN] [ARGS]`: runs functions on minions and prints what they give back."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.options import IncompleteCommand, Parser, add_login, add_output, count, make_parser, seconds
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.salt_flags import add_log_file, add_refused
from saltern.cli.tally import Tally
from saltern.cli.watch import add_watch_options, beside, watch
from saltern.cli.words import add_executors, executors, mapping, parsed, split_compound, stdin_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from typing import Any

    from saltern.cli.place import Place
    from saltern.client.blocking import MasterSocket

TARGET_FLAGS = (
    ("-E", "--pcre", "pcre", "the target is a regular expression on ids"),
    ("-L", "--list", "list", "the target is a list of ids, by commas"),
    ("-G", "--grain", "grain", "the target is a grain and a glob, os:Debian"),
    ("-P", "--grain-pcre", "grain_pcre", "the target is a grain and a regular expression"),
    ("-I", "--pillar", "pillar", "the target is a pillar key and a glob"),
    ("-J", "--pillar-pcre", "pillar_pcre", "the target is a pillar key and a regular expression"),
    ("-S", "--ipcidr", "ipcidr", "the target is an address or a network, 10.0.0.0/8"),
    ("-N", "--nodegroup", "nodegroup", "the target is a node group of the master's configuration"),
    ("-C", "--compound", "compound", "the target joins all of these by and, or, not"),
    ("-R", "--range", "range", "the target is a range expression"),
)
"""Flag, long flag, target type, help (the table of targets in Salt's words)."""

NO_ROSTERS = "there are no rosters in this release"

_DEFAULT_WAIT = 5.0
_BRIEF = ("-h", "-L", "-G", "-C", "-b", "--async", "-t", "--follow", "--out")
_EXAMPLES = (
    "saltern run '*' test.ping",
    "saltern run 'web*' cmd.run 'uptime' --out json",
    "saltern run -G os:Debian pkg.version nginx",
    "saltern run -C 'web* and not G@env:test' cmd.run 'make all' --follow",
    "saltern run db1 cmd.run,test.version 'df -h' , --async",
    "saltern run 'laptop*' state.apply --deliver-within 8h",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    options = _parser().parse(argv)
    place = find_place(options.config_dir)
    if options.config_dump:
        return _dump_config(options, place)
    with place.visit(options) as master, Printer(options, place.values) as printer:
        if options.make_token and not options.words:
            return exitcodes.OK
        if options.preview_target:
            return _preview(master, options, printer)
        request = publish_request(options) | _batch_wish(options, place.values)
        if options.doc:
            from saltern.cli.doc import show_docs

            return show_docs(master, request, printer, wait=_wait(options, place.number("timeout", _DEFAULT_WAIT)))
        wait = _wait(options, place.number("timeout", _DEFAULT_WAIT))
        if options.subset:
            from saltern.client.subset import subset_of

            request = subset_of(master, request, options.subset, wait=wait)
        published = master.ask(request)
        batch = bool(published.get("batch"))
        if options.run_async:
            printer.write(f"Executed {'batch ' * batch}command with job ID: {published['jid']}")
            return exitcodes.OK
        _announce(published, options, printer)
        # In a batch a minion that is away may be here when its turn comes.
        away = () if batch else published.get("away") or ()
        tally = Tally(published["minions"], away, published.get("missing") or ())
        return watch(master, published["jid"], tally, options, printer, wait=wait, batch=batch)


def publish_request(options: argparse.Namespace) -> dict[str, Any]:
    """The command line as a `contract.Publish`; `IncompleteCommand` when the target or the function is missing."""
    words = list(options.words)
    if options.doc and len(words) < 2:
        words = [words[0] if words else "*", "sys.doc"]
    elif options.doc and words[1] != "sys.doc":
        words[1:1] = ["sys.doc"]
    if len(words) < 2:
        raise IncompleteCommand("a target and a function are needed", hint="See saltern run --help.")
    fun, arguments = split_compound(words[1], [*words[2:], *_more_words(options)], options.args_separator)
    no_parse = [name for name in options.no_parse.split(",") if name]
    lists = [parsed(words, no_parse) for words in arguments]
    request = {
        "verb": "publish",
        "fun": fun,
        "arg": lists if isinstance(fun, list) else lists[0],
        **target_of(options, words[0]),
        "jid": options.jid,
        "ret": options.ret,
        "ret_config": options.ret_config,
        "ret_kwargs": mapping(options.ret_kwargs, "--return_kwargs"),
        "metadata": mapping(options.metadata, "--metadata") or None,
        "kwargs": {
            "show_jid": options.show_jid,
            "show_timeout": not options.hide_timeout,
            **executors(options),
            **({"start_event": True} if options.start_event else {}),
        },
        "deliver_within": options.deliver_within,
        "timeout": options.job_timeout,
        "follow": options.follow,
    }
    return {key: value for key, value in request.items() if value not in ("", None, {}, 0.0, False)}


def _batch_wish(options: argparse.Namespace, values: Mapping[str, Any]) -> dict[str, Any]:
    """The batch that is wanted as a `contract.BatchWish`; empty for none."""
    limit = options.batch_safe_limit or values.get("batch_safe_limit") or 0
    if not options.batch and not limit:
        return {}
    wish = {
        "size": options.batch,
        "wait": options.batch_wait,
        "failhard": options.failhard,
        "max_fail": options.max_fail,
        "safe_limit": int(limit),
        "safe_size": str(options.batch_safe_size or values.get("batch_safe_size") or 8),
    }
    return {"batch": wish}


def target_of(options: argparse.Namespace, text: str) -> dict[str, Any]:
    """The target of a request, from its text and the flags."""
    tgt: str | list[str] = text
    if options.tgt_type == "list":
        tgt = [minion for minion in "".join(text.split()).split(",") if minion]
    target: dict[str, Any] = {"tgt": tgt, "tgt_type": options.tgt_type}
    return target if options.delimiter == ":" else {**target, "delimiter": options.delimiter}


def _more_words(options: argparse.Namespace) -> list[str]:
    return stdin_words() if options.args_stdin else []


def _announce(published: dict[str, Any], options: argparse.Namespace, printer: Printer) -> None:
    """Beside the documents, so that `--out json` stays one document after another."""
    show, jid = beside(options, printer), published["jid"]
    if published.get("batch") and not options.batch:
        show("\nNOTICE: Too many minions targeted, switching to batch execution.\n")
    if options.verbose:
        text = f"Executing job with jid {jid}"
        show(f"{text}\n{'-' * len(text)}\n\n")
    elif options.show_jid:
        show(f"jid: {jid}\n")
    if unknown := published.get("unknown"):
        some = ", ".join(sorted(unknown)[:10]) + (", ..." if len(unknown) > 10 else "")
        sys.stderr.write(f"saltern: not asked, as their grains or pillar are not known yet: {some}\n")


def _preview(master: MasterSocket, options: argparse.Namespace, printer: Printer) -> int:
    if not options.words:
        raise IncompleteCommand("a target is needed", hint="See saltern run --help.")
    found = master.ask({"verb": "resolve", **target_of(options, options.words[0])})
    printer.show(sorted(found["minions"]))
    return exitcodes.OK if found["minions"] else exitcodes.NO_RETURN


def _dump_config(options: argparse.Namespace, place: Place) -> int:
    """The master's whole configuration, as YAML unless another form is asked for."""
    from saltern.config.master import load_master_config
    from saltern.salt_compat.opts import to_opts

    with Printer(options, place.values) as printer:
        printer.show(to_opts(load_master_config(place.directory)), out="yaml")
    return exitcodes.OK


def _wait(options: argparse.Namespace, default: float) -> float:
    return default if options.timeout is None else float(options.timeout)


def _parser() -> Parser:
    parser = make_parser(
        "run",
        "Runs functions on minions and prints what they give back, as it arrives.",
        usage="[options] TARGET FUN[,FUN] [ARGUMENT | NAME=VALUE ...]",
        examples=_EXAMPLES,
        brief=_BRIEF,
    )
    parser.add_argument("words", nargs="*", metavar="TARGET FUNCTION ARGUMENT", help=_suppressed())
    target = parser.add_argument_group("target")
    for flag, long_flag, kind, text in TARGET_FLAGS:
        target.add_argument(flag, long_flag, dest="tgt_type", action="store_const", const=kind, help=text)
    target.add_argument("--delimiter", metavar="CHAR", default=":", help="between the keys of a grain or pillar")
    add_refused(target, "-H", "--hosts", reason=NO_ROSTERS, hint="saltern minions lists the minions.")
    target.add_argument("--preview-target", action="store_true", help="list the minions that are meant; send nothing")
    parser.set_defaults(tgt_type="glob")
    _add_job(parser)
    _add_batch(parser)
    add_watch_options(parser)
    _add_arguments(parser)
    add_login(parser, "-a", "-T")
    add_output(parser, states=True)
    add_log_file(parser, kept=False)
    return parser


def _add_job(parser: Parser) -> None:
    job = parser.add_argument_group("job")
    job.add_argument("--async", dest="run_async", action="store_true", help="print the job id and do not wait")
    job.add_argument("--show-jid", action="store_true", help="show the job id")
    job.add_argument("--jid", metavar="JID", default="", help="give the job this id")
    job.add_argument(
        "--deliver-within", metavar="TIME", type=seconds, default=0.0, help="keep it due for minions away, 10m, 8h"
    )
    job.add_argument(
        "--job-timeout", metavar="TIME", type=seconds, default=0.0, help="stop it on a minion after so long"
    )
    job.add_argument("--metadata", metavar="MAP", default="", help="keep these pairs with the job")
    job.add_argument("--start-event", action="store_true", help="fire an event when a minion begins")
    add_executors(job)
    job.add_argument("--config-dump", action="store_true", help="show the master's configuration; run nothing")
    job.add_argument("--return", dest="ret", metavar="NAMES", default="", help="minions give the return to these too")
    job.add_argument("--return_config", dest="ret_config", metavar="NAME", default="", help="their configuration")
    job.add_argument("--return_kwargs", dest="ret_kwargs", metavar="MAP", default="", help="options for them")


def _add_batch(parser: Parser) -> None:
    group = parser.add_argument_group("a few minions at a time")
    group.add_argument("-b", "--batch", "--batch-size", metavar="SIZE", default="", help="so many at once: 10, 25%%")
    group.add_argument(
        "--batch-wait",
        metavar="TIME",
        type=seconds,
        default=0.0,
        help="pause after each before the next takes its place",
    )
    group.add_argument("--max-fail", metavar="SIZE", default="", help="end the batch when more have failed: 3, 5%%")
    group.add_argument("--batch-safe-limit", metavar="N", type=count, default=0, help="a batch from N minions on")
    group.add_argument("--batch-safe-size", metavar="SIZE", default="", help="the size of such a batch (8)")
    group.add_argument("--subset", metavar="N", type=count, default=0, help="only N minions at random")


def _add_arguments(parser: Parser) -> None:
    group = parser.add_argument_group("arguments of the function")
    group.add_argument("--no-parse", metavar="NAMES", default="", help="leave the values of these names as typed")
    group.add_argument("--args-separator", metavar="TEXT", default=",", help="between the arguments of functions")
    group.add_argument("--args-stdin", action="store_true", help="more arguments from standard input, one a line")
    group.add_argument("-d", "--doc", "--documentation", action="store_true", help="show the functions' documentation")


def _suppressed() -> str:
    from argparse import SUPPRESS

    return SUPPRESS
