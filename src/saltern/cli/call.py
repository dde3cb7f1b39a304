"""`saltern call [--local] FUN [ARGS]`: runs a function on this machine, as its minion would (behaviour CLI-03)."""

from __future__ import annotations

import sys

from saltern.cli import exitcodes
from saltern.cli.options import add_output, make_parser, seconds
from saltern.cli.output import Printer
from saltern.cli.salt_flags import add_log_file, add_refused
from saltern.cli.words import add_executors, executors, mapping, stdin_words
from saltern.errors import UserError
from saltern.salt_compat.arguments import parse_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from typing import Any

    from saltern.assembly.local import LocalResult
    from saltern.cli.options import Parser

_BRIEF = ("-h", "-c", "--local", "-g", "-d", "--retcode-passthrough", "--id", "--file-root", "-l", "--out")
_NO_PROXIES = "there are no proxy minions in this release"
_NO_RESOURCES = "there are no managed resources in this release"
_PROFILES = "/tmp/stats"  # noqa: S108  (Salt's default)
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
    words = [*_function_and_words(options), *(stdin_words() if options.args_stdin else [])]
    if options.priv:
        from saltern.config.user import become

        become(options.priv)
    result = _profiled(_call, options, words) if options.enable_profiling else _call(options, words)
    done = result.done
    if done.faults:
        # There is no value to print: what went wrong is told as of any other command.
        sys.stderr.write("".join(f"{fault.as_message()}\n" for fault in done.faults))
        _hint(done.faults[0].as_message())
        return exitcodes.FAILED
    with Printer(options, {}) as printer:
        if options.doc:
            from saltern.cli.doc import print_docs

            return print_docs(done.value or {}, printer)
        if options.grains and not printer.chosen:
            printer.show(done.value, out="grains" if words[0] == "grains.items" else done.out)
        else:
            shown = _with_metadata(result.told) if options.print_metadata else done.value
            printer.show({"local": shown}, out=done.out, retcode=done.retcode)
    if done.retcode:
        _hint(done.value)
    return _exit_code(done.retcode, passthrough=options.retcode_passthrough)


def _hint(value: Any) -> None:
    from saltern.cli.suggest import hint_at_function

    hint_at_function(value)


def _with_metadata(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("jid", "return", "retcode", "id", "fun", "fun_args")}


def _call(options: argparse.Namespace, words: Sequence[str]) -> LocalResult:
    args, kwargs = parse_words(words[1:], [name for name in options.no_parse.split(",") if name])
    from saltern.assembly.local import call

    return call(options.config_dir, words[0], args, kwargs, local=options.local, overrides=_overrides(options))


def _profiled(
    call: Callable[[argparse.Namespace, Sequence[str]], LocalResult], options: argparse.Namespace, words: Sequence[str]
) -> LocalResult:
    """The call, with statistics of where its time went for `pstats` in a file below `--profiling-path`."""
    import cProfile
    import os
    import time

    os.makedirs(options.profiling_path, exist_ok=True)  # noqa: PTH103
    profile = cProfile.Profile()
    result = profile.runcall(call, options, words)
    path = f"{options.profiling_path}/saltern-call-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.prof"
    profile.dump_stats(path)
    sys.stderr.write(f"saltern: the profile is in {path}; python3 -m pstats reads it\n")
    return result


def _function_and_words(options: argparse.Namespace) -> list[str]:
    if options.doc:
        return ["sys.doc", *options.words]
    if options.grains:
        return ["grains.items"]
    if not options.words:
        raise UserError("a function is needed", hint="See saltern call --help.")
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
        "metadata": mapping(options.metadata, "--set-metadata"),
        **executors(options),
        "states_dirs": [options.states_dir] if options.states_dir else None,
        "log_file": options.log_file,
        "log_level_logfile": options.log_file_level,
        "timeout": options.timeout,
        "output": options.out,
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
        "Runs a function on this machine, as its minion would.",
        usage="[options] FUNCTION [ARGUMENT | NAME=VALUE ...]",
        examples=_EXAMPLES,
        brief=_BRIEF,
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
    group.add_argument(
        "--metadata", dest="print_metadata", action="store_true", help="show job id, arguments and retcode too"
    )
    group.add_argument("--set-metadata", dest="metadata", metavar="MAP", default="", help="keep these with the job")
    group.add_argument("--args-stdin", action="store_true", help="more arguments from standard input, one a line")
    group.add_argument("--priv", metavar="USER", default="", help="become this user first")
    add_executors(group)
    group.add_argument("--enable-profiling", action="store_true", help="keep statistics of where the time goes")
    group.add_argument("--profiling-path", metavar="DIR", default=_PROFILES, help=f"where to keep them ({_PROFILES})")
    add_refused(group, "--proxyid", value="ID", reason=_NO_PROXIES)
    add_refused(group, "-r", "--resources", reason=_NO_RESOURCES)
    add_refused(group, "--tgt", value="TARGET", reason=_NO_RESOURCES, hint="saltern run TARGET calls on minions.")
    add_refused(group, "--tgt-type", value="TYPE", reason=_NO_RESOURCES)
    _add_overrides(parser)
    add_output(parser, states=True)
    add_log_file(parser, kept=True)
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
    group.add_argument("--states-dir", metavar="DIR", help="more state modules")
    group.add_argument("--cachedir", metavar="DIR", help="where the minion keeps what it fetched")
    group.add_argument("--skip-grains", action="store_true", help="run without grains")
    group.add_argument("--refresh-grains-cache", action="store_true", help="find the grains anew")
