"""`saltern call [--local] FUN [ARGS]`: runs a function on this machine, as its minion would (behaviour CLI-03)."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.options import IncompleteCommand, add_output, make_parser, seconds
from saltern.cli.output import Printer
from saltern.cli.words import mapping
from saltern.salt_compat.arguments import parse_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from saltern.cli.options import Parser

_EXAMPLES = (
    "saltern call test.ping",
    "saltern call --local grains.items --out json",
    "saltern call --local --file-root ./states state.apply nginx test=True",
    "saltern call cmd.run 'make check' --retcode-passthrough",
    "saltern call -d cmd.run",
)


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    options = _parser().parse(argv)
    words = _function_and_words(options)
    fun = words[0]
    args, kwargs = parse_words(words[1:], [name for name in options.no_parse.split(",") if name])
    from saltern.assembly.local import call

    result = call(options.config_dir, fun, args, kwargs, local=options.local, overrides=_overrides(options))
    if result.faults:
        # There is no value to print: what went wrong is told as of any other command.
        sys.stderr.write("".join(f"{fault.as_message()}\n" for fault in result.faults))
        return exitcodes.FAILED
    with Printer(options, {}) as printer:
        if options.doc:
            from saltern.cli.doc import print_docs

            return print_docs(result.value or {}, printer)
        if options.grains and not printer.chosen:
            printer.show(result.value, out="grains" if fun == "grains.items" else result.out)
        else:
            printer.show({"local": result.value}, out=result.out, retcode=result.retcode)
    return _exit_code(result.retcode, passthrough=options.retcode_passthrough)


def _function_and_words(options: argparse.Namespace) -> list[str]:
    if options.doc:
        return ["sys.doc", *options.words]
    if options.grains:
        return ["grains.items"]
    if not options.words:
        raise IncompleteCommand("a function is needed", hint="See saltern call --help.")
    return list(options.words)


def _overrides(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says over the minion's configuration, under Salt's names; `log_level` with them."""
    given = {
        "id": options.id,
        "master": options.master,
        "log_level": options.log_level,
        "cachedir": options.cachedir,
        "module_dirs": [entry for text in options.module_dirs for entry in text.split(",") if entry],
        "file_roots": {"base": [options.file_root]} if options.file_root else None,
        "pillar_roots": {"base": [options.pillar_root]} if options.pillar_root else None,
        "return": options.ret,
        "ret_config": options.ret_config,
        "ret_kwargs": mapping(options.ret_kwargs, "--return_kwargs"),
        "metadata": mapping(options.metadata, "--metadata"),
        "timeout": options.timeout,
        "refresh_grains_cache": options.refresh_grains_cache,
        "skip_grains": options.skip_grains,
        "return_event": False if options.no_return_event else None,
    }
    return {name: value for name, value in given.items() if value is False or value}


def _exit_code(retcode: int, *, passthrough: bool) -> int:
    if passthrough:
        return retcode
    return exitcodes.FAILED if retcode else exitcodes.OK


def _parser() -> Parser:
    parser = make_parser(
        "call",
        "Runs a function on this machine, as its minion would, and prints what it gives back.",
        usage="[options] FUNCTION [ARGUMENT | NAME=VALUE ...]",
        examples=_EXAMPLES,
    )
    parser.add_argument("words", nargs="*", metavar="FUNCTION ARGUMENT", help="the function and its arguments")
    group = parser.add_argument_group("call")
    group.add_argument("--local", action="store_true", help="without a master: nothing is asked or told")
    group.add_argument("-g", "--grains", action="store_true", help="show the grains of this machine")
    group.add_argument("-d", "--doc", "--documentation", action="store_true", help="show the functions' documentation")
    group.add_argument("--retcode-passthrough", action="store_true", help="exit with the function's own code")
    group.add_argument("--no-return-event", action="store_true", help="do not give the return to the master")
    group.add_argument("-t", "--timeout", metavar="SECONDS", type=seconds, help="how long to wait for the master")
    group.add_argument("--no-parse", metavar="NAMES", default="", help="leave the values of these names as typed")
    group.add_argument("--return", dest="ret", metavar="NAMES", default="", help="give the return to these too")
    group.add_argument("--return_config", dest="ret_config", metavar="NAME", default="", help="their configuration")
    group.add_argument("--return_kwargs", dest="ret_kwargs", metavar="MAP", default="", help="options for them")
    group.add_argument("--metadata", metavar="MAP", default="", help="keep these pairs with the job")
    _add_overrides(parser)
    add_output(parser, states=True)
    return parser


def _add_overrides(parser: Parser) -> None:
    group = parser.add_argument_group("instead of the configuration")
    group.add_argument("--id", metavar="ID", help="the minion's id")
    group.add_argument("--master", metavar="HOST", help="the master to ask")
    group.add_argument(
        "-m", "--module-dirs", metavar="DIRS", action="append", default=[], help="more plugin directories"
    )
    group.add_argument("--file-root", metavar="DIR", help="the file root of the environment base")
    group.add_argument("--pillar-root", metavar="DIR", help="the pillar root of the environment base")
    group.add_argument("--cachedir", metavar="DIR", help="where the minion keeps what it fetched")
    group.add_argument("--skip-grains", action="store_true", help="run without grains")
    group.add_argument("--refresh-grains-cache", action="store_true", help="find the grains anew")
