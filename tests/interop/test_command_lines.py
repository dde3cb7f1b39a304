"""Salt's command lines give the same documents and exit codes, or docs/differences.md says why not: `make interop`."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.salt_peer import ready
from peers import Line, RealSalt, Shims, essence, lines

DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.md"
HEADING = "## Command lines side by side"
LINES = lines()
pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]


def explained() -> dict[str, str]:
    """The command lines that differences.md tells of, each with its reason."""
    section = DIFFERENCES.read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
    return {
        line: " ".join(reason.split()) for line, reason in re.findall(r"^- `(.+?)`: ((?:.|\n(?!- ))+)", section, re.M)
    }


@pytest.fixture(scope="module")
def peers() -> Iterator[tuple[RealSalt, Shims]]:
    salt = ready()
    assert salt is not None, "there is no Salt: `make interop` sets one up"
    with (
        tempfile.TemporaryDirectory(prefix="si-") as one,
        tempfile.TemporaryDirectory(prefix="si-") as other,
        RealSalt(Path(one), salt) as real,
        Shims(Path(other)) as shims,
    ):
        for peer in (real, shims):
            peer.give_key("new1")
        yield real, shims


stopped: set[str] = set()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.line)
def test_a_command_line_answers_as_salt_does(line: Line, peers: tuple[RealSalt, Shims]) -> None:
    for minion in set(line.away) - stopped:
        stopped.add(minion)
        for peer in peers:
            peer.stop(minion)
    real, ours = (peer.run(line.line) for peer in peers)
    reason = explained().get(line.line)

    if reason:
        assert essence(line, ours) != essence(line, real), f"they are alike, and differences.md says: {reason}"
    else:
        assert essence(line, ours) == essence(line, real), f"\nours: {ours}\nSalt: {real}"


def test_every_explained_line_is_run() -> None:
    assert set(explained()) <= {line.line for line in LINES}


def test_there_are_enough_lines() -> None:
    assert len(LINES) >= 60
