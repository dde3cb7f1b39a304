"""Runs a function of the master itself: what `saltern runner` and `saltern wheel` share (behaviours CLI-04, RUN-01)."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.options import IncompleteCommand, add_login, add_output, make_parser, seconds
from saltern.cli.output import Printer
from saltern.cli.place import find_place
from saltern.cli.salt_flags import add_log_file, add_without_effect
from saltern.cli.words import stdin_words
from saltern.errors import FunctionNotFound, PermissionRefused
from saltern.salt_compat.arguments import parse_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from saltern.cli.options import Parser
    from saltern.client.blocking import MasterSocket

_BRIEF = ("-h", "-c", "--async", "-t", "-d", "--out", "--out-file", "-a")


def call_master(client: str, argv: Sequence[str], *, summary: str, examples: Sequence[str]) -> int:
    """Parse, ask the master, print; `client` is `runner` or `wheel`. The exit code."""
    options = _parser(client, summary, examples).parse(argv)
    place = find_place(options.config_dir)
    with place.visit(options) as master, Printer(options, place.values) as printer:
        if options.doc:
            return _show_docs(master, client, options, printer)
        answer = _answer(master, client, options, printer)
        if options.run_async:
            printer.write(f"Executed command with job ID: {answer['jid']}")
            return exitcodes.OK
        return _show(answer, printer, quiet=options.quiet)


def _answer(master: MasterSocket, client: str, options: argparse.Namespace, printer: Printer) -> dict[str, Any]:
    """What the function gave; what it tells while it runs is printed as it comes."""
    try:
        with master.stream(_request(client, options), timeout=options.timeout) as answers:
            for answer in answers:
                if not options.quiet:
                    _show_progress(answer["progress"], printer)
            return answers.end
    except FunctionNotFound as error:
        from saltern.cli.suggest import near_function

        near = near_function(options.words[0], "runners" if client == "runner" else client)
        raise FunctionNotFound(error.message, hint=f"Did you mean {near}?" if near else error.hint) from error
    except PermissionRefused:
        if options.eauth:  # in Salt's words, for scripts that look for them
            user = options.username
            sys.stderr.write(f'Authentication failure of type "eauth" occurred for user {user}.\n')
        raise


def _show_progress(progress: dict[str, Any], printer: Printer) -> None:
    if "text" in progress:
        printer.write(progress["text"])
    else:
        printer.show(progress)


def _request(client: str, options: argparse.Namespace) -> dict[str, Any]:
    if not options.words:
        raise IncompleteCommand("a function is needed", hint=f"See saltern {client} --help.")
    words = [*options.words[1:], *(stdin_words() if options.args_stdin else [])]
    arg, kwarg = parse_words(words, [name for name in options.no_parse.split(",") if name])
    return {
        "verb": "call",
        "client": client,
        "fun": options.words[0],
        "arg": arg,
        "kwarg": kwarg,
        "background": options.run_async,
        "progress": True,
        "jid": options.jid,
    }


def _show(answer: dict[str, Any], printer: Printer, *, quiet: bool) -> int:
    value, out = answer.get("return"), answer.get("out") or ""
    failed = answer.get("success") is False or (isinstance(value, dict) and bool(value.get("retcode")))
    if isinstance(value, dict) and "outputter" in value and "data" in value:
        value, out = value["data"], str(value["outputter"] or "")
    code = exitcodes.FAILED if failed else exitcodes.OK
    if failed and isinstance(value, str) and not printer.chosen:
        sys.stderr.write(value.rstrip() + "\n")
    elif not quiet:
        printer.show(value, out=out, retcode=code)
    return code


def _show_docs(master: MasterSocket, client: str, options: argparse.Namespace, printer: Printer) -> int:
    from saltern.cli.doc import print_docs

    answer = master.ask({"verb": "call", "client": "runner", "fun": f"doc.{client}"}, timeout=options.timeout)
    docs = answer.get("return") or {}
    wanted = options.words
    shown = {
        name: text
        for name, text in docs.items()
        if not wanted or any(name == word or name.startswith(f"{word.rstrip('.')}.") for word in wanted)
    }
    return print_docs(shown, printer)


def _parser(client: str, summary: str, examples: Sequence[str]) -> Parser:
    usage = "[options] FUNCTION [ARGUMENT | NAME=VALUE ...]"
    parser = make_parser(client, summary, usage=usage, examples=examples, brief=_BRIEF)
    parser.add_argument("words", nargs="*", metavar="FUNCTION ARGUMENT", help="the function and its arguments")
    group = parser.add_argument_group("call")
    group.add_argument("--async", dest="run_async", action="store_true", help="print the job id and do not wait")
    group.add_argument("-t", "--timeout", metavar="SECONDS", type=seconds, help="how long to wait for the answer")
    group.add_argument("--jid", metavar="JID", default="", help="give the call this job id")
    group.add_argument("--quiet", action="store_true", help="do not show what it gives back")
    group.add_argument("--no-parse", metavar="NAMES", default="", help="leave the values of these names as typed")
    group.add_argument("--args-stdin", action="store_true", help="more arguments from standard input, one a line")
    group.add_argument("-d", "--doc", "--documentation", action="store_true", help="show the functions' documentation")
    reason = "the function runs in the master, with the master's grains"
    add_without_effect(group, "--skip-grains", reason=reason)
    reason = "the function runs in the master; saltern call --enable-profiling measures execution functions"
    add_without_effect(group, "--enable-profiling", reason=reason)
    add_without_effect(group, "--profiling-path", value="DIR", reason=reason)
    add_login(parser, "-a", "-T")
    add_output(parser, states=True)
    add_log_file(parser, kept=False)
    return parser
