"""`saltern shims DIR`: writes `salt`, `salt-call`, ... that take Salt's command lines as they are."""

# ruff: noqa: PTH100, PTH101, PTH103, PTH118, PTH123  (pathlib costs several ms to import)

from __future__ import annotations

import os
import sys

from saltern.cli import exitcodes
from saltern.cli.options import PROGRAMS, make_parser
from saltern.errors import Conflict, PermissionRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXAMPLES = ("saltern shims ~/saltern-bin", 'PATH=~/saltern-bin:$PATH salt "*" test.ping')
_MARK = "# Written by `saltern shims`."
_LONGEST_SHEBANG = 127
"""Bytes that Linux reads of a script's first line."""
_SCRIPT = """{first_line}
{mark}
import sys

from saltern.cli.main import run

run([{command!r}, *sys.argv[1:]])
"""


def main(argv: Sequence[str]) -> int:
    """Run the command; 73 when a file is there already that is not one of these."""
    parser = make_parser(
        "shims",
        f"Writes {', '.join(PROGRAMS)}, which take Salt's command lines, into a directory.",
        usage="[options] DIR",
        examples=_EXAMPLES,
    )
    parser.add_argument("directory", metavar="DIR", help="where to put them; it is made if it is not there")
    parser.add_argument("--force", action="store_true", help="replace programs of the same names")
    options = parser.parse(argv)
    directory = os.path.abspath(options.directory)
    try:
        os.makedirs(directory, exist_ok=True)
        written = _write_all(directory, replace=options.force)
    except OSError as error:
        raise PermissionRefused(f"{error.filename}: {error.strerror}") from error
    print("\n".join(written))
    if directory not in os.environ.get("PATH", "").split(os.pathsep):
        sys.stderr.write(f'saltern: put them first on the path: export PATH="{directory}:$PATH"\n')
    return exitcodes.OK


def _write_all(directory: str, *, replace: bool) -> list[str]:
    paths = {os.path.join(directory, program): command for program, command in PROGRAMS.items()}
    foreign = [path for path in paths if not replace and not _is_ours(path)]
    if foreign:
        raise Conflict(f"{foreign[0]} is there already", hint="--force replaces it.")
    for path, command in paths.items():
        _write(path, _SCRIPT.format(first_line=_first_line(), mark=_MARK, command=command))
    return list(paths)


def _is_ours(path: str) -> bool:
    """Whether nothing is lost when the file is written."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return _MARK in file.read(4096)
    except FileNotFoundError:
        return True


def _write(path: str, text: str) -> None:
    """In one step, and never through a link: `salt` may be one to a program of Salt's."""
    part = f"{path}.part"
    with open(part, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(part, 0o755)  # noqa: S103  (a program that all may run)
    os.replace(part, path)  # noqa: PTH105


def _first_line() -> str:
    """A line that makes the kernel run this Python; by way of sh where a path does not fit into one."""
    python = sys.executable
    if " " not in python and len(os.fsencode(python)) + 2 <= _LONGEST_SHEBANG:
        return f"#!{python}"
    return f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''"
