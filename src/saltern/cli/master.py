"""`saltern master`: runs a master, in the foreground unless told otherwise."""

from __future__ import annotations

from saltern.cli.daemon import daemon_options, daemon_parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    options = daemon_parser("master", "Runs a master until it is stopped by SIGTERM or Ctrl-C.").parse(argv)
    from saltern.assembly.daemon import run_master

    return run_master(options.config_dir, daemon_options(options))
