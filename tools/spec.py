"""Prints which behaviours of docs/behaviours.tsv are proven by a test, for each system.

`python tools/spec.py` prints the table, `--missing SYSTEM` (JOB, MJC, …) what is open in one system and what proves
the rest.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
PRIORITIES = ("must", "should", "could")
_DIFFERENCE = re.compile(r"^- ((?:[A-Z]+-\d+b?)(?:, [A-Z]+-\d+b?)*): \S", re.MULTILINE)


class Behaviour(msgspec.Struct, frozen=True):
    """One row of docs/behaviours.tsv."""

    id: str
    priority: str
    system: str
    title: str

    @property
    def prefix(self) -> str:
        return self.id.partition("-")[0]


def behaviours() -> list[Behaviour]:
    rows = (ROOT / "docs" / "behaviours.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [Behaviour(*row.split("\t")) for row in rows]


def proofs(tests: Path) -> dict[str, list[str]]:
    """Behaviour id to the test files that name it: in a `pytest.mark.behaviour` (on a test, a class, a module), or as a
    key of `PROVES`, the table of a test whose marks are made from it."""
    found: dict[str, list[str]] = {}
    for path in sorted(tests.rglob("test_*.py")):
        for named in sorted(set(_marked(ast.parse(path.read_text(encoding="utf-8"))))):
            found.setdefault(named, []).append(str(path.relative_to(tests)))
    return found


def _marked(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "behaviour":
            yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and _names(node) == ["PROVES"]:
            yield from (str(one.value) for one in node.value.keys if isinstance(one, ast.Constant))


def _names(node: ast.Assign) -> list[str]:
    return [target.id for target in node.targets if isinstance(target, ast.Name)]


def differences(page: Path) -> set[str]:
    """The ids of the entries `- JOB-03: reason` of a page."""
    entries = _DIFFERENCE.findall(page.read_text(encoding="utf-8"))
    return {named for entry in entries for named in entry.split(", ")}


def table(known: list[Behaviour], proven: Mapping[str, list[str]], different: set[str]) -> str:
    """The systems with their counts, in the order of the list."""
    systems = list(dict.fromkeys((one.prefix, one.system) for one in known))
    lines = [f"{'system':38} {'must':>9} {'should':>9} {'could':>9}  proven  different  missing"]
    for prefix, name in systems:
        lines.append(_line(f"{prefix:5}{name}", [one for one in known if one.prefix == prefix], proven, different))
    return "\n".join([*lines, _line("total", known, proven, different)])


def _line(title: str, rows: list[Behaviour], proven: Mapping[str, list[str]], different: set[str]) -> str:
    cells = []
    for priority in PRIORITIES:
        ids = [one.id for one in rows if one.priority == priority]
        done = sum(1 for one in ids if one in proven or one in different)
        cells.append(f"{done}/{len(ids)}".rjust(9) if ids else " " * 9)
    ids = [one.id for one in rows]
    counts = (
        sum(1 for one in ids if one in proven),
        sum(1 for one in ids if one in different and one not in proven),
        sum(1 for one in ids if one not in different and one not in proven),
    )
    return f"{title[:38]:38} {' '.join(cells)}  {counts[0]:6}  {counts[1]:9}  {counts[2]:7}"


def missing(prefix: str, known: list[Behaviour], proven: Mapping[str, list[str]], different: set[str]) -> str:
    """Each behaviour of one system with what proves it."""
    lines = []
    for one in known:
        if one.prefix == prefix:
            status = ", ".join(proven.get(one.id, [])) or ("different" if one.id in different else "MISSING")
            lines.append(f"{one.id:8} {one.priority:6}  {one.title[:60]:60}  {status}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Shows which behaviours are proven by a test.")
    parser.add_argument("--missing", metavar="SYSTEM", help="list one system: JOB, MJC, KEY, ...")
    options = parser.parse_args()
    known, proven = behaviours(), proofs(ROOT / "tests")
    different = differences(ROOT / "docs" / "differences.md")
    unknown = sorted({*proven, *different} - {one.id for one in known})
    if options.missing:
        print(missing(options.missing, known, proven, different))
    else:
        print(table(known, proven, different))
    if unknown:
        print(f"\nunknown ids: {', '.join(unknown)}")
    return 1 if unknown else 0


if __name__ == "__main__":
    raise SystemExit(main())
