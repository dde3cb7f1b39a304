"""`make bench`: prints each figure with its spread, processor time and budget, and keeps them in .bench/.

    python -m bench [--minions 1000,5000,10000] [--only WORD] [--runs N] [--stores NAMES]

The master of a fleet is bound to one processor and its simulated minions to another where there are two. Where a Salt
has been set up by `make bench-salt`, it is measured in the same run and printed beside ours. Outages of databases are
measured with `--only outage` alone: they take three quarters of an hour.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))

from bench import exports, fleet, one, outage, returners, salt_peer
from bench.measure import Figure, calibration
from bench.report import Report

_SPARE_FILES = 500
_LONG = ("outage", "returners")
"""Measured only when they are asked for by their name."""


def main() -> int:
    options = _options()
    report = Report()
    report.add(calibration())
    for name, bench in _benches(options):
        if options.only in name if name not in _LONG else options.only == name:
            for figures in bench():
                report.add(figures)
    salt = salt_peer.ready()
    if salt and not options.only:
        report.compare("Salt", salt_peer.figures(salt, options.runs))
    print(f"\nkept in {report.keep()}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--minions", type=_sizes, default=_sizes("1000,5000,10000"), help="sizes of the fleet")
    parser.add_argument("--only", default="", help="one of: one, ack, exports, returners, outage, fleet; without Salt")
    parser.add_argument("--stores", default="pgjsonb,mysql,redis", help="what `outage` puts through faults")
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    """The sizes in ascending order, as far as file descriptors allow: each connection takes one on either side."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return [size for size in sorted({int(word) for word in text.split(",")}) if size + _SPARE_FILES <= hard]


def _benches(options: argparse.Namespace) -> list[tuple[str, Callable[[], Iterable[list[Figure]]]]]:
    def once(bench: Callable[[int], list[Figure]]) -> Callable[[], Iterator[list[Figure]]]:
        return lambda: iter([bench(options.runs)])

    return [
        ("one", once(one.one_minion)),
        ("ack", once(fleet.acknowledged)),
        ("exports", once(exports.outage)),
        ("returners", lambda: returners.rates(options.runs)),
        ("outage", lambda: outage.outages(options.stores.split(","), options.runs)),
        ("fleet", lambda: fleet.fleets(options.minions, options.runs)),
    ]


if __name__ == "__main__":
    sys.exit(main())
