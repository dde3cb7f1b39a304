"""`saltern output OUTPUTTER`: shows data of a file by an outputter, as another command would have shown it.

The file is JSON: what would be shown, or `{"_each": [...]}` for several things one after the other.
"""

from __future__ import annotations

import json
import sys

from saltern.builtin.outputters import render
from saltern.cli import exitcodes
from saltern.cli.options import Parser, make_parser
from saltern.errors import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_EXAMPLES = (
    'saltern output highstate --file result.json --opts \'{"state_output": "terse"}\'',
    "saltern call --local state.apply --out json | saltern output highstate",
)


def build_parser() -> Parser:
    parser = make_parser(
        "output", "Shows data of a file by an outputter.", usage="OUTPUTTER [--file FILE] [options]", examples=_EXAMPLES
    )
    parser.add_argument("outputter", metavar="OUTPUTTER", help="nested, highstate, json, yaml, table, ...")
    parser.add_argument("--file", metavar="FILE", default="-", help="the data, JSON; standard input if not given")
    parser.add_argument("--opts", metavar="JSON", default="{}", help="options such as state_output or output_indent")
    return parser


def main(argv: Sequence[str]) -> int:
    """Run the command; 64 for data or options that are not JSON."""
    options = build_parser().parse(argv)
    opts = _parsed(options.opts, "--opts")
    if not isinstance(opts, dict):
        raise ArgumentError("--opts must be a JSON object", hint='such as {"state_output": "terse"}')
    opts = {"color": sys.stdout.isatty(), **opts}
    data = _parsed(_text(options.file), options.file)
    for part in data["_each"] if isinstance(data, dict) and list(data) == ["_each"] else [data]:
        text = render(options.outputter, part, opts)
        if text:
            print(text)
    return exitcodes.OK


def _text(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        with open(name, encoding="utf-8") as file:  # noqa: PTH123  (pathlib is slow to import)
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(f"{name} cannot be read: {error}") from error


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ArgumentError(f"{place} is not JSON: {error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
