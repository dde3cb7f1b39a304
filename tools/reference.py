"""Writes docs/reference from the code; `--check` says which pages have drifted from it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pages import commands, configuration, errors, events, functions, wire

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
PAGES = {
    "commands": commands.page,
    "configuration": configuration.page,
    "errors": errors.page,
    "events": events.page,
    "functions": functions.page,
    "wire": wire.page,
}
_MADE = "<!-- Made from the code by tools/reference.py. -->\n\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes docs/reference from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page differs from the code")
    check = parser.parse_args().check
    pages = {FOLDER / f"{name}.md": _MADE + page().rstrip("\n") + "\n" for name, page in PAGES.items()}
    drifted = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    gaps = [*commands.absent(), *events.absent()]
    for gap in gaps:
        print(f"{gap} is missing: the reference has nothing to say of it", file=sys.stderr)
    if not check:
        for path in drifted:
            path.write_text(pages[path], encoding="utf-8")
        return 0
    for path in drifted:
        print(f"{path.name} differs from the code: run `make reference`", file=sys.stderr)
    return 1 if drifted or gaps else 0


if __name__ == "__main__":
    raise SystemExit(main())
