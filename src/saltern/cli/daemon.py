"""What the commands that run a master or a minion have in common (behaviour CLI-05)."""

from __future__ import annotations

from saltern.cli.options import make_parser
from saltern.cli.salt_flags import add_log_file, add_without_effect

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from saltern.assembly.daemon import DaemonOptions
    from saltern.cli.options import Parser


def daemon_parser(command: str, summary: str) -> Parser:
    """The parser of `saltern master` and `saltern minion`: `daemon`, `pid_file`, `user`."""
    examples: Sequence[str] = (
        f"saltern {command} -c ./conf -l info",
        f"saltern {command} -d --pid-file /run/saltern-{command}.pid",
    )
    parser = make_parser(command, summary, usage="[options]", examples=examples)
    group = parser.add_argument_group("process")
    group.add_argument("-d", "--daemon", action="store_true", help="detach; the shell gets its prompt back")
    group.add_argument("--pid-file", metavar="FILE", help="write the process id there")
    group.add_argument("-u", "--user", metavar="USER", help="run as this user")
    reason = "the service manager restarts it"
    add_without_effect(group, "--disable-keepalive", reason=reason)
    add_log_file(parser, kept=True)
    return parser


def daemon_options(options: argparse.Namespace) -> DaemonOptions:
    """What the command line says, as the assembly takes it."""
    from saltern.assembly.daemon import DaemonOptions

    return DaemonOptions(
        detach=options.daemon,
        pid_file=options.pid_file or "",
        level=options.log_level or "",
        user=options.user or "",
        log_file=options.log_file or "",
        log_file_level=options.log_file_level or "",
    )
