"""The summary below the results of states (behaviour HSO-02)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from saltern.builtin.colours import Palette
    from saltern.builtin.outputters.highstate.options import StateOptions
    from saltern.builtin.outputters.highstate.results import StateRun

_NARROWEST = 11
"""Columns of the lines without the digits of the number of states."""
_BELOW = 11
"""How much further right the numbers below the second line end."""


def summary(name: str, run: StateRun, warned: int, options: StateOptions, palette: Palette) -> Iterator[str]:
    """The lines of the summary; `warned` is how many of the states that are shown have warnings."""
    results = run.results
    total = len(results)
    width = _NARROWEST + (len(str(total)) if total else 0)
    paint, rule = palette.paint, "-" * width
    failed = sum(1 for result in results if not result.result and result.result is not None)
    succeeded = total - failed

    yield paint("CYAN", f"\nSummary for {name}\n{rule}")
    yield paint("GREEN", _labelled("Succeeded:", str(succeeded), width)) + _details(run, palette)
    yield paint("RED" if failed else "CYAN", _labelled("Failed:", str(failed), width))
    if options.percent and total:
        yield paint("GREEN", f"Success %: {round(succeeded / total * 100, 2)}")
        yield paint("RED" if failed else "CYAN", f"Failure %: {round(failed / total * 100, 2)}")
    if warned:
        yield paint("LIGHT_RED", _labelled("Warnings:", str(warned), width))
    yield paint("CYAN", f"{rule}\n{_labelled('Total states run:', str(total), width + _BELOW)}")
    if options.profile:
        yield paint("CYAN", _run_time(run.milliseconds, width + _BELOW))


def _details(run: StateRun, palette: Palette) -> str:
    unchanged = sum(1 for result in run.results if result.result is None)
    changed = sum(1 for result in run.results if result.changed)
    parts = []
    if unchanged:
        parts.append(palette.paint("LIGHT_YELLOW", f"unchanged={unchanged}"))
    if changed:
        parts.append(palette.paint("GREEN", f"changed={changed}"))
    return f" ({', '.join(parts)})" if parts else ""


def _run_time(milliseconds: float, width: int) -> str:
    number, unit = (milliseconds / 1000, "s") if milliseconds > 999 else (milliseconds, "ms")
    return f"{_labelled('Total run time:', f'{number:.3f}', width)} {unit}"


def _labelled(label: str, number: str, width: int) -> str:
    """A label at the left and a number that ends at the column `width`."""
    return f"{label} {number:>{max(0, width - len(label) - 1)}}"
