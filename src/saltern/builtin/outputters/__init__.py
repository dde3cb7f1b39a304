"""The shipped outputters: each makes a text of data, `output(data, **kwargs) -> str`.

`__opts__` says how: `color`, `color_theme`, `strip_colors`, `output_indent`, and `state_...` for the results of states.
A command prints one thing and ends, so only the module of the outputter that is asked for is imported.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from saltern.plugin_api import Opts

MODULES = {
    "highstate": "highstate",
    "json": "json_out",
    "key": "key",
    "nested": "nested",
    "newline_values_only": "newline_values_only",
    "no_return": "no_return",
    "pprint": "pprint_out",
    "quiet": "quiet",
    "raw": "raw",
    "table": "table_out",
    "text": "txt",
    "txt": "txt",
    "yaml": "yaml_out",
}
"""Name of an outputter to its module."""


def load(name: str, opts: Opts) -> ModuleType | None:
    """The module of a shipped outputter with its options injected; None when there is none of that name."""
    if name not in MODULES:
        return None
    import importlib

    module = importlib.import_module(f"{__name__}.{MODULES[name]}")
    module.__dict__["__opts__"] = opts
    return module


def render(name: str, data: Any, opts: Opts, **kwargs: Any) -> str:
    """Data as the text of an outputter (behaviour OUT-05).

    An unknown outputter is replaced by `nested`, and so is one that cannot cope with the data.
    """
    module = load(name, opts)
    if module is None:
        _log(f"there is no outputter {name!r}, nested is used")
        return render("nested", data, opts, **kwargs)
    try:
        text: str = module.output(data, **kwargs)
    except Exception as error:
        # The boundary of a plugin: what it was to show must be shown.
        _log(f"the outputter {name} cannot show this data: {type(error).__name__}: {error}")
        return _last_resort(data) if name == "nested" else render("nested", data, opts, **kwargs)
    return text


def _last_resort(data: Any) -> str:
    from pprint import pformat

    try:
        return pformat(data)
    except RecursionError:
        return "(this data is nested too deeply to be shown)"


def _log(message: str) -> None:
    import logging

    logging.getLogger(__name__).info(message)
