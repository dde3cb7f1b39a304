"""Counting, rows and the progress line."""

from __future__ import annotations

import io

import pytest

from saltern.cli.live import LiveLines
from saltern.cli.progress import ProgressLine
from saltern.cli.tally import Tally
from saltern.cli.words import split_compound


def test_counts_always_sum_to_the_target() -> None:
    tally = Tally(["m1", "m2", "m3", "m4"], away=["m4"], missing=["ghost"])
    for minion, state in [("m1", "sent"), ("m1", "running"), ("m2", "returned"), ("m1", "failed"), ("m4", "queued")]:
        tally.note(minion, state)

    assert tally.text() == "1 returned, 1 failed, 1 waiting, 1 not connected, 1 without a key of 5"
    assert tally.without_return() == ["ghost", "m3", "m4"]


def test_a_minion_that_comes_back_is_no_longer_away() -> None:
    tally = Tally(["m1"], away=["m1"])

    tally.note("m1", "sent")

    assert tally.text() == "1 running of 1"


def test_the_progress_line_is_drawn_ten_times_a_second_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    now = [10.0]
    line = ProgressLine(wanted=True, clock=lambda: now[0])

    for number in range(5):
        line.draw(lambda number=number: f"{number} done")
        now[0] += 0.06
    line.clear()
    line.clear()

    assert capsys.readouterr().err == "".join(f"\r\x1b[2K{text}" for text in ("0 done", "2 done", "4 done", ""))


def test_the_progress_line_stays_out_of_pipes(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine()

    line.draw(lambda: "text")
    line.clear()

    assert capsys.readouterr().err == ""


def test_live_lines_of_streams_do_not_mix() -> None:
    out = io.StringIO()
    lines = LiveLines(out)

    lines.show("m1", "stdout", b"a")
    lines.show("m2", "stdout", b"b\n")
    lines.show("m1", "stderr", b"c\n")
    lines.show("", "missed", b"", 7)
    lines.show("m1", "stdout", "\N{EURO SIGN}".encode()[:1])
    lines.show("m1", "stdout", "\N{EURO SIGN}".encode()[1:] + b"\x07")
    lines.end("m1")
    lines.end("m1")

    assert out.getvalue().splitlines() == [
        "m2: b",
        "m1: c",
        "(7 pieces of output came too fast and are not shown)",
        "m1: a\N{EURO SIGN}",
    ]


@pytest.mark.behaviour("JOB-15")
@pytest.mark.parametrize(
    ("fun", "words", "separator", "expected"),
    [
        ("a.b", ["x,", ","], ",", ("a.b", [["x,", ","]])),
        ("a.b,c.d", ["x", ",", "y", "z"], ",", (["a.b", "c.d"], [["x"], ["y", "z"]])),
        ("a.b,c.d,e.f", ["x", ",", ",", "y"], ",", (["a.b", "c.d", "e.f"], [["x"], [], ["y"]])),
        ("a.b,c.d,e.f", ["cat x,,foo"], ",", (["a.b", "c.d", "e.f"], [["cat x"], [], ["foo"]])),
        ("a.b,c.d", ["x,y", "--", "z"], "--", (["a.b", "c.d"], [["x,y"], ["z"]])),
        ("a.b,c.d", [], ",", (["a.b", "c.d"], [[], []])),
    ],
)
def test_words_are_shared_out_to_functions(fun: str, words: list[str], separator: str, expected: tuple) -> None:
    assert split_compound(fun, words, separator) == expected
