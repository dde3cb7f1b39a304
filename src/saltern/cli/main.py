"""`saltern COMMAND`: finds the command's module, runs it, and turns whatever stops it into a line and an exit code."""

from __future__ import annotations

import errno
import gc
import os
import sys

from saltern.cli import exitcodes
from saltern.errors import AuthenticationError, AuthorizationError, NoMinionsMatched, SalternError, UserError
from saltern.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

COMMANDS = {
    "run": "run functions on minions",
    "call": "run a function on this machine",
    "cp": "copy files to minions",
    "runner": "run a function on the master",
    "wheel": "run a wheel function on the master",
    "key": "accept, reject, list and delete minion keys; join tokens",
    "jobs": "list, show, watch, cancel, rerun and export jobs",
    "events": "follow the event log, send an event",
    "access": "who may do what, and who did",
    "minions": "which minions are connected",
    "status": "whether the master is ready",
    "doctor": "what is wrong on this host, and what to do",
    "master": "run a master",
    "minion": "run a minion",
    "swarm": "simulate many minions against a master",
    "match": "which minions of a table are meant by target expressions",
    "output": "show data of a file by an outputter",
    "completion": "print what completes command lines in bash, zsh or fish",
    "shims": "write salt, salt-call, ... that take Salt's command lines",
}
"""The commands and what they do; each has a module of its name in this package with `main(argv) -> exit code`."""

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_TRACED = ("all", "garbage", "trace", "debug")


def run(argv: Sequence[str] | None = None) -> NoReturn:
    """The program: `main`, and the end of the process.

    The interpreter is not taken down piece by piece: the kernel does that in a moment, and a command has only a few.
    """
    code = main(argv)
    threads = sys.modules.get("threading")
    if threads is not None and threads.active_count() > 1:
        sys.exit(code)
    import atexit

    atexit._run_exitfuncs()
    try:
        sys.stderr.flush()
    finally:
        os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code, see `saltern.cli.exitcodes`."""
    words = list(sys.argv[1:] if argv is None else argv)
    # What imports make stays: to search it for cycles again and again is a tenth of a command's time.
    gc.set_threshold(50_000)
    _never_fail_to_print()
    try:
        code = _dispatch(words)
        sys.stdout.flush()
    except BrokenPipeError:
        return _quiet_end()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return exitcodes.INTERRUPTED
    except SalternError as error:
        return _report(error, trace=_wants_trace(words))
    except OSError as error:
        if error.errno not in _FULL:
            raise
        return _report(_full(error), trace=_wants_trace(words))
    except SystemExit as end:
        # How argparse ends after --help and --version.
        return end.code if isinstance(end.code, int) else exitcodes.OK
    return code


def _dispatch(words: list[str]) -> int:
    name, rest = (words[0], words[1:]) if words else ("help", [])
    if name in ("-V", "--version", "version"):
        print(f"saltern {VERSION}")
        return exitcodes.OK
    if name in ("-h", "--help", "help"):
        return _help(rest)
    if name.startswith("-"):
        raise UserError("the command comes first, options follow it", hint=f"saltern COMMAND {name} ...")
    if name not in COMMANDS:
        raise UserError(f"there is no command {name!r}", hint=_did_you_mean(name))
    return command_main(name)(rest)


def command_main(name: str) -> Callable[[Sequence[str]], int]:
    """What runs a command of `COMMANDS`."""
    import importlib

    found: Callable[[Sequence[str]], int] = importlib.import_module(f"saltern.cli.{name}").main
    return found


def _help(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        return command_main(words[0])(["--help"])
    if words and words[0] == "exit-codes":
        print("\n".join(f"{code:4}  {meaning}" for code, meaning in exitcodes.TABLE))
        return exitcodes.OK
    width = max(map(len, COMMANDS))
    print("usage: saltern COMMAND [options]\n\ncommands:")
    print("\n".join(f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items()))
    print("\nsaltern COMMAND --help shows a command's options, saltern help exit-codes the exit codes.")
    return exitcodes.OK


def _did_you_mean(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, 1, 0.5)
    return f"Did you mean saltern {near[0]}?" if near else "saltern --help lists the commands."


def _full(error: OSError) -> SalternError:
    """A disk that takes no more, which is no fault of ours that a traceback would explain."""
    told = SalternError(f"cannot write {error.filename or 'what has to be kept'}: {error.strerror}")
    told.__cause__ = error
    return told


def _report(error: SalternError, *, trace: bool) -> int:
    if trace:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, AuthenticationError | AuthorizationError):
        # What scripts for Salt look for.
        sys.stderr.write(
            f"{'Authentication' if isinstance(error, AuthenticationError) else 'Authorization'} error occurred.\n"
        )
    sys.stderr.write(f"saltern: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"         {error.hint}\n")
    if isinstance(error, NoMinionsMatched):
        sys.stderr.write("ERROR: No return received\n")
    elif isinstance(error, AuthenticationError):
        sys.stderr.write("ERROR: Authentication failed\n")
    return error.exit_code


def _wants_trace(words: list[str]) -> bool:
    """Whether an option asks for it: `--hard-crash`, `-l debug`; the command's parser may not have come so far."""
    if "--hard-crash" in words:
        return True
    for number, word in enumerate(words):
        option, _, level = word.partition("=")
        if option in ("-l", "--log-level") and (level or "".join(words[number + 1 : number + 2])) in _TRACED:
            return True
    return False


def _never_fail_to_print() -> None:
    """What a minion gave back may hold what this terminal's encoding has no letter for."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def _quiet_end() -> int:
    """The reader of standard output is gone: say nothing, and keep Python from flushing into it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exitcodes.BROKEN_PIPE
