"""Results of states, a block or a line for each, and a summary (behaviours HSO-01 to HSO-04)."""

from __future__ import annotations

from saltern.builtin.colours import Palette
from saltern.builtin.outputters.highstate.blocks import Blocks
from saltern.builtin.outputters.highstate.options import StateOptions
from saltern.builtin.outputters.highstate.results import StateRun, read_run
from saltern.builtin.outputters.highstate.summary import summary
from saltern.plugin_api.indented import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from saltern.plugin_api import Opts

__opts__: Opts = {}


def output(data: Any, **_kwargs: Any) -> str:
    """What each minion has to say: its states, the errors that kept them from running, or a plain text.

    Data is `{minion: return}`, or that in the envelope of a runner, `{"outputter": ..., "data": ...}`. `TypeError` for
    what is not the result of states.
    """
    return _Report(StateOptions.of(__opts__), Palette(__opts__)).text(data)


class _Report:
    def __init__(self, options: StateOptions, palette: Palette) -> None:
        self._options = options
        self._palette = palette
        self._blocks = Blocks(options, palette, self.text)

    def text(self, data: Any) -> str:
        if isinstance(data, dict) and "outputter" in data and isinstance(data.get("data"), dict):
            data = data["data"]
        if not isinstance(data, dict):
            return tree(data, self._palette)
        return "\n".join(
            line for name, value in data.items() for line in self._minion(self._palette.clean(str(name)), value)
        )

    def _minion(self, name: str, value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from self._states(name, read_run(value))
        elif isinstance(value, list | tuple):
            yield from self._errors(name, [str(error) for error in value])
        else:
            yield self._palette.paint("CYAN", f"{name}:")
            lines = [] if value is None else self._palette.clean(str(value)).splitlines()
            yield from (self._palette.paint("GREEN", f"    {line}") for line in lines)

    def _errors(self, name: str, errors: list[str]) -> Iterator[str]:
        paint = self._palette.paint
        yield paint("LIGHT_RED", f"{name}:")
        yield f"    {paint('LIGHT_RED', 'Data failed to compile:')}"
        for error in errors:
            yield paint("LIGHT_RED", f"{'-' * 10}\n    {self._palette.clean(error)}")

    def _states(self, name: str, run: StateRun) -> Iterator[str]:
        yield self._palette.paint(run.colour, f"{name}:")
        warned = 0
        for result in run.compressed() if self._options.compress_ids else run.results:
            form = self._options.form_of(result)
            if form == "full":
                warned += result.warnings is not None
                yield from self._blocks.full(result)
            elif form == "terse":
                yield self._blocks.terse(result)
        yield from summary(name, run, warned, self._options, self._palette)
