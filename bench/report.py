"""The report: rows as they are measured, then ours beside the peer's."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path

from bench.measure import Figure

RESULTS = Path(__file__).parent.parent / ".bench"


class Report:
    """Prints each figure when it is there; `keep` writes them all as JSON."""

    def __init__(self) -> None:
        self.ours: list[Figure] = []
        self.peers: list[Figure] = []
        print(f"{machine()}\n{_HEAD}", flush=True)

    def add(self, figures: Iterable[Figure]) -> None:
        for figure in figures:
            print(_row(figure), flush=True)
            self.ours.append(figure)

    def compare(self, peer: str, figures: list[Figure]) -> None:
        """Print a peer's figures beside those of ours that have the same key."""
        theirs = {figure.key: figure for figure in figures}
        self.peers += figures
        print(f"\n{'':<58} {'saltern':>10} {peer:>12} {'unit':<10} times better")
        for figure in self.ours:
            if figure.key in theirs:
                print(_comparison(figure, theirs[figure.key]), flush=True)

    def keep(self) -> Path:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
        kept = {"machine": machine(), "saltern": [figure.data() for figure in self.ours],
                "salt": [figure.data() for figure in self.peers]}  # fmt: skip
        path.write_text(json.dumps(kept, indent=1) + "\n")
        return path


def machine() -> str:
    load = os.getloadavg()[0]
    return f"{platform.platform()}, Python {platform.python_version()}, load before the start {load:.2f}"


_HEAD = f"{'':<58} {'median':>10} {'unit':<10} {'lowest .. highest':<22} {'cpu us':>8} {'budget':>8}"


def _row(figure: Figure) -> str:
    spread = f"{min(figure.values):.4g} .. {max(figure.values):.4g}" if len(figure.values) > 1 else ""
    cpu = f"{figure.cpu_median:.0f}" if figure.cpu_median is not None else ""
    budget = f"{figure.budget:.4g}" if figure.budget is not None else ""
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    row = f"{figure.what:<58} {figure.median:>10.4g} {figure.unit:<10} {spread:<22} {cpu:>8} {budget:>8} {verdict:<6}"
    return f"{row} {figure.note}".rstrip()


def _comparison(ours: Figure, theirs: Figure) -> str:
    ratio = f"{ours.times_better_than(theirs):.1f}"
    row = f"{ours.what:<58} {ours.median:>10.4g} {theirs.median:>12.4g} {ours.unit:<10} {ratio:>12}  {theirs.note}"
    return row.rstrip()
