"""The options `state_...` that say how results of states are shown (behaviour HSO-03)."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from saltern.builtin.outputters.highstate.results import Result
    from saltern.plugin_api import Opts

_MODES = ("full", "terse", "mixed", "changes", "filter")


class StateOptions(NamedTuple):
    """`mode` is one of full, terse, mixed, changes and filter.

    `exclude` and `terse` are the results (`True`, `False`, `None`) that `filter` hides and shortens. `tabular` is a
    format of `str.format` for a line: colour, name, module, function, result, end of colour, and the whole result.
    """

    mode: str
    by_id: bool
    verbose: bool
    profile: bool
    percent: bool
    tabular: bool | str
    compress_ids: bool
    exclude: tuple[str, ...]
    terse: tuple[str, ...]

    @classmethod
    def of(cls, opts: Opts) -> StateOptions:
        wanted = str(opts.get("state_output", "full")).lower()
        mode = wanted.removesuffix("_id").split(",")[0]
        return cls(
            mode=mode if mode in _MODES else "full",
            by_id=wanted.endswith("_id"),
            verbose=bool(opts.get("state_verbose", True)) and not opts.get("state_output_diff", False),
            profile=bool(opts.get("state_output_profile", True)),
            percent=bool(opts.get("state_output_pct", False)),
            tabular=opts.get("state_tabular", False),
            compress_ids=bool(opts.get("state_compress_ids", False)),
            exclude=_names(opts.get("state_output_exclude")),
            terse=_names(opts.get("state_output_terse")),
        )

    def form_of(self, result: Result) -> str:
        """`full`, `terse` or `hidden`."""
        if not self.verbose and result.result and not result.changed:
            return "hidden"
        if self.mode == "filter":
            return self._filtered(str(result.result))
        if self.mode == "mixed":
            return "full" if result.result is False else "terse"
        if self.mode == "changes":
            return "terse" if result.result and not result.changed else "full"
        return self.mode

    def _filtered(self, result: str) -> str:
        if result in self.terse:
            return "terse"
        return "hidden" if result in self.exclude else "full"


def _names(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    items = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else (value,)
    return tuple(str(item).strip() for item in items)
