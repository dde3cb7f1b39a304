"""`saltern match`: which minions of a table some target expressions mean, without a master.

It shows how an expression is read before it is used, and checks matching against recorded cases.

The table is `{"nodegroups": {name: expression or list of words}, "minions": [{"id", "grains", "pillar"}, ...]}`, the
expressions are a list of `{"name", "tgt", "tgt_type", "delimiter"}`, both JSON. Printed is `{name: [id, ...]}`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from saltern.builtin.outputters import render
from saltern.cli import exitcodes
from saltern.cli.options import Parser, make_parser
from saltern.errors import ArgumentError
from saltern.model.target import MinionData, Target
from saltern.targeting.compile import compile_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_EXAMPLES = (
    "saltern match --minions fleet.json --expr-file targets.json --out json",
    "saltern match --minions fleet.json --expr-file targets.json --strict",
)


def build_parser() -> Parser:
    parser = make_parser(
        "match",
        "Says which minions of a table are meant by target expressions.",
        usage="--minions FILE --expr-file FILE [options]",
        examples=_EXAMPLES,
    )
    parser.add_argument("--minions", metavar="FILE", type=Path, required=True, help="nodegroups and minions, JSON")
    parser.add_argument("--expr-file", metavar="FILE", type=Path, required=True, help="the expressions, JSON")
    parser.add_argument("--strict", action="store_true", help="stop at an expression that cannot be read")
    parser.add_argument("--out", metavar="FORMAT", default="nested", help="nested, json, yaml, ...")
    return parser


def main(argv: Sequence[str]) -> int:
    """Run the command; 64 for files that do not hold what they should."""
    options = build_parser().parse(argv)
    table, expressions = _read(options.minions), _read(options.expr_file)
    try:
        matches = _matches(table, expressions, strict=options.strict)
    except (KeyError, TypeError, AttributeError) as error:
        raise ArgumentError(f"the minions or the expressions lack something: {error!r}") from error
    print(render(options.out, matches, {}))
    return exitcodes.OK


def _matches(table: dict[str, Any], expressions: list[dict[str, Any]], *, strict: bool) -> dict[str, list[str]]:
    minions = [
        MinionData(id=minion["id"], grains=minion.get("grains", {}), pillar=minion.get("pillar", {}))
        for minion in table["minions"]
    ]
    found = {}
    for expression in expressions:
        matches = compile_target(_target(expression), table.get("nodegroups", {}), strict=strict)
        found[expression["name"]] = [minion.id for minion in minions if matches(minion)]
    return found


def _target(expression: dict[str, Any]) -> Target:
    tgt = expression["tgt"]
    return Target(
        expr=tgt if isinstance(tgt, str) else tuple(tgt),
        kind=expression.get("tgt_type", "glob"),
        delimiter=expression.get("delimiter") or ":",
    )


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{path} cannot be read: {error}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
