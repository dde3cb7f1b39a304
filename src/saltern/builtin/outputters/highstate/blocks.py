"""One state's result as a block of lines, as one line, or as a row of columns (behaviour HSO-01)."""

from __future__ import annotations

from saltern.plugin_api.indented import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from saltern.builtin.colours import Palette
    from saltern.builtin.outputters.highstate.options import StateOptions
    from saltern.builtin.outputters.highstate.results import Result

_MARGIN = 14
"""The column where values start."""
_WIDTH = 80


class Blocks:
    """Shows results; `inner` makes the text of states that were run on other minions."""

    def __init__(self, options: StateOptions, palette: Palette, inner: Callable[[Any], str]) -> None:
        self._options = options
        self._palette = palette
        self._inner = inner

    def full(self, result: Result) -> Iterator[str]:
        """The block of a state."""
        paint, colour = self._palette.paint, result.colour
        yield paint(colour, "-" * 10)
        for label, value in self._fields(result):
            yield f"    {paint(colour, f'{label:>8}: {self._palette.clean(str(value))}')}"
        yield paint(colour, f"     Changes:   {self._changes(result)}")
        if result.warnings is not None:
            yield "   " + paint("LIGHT_RED", f" Warnings: {self._wrapped(result.warnings)}")

    def terse(self, result: Result) -> str:
        """The line of a state, with its warnings in front."""
        warnings = ""
        if result.warnings:
            text = self._palette.clean("\n".join(["Warnings:", *map(str, result.warnings)]))
            warnings = self._palette.paint("LIGHT_RED", text) + ("\n" if self._options.tabular is True else "")
        if isinstance(self._options.tabular, str):
            return self._formatted(result, self._options.tabular)
        if self._options.tabular:
            return warnings + self._palette.paint(result.colour, self._palette.clean(self._row(result)))
        return f"{warnings} {self._palette.paint(result.colour, self._palette.clean(self._line(result)))}"

    def _fields(self, result: Result) -> Iterator[tuple[str, Any]]:
        data = result.data
        yield "ID", result.id if result.states == 1 else f"{result.id} ({result.states})"
        yield "Function", f"{result.module}.{result.function}"
        if result.name != result.id and not self._options.by_id:
            yield "Name", result.name
        yield "Result", result.result
        yield "Comment", f"\n{' ' * _MARGIN}".join(str(data["comment"]).strip().splitlines())
        if self._options.profile and "start_time" in data:
            yield "Started", data["start_time"]
            yield "Duration", _duration(data)

    def _changes(self, result: Result) -> str:
        changes = result.changes
        if not changes:
            return ""
        if not isinstance(changes, dict):
            return self._palette.clean(f"Invalid Changes data: {changes}")
        if changes.get("out") == "highstate" and isinstance(changes.get("ret"), dict):
            text = self._inner(changes["ret"])
            return "\n" + "\n".join(" " * _MARGIN + line for line in text.splitlines())
        return "\n" + tree(changes, self._palette, indent=_MARGIN)

    def _wrapped(self, warnings: list[str]) -> str:
        from textwrap import fill

        margin = " " * _MARGIN
        text = self._palette.clean(" ".join(map(str, warnings)))
        return fill(text, _WIDTH, initial_indent=margin, subsequent_indent=margin).lstrip()

    def _line(self, result: Result) -> str:
        parts = [
            f" Name: {self._title(result)}",
            f"Function: {result.module}.{result.function}",
            f"Result: {_outcome(result)}",
        ]
        if self._options.profile and "start_time" in result.data:
            parts += [f"Started: {result.data['start_time']}", f"Duration: {_duration(result.data)}"]
        return " - ".join(parts)

    def _row(self, result: Result) -> str:
        data = result.data
        times = ""
        if self._options.profile and "start_time" in data:
            times = f"{data['start_time']} [{data.get('duration', '')!s:>7} ms] "
        return f"{times}{result.module:>10}.{result.function:<10} {_outcome(result):<7}   Name: {self._title(result)}"

    def _formatted(self, result: Result, template: str) -> str:
        clean = self._palette.clean
        start, end = self._palette.start(result.colour), self._palette.end
        texts = map(clean, (self._title(result), result.module, result.function, _outcome(result)))
        data = {key: clean(value) if isinstance(value, str) else value for key, value in result.data.items()}
        return template.format(start, *texts, end, data)

    def _title(self, result: Result) -> str:
        return result.id if self._options.by_id else result.name


def _duration(data: dict[str, Any]) -> str:
    return f"{data['duration']} ms" if "duration" in data else ""


def _outcome(result: Result) -> str:
    if result.result is None:
        return "Differs"
    if not result.result:
        return "Failed"
    return "Changed" if result.changed else "Clean"
